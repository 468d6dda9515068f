//! What each page shows. Names that others have chosen come through [`super::visible`].

use askama::Template;

use super::texts::{Message, Texts};
use super::{Brand, ShownScope};

/// What all pages have.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The issuer's host.
    pub host: &'a str,
    /// The words.
    pub text: &'static Texts,
    /// Whose pages they are.
    pub brand: &'a Brand,
}

/// Username and password.
#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginPage<'a> {
    /// What all pages have.
    pub frame: &'a Frame<'a>,
    /// What the login is for.
    pub purpose: LoginPurpose,
    /// Who is signed in already.
    pub signed_in: Option<&'a str>,
    /// What went wrong with the attempt before.
    pub problem: Option<&'a str>,
    /// What is in the username field already.
    pub username: &'a str,
    /// The sealed flow.
    pub flow: &'a str,
    /// The form's token.
    pub csrf: &'a str,
}

/// What a login is for.
pub enum LoginPurpose {
    /// An application of this name.
    Application(String),
    /// Connecting a device.
    Device,
    /// Looking at the account.
    Account,
}

/// What an application may do.
#[derive(Template)]
#[template(path = "consent.html")]
pub struct ConsentPage<'a> {
    /// What all pages have.
    pub frame: &'a Frame<'a>,
    /// What the client calls itself.
    pub client_name: &'a str,
    /// Its id.
    pub client_id: &'a str,
    /// Whether nobody but the client itself says what it is.
    pub unchecked: bool,
    /// The host of the document that says what it is.
    pub vouching_host: Option<&'a str>,
    /// Whether the answer goes to the machine that the browser is on.
    pub to_this_computer: bool,
    /// The user's name.
    pub account: &'a str,
    /// Where the answer goes.
    pub destination: &'a str,
    /// What it asks for.
    pub scopes: &'a [ShownScope],
    /// The sealed flow.
    pub flow: &'a str,
    /// The form's token.
    pub csrf: &'a str,
}

/// Something that went wrong.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage<'a> {
    /// What all pages have.
    pub frame: &'a Frame<'a>,
    /// In a few words.
    pub heading: &'a str,
    /// In a sentence.
    pub explanation: &'a str,
    /// What to do.
    pub advice: Option<&'a str>,
    /// What to tell whoever can help: the request's id.
    pub reference: Option<&'a str>,
}

/// An answer that the browser posts to the client (OAuth 2.0 Form Post Response Mode §2).
#[derive(Template)]
#[template(path = "form_post.html")]
pub struct FormPostPage<'a> {
    /// What all pages have.
    pub frame: &'a Frame<'a>,
    /// The client's redirect URI.
    pub action: &'a str,
    /// Names and values.
    pub fields: &'a [(&'static str, String)],
}

/// Where a browser would go on to, for its user to go there or not.
#[derive(Template)]
#[template(path = "leave.html")]
pub struct LeavePage<'a> {
    /// What all pages have.
    pub frame: &'a Frame<'a>,
    /// What has happened.
    pub message: Message,
    /// Whether it is what one came for.
    pub as_wished: bool,
    /// Where it goes: a host, or an application's own scheme.
    pub host: &'a str,
    /// How.
    pub way: WayOut<'a>,
    /// What to tell whoever can help: the request's id.
    pub reference: Option<&'a str>,
}

/// How a browser gets to a client.
pub enum WayOut<'a> {
    /// By a link.
    Link(&'a str),
    /// By a form that it posts (OAuth 2.0 Form Post Response Mode §2).
    Post {
        /// The client's redirect URI.
        action: &'a str,
        /// Names and values.
        fields: &'a [(&'static str, String)],
    },
}

/// The field for a user code (RFC 8628 §3.3).
#[derive(Template)]
#[template(path = "device_code.html")]
pub struct DeviceCodePage<'a> {
    /// What all pages have.
    pub frame: &'a Frame<'a>,
    /// What went wrong with the code before.
    pub problem: Option<&'a str>,
    /// What is in the field already.
    pub user_code: &'a str,
    /// The sealed flow.
    pub flow: &'a str,
    /// The form's token.
    pub csrf: &'a str,
}

/// What a device may do.
#[derive(Template)]
#[template(path = "device_confirm.html")]
pub struct DeviceConfirmPage<'a> {
    /// What all pages have.
    pub frame: &'a Frame<'a>,
    /// What the client calls itself.
    pub client_name: &'a str,
    /// Its id.
    pub client_id: &'a str,
    /// Whether nobody but the client itself says what it is.
    pub unchecked: bool,
    /// The user's name.
    pub account: &'a str,
    /// The code, for comparison with what the device shows (RFC 8628 §5.4).
    pub user_code: &'a str,
    /// What it asks for.
    pub scopes: &'a [ShownScope],
    /// The sealed flow.
    pub flow: &'a str,
    /// The form's token.
    pub csrf: &'a str,
}

/// Whether to log out.
#[derive(Template)]
#[template(path = "logout.html")]
pub struct LogoutPage<'a> {
    /// What all pages have.
    pub frame: &'a Frame<'a>,
    /// What the client that asks calls itself.
    pub client_name: Option<&'a str>,
    /// The user's name.
    pub account: &'a str,
    /// The sealed flow.
    pub flow: &'a str,
    /// The form's token.
    pub csrf: &'a str,
}

/// That something is done.
#[derive(Template)]
#[template(path = "message.html")]
pub struct MessagePage<'a> {
    /// What all pages have.
    pub frame: &'a Frame<'a>,
    /// In a few words.
    pub heading: &'a str,
    /// In a sentence.
    pub text: &'a str,
    /// Whether it is what one came for.
    pub as_wished: bool,
    /// Whether there is an account to go to.
    pub signed_in: bool,
}

/// Where somebody is signed in, and what has access to their account.
#[derive(Template)]
#[template(path = "account.html")]
pub struct AccountPage<'a> {
    /// What all pages have.
    pub frame: &'a Frame<'a>,
    /// The user's name.
    pub account: &'a str,
    /// What was done just now.
    pub done: Option<&'a str>,
    /// This browser's own, then the latest.
    pub sessions: &'a [ShownSession],
    /// Whether there are more.
    pub more_sessions: bool,
    /// By name.
    pub applications: &'a [ShownApplication],
    /// Whether there are more.
    pub more_applications: bool,
    /// Whether more can be shown.
    pub can_show_more: bool,
    /// The sealed flow.
    pub flow: &'a str,
    /// The form's token.
    pub csrf: &'a str,
}

impl AccountPage<'_> {
    /// Whether there is any session but this one.
    fn has_others(&self) -> bool {
        self.more_sessions || self.sessions.iter().any(|session| !session.is_this)
    }
}

/// A session as the account page shows it.
#[derive(Clone, Debug)]
pub struct ShownSession {
    /// What its button sends.
    pub id: String,
    /// Whether it is the browser that asks.
    pub is_this: bool,
    /// The browser, in words.
    pub browser: String,
    /// When it began, in words.
    pub began: String,
    /// When it was used last, in words.
    pub last_used: String,
}

/// An application as the account page shows it.
#[derive(Clone, Debug)]
pub struct ShownApplication {
    /// Its id.
    pub client_id: String,
    /// What it calls itself.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ShownScope>,
    /// Since when, in words; unknown where there is but a consent.
    pub since: Option<String>,
    /// When it was used last, in words.
    pub last_used: Option<String>,
}
