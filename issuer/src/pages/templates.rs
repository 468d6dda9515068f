//! What each page shows. Names that others have chosen come through [`super::visible`].

use askama::Template;

use super::ShownScope;

/// Username and password.
#[derive(Template)]
#[template(path = "login.html")]
pub struct LoginPage<'a> {
    /// The issuer's host.
    pub host: &'a str,
    /// What the login is for.
    pub purpose: LoginPurpose,
    /// What went wrong, or why there has to be a login.
    pub notice: Option<&'a str>,
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
}

/// What an application may do.
#[derive(Template)]
#[template(path = "consent.html")]
pub struct ConsentPage<'a> {
    /// The issuer's host.
    pub host: &'a str,
    /// What the client calls itself.
    pub client_name: &'a str,
    /// Its id.
    pub client_id: &'a str,
    /// Whether nobody but the client itself says what it is.
    pub unchecked: bool,
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
    /// The issuer's host.
    pub host: &'a str,
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
    /// The issuer's host.
    pub host: &'a str,
    /// The client's redirect URI.
    pub action: &'a str,
    /// Names and values.
    pub fields: &'a [(&'static str, String)],
}

/// The field for a user code (RFC 8628 §3.3).
#[derive(Template)]
#[template(path = "device_code.html")]
pub struct DeviceCodePage<'a> {
    /// The issuer's host.
    pub host: &'a str,
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
    /// The issuer's host.
    pub host: &'a str,
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
    /// The issuer's host.
    pub host: &'a str,
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
    /// The issuer's host.
    pub host: &'a str,
    /// In a few words.
    pub heading: &'a str,
    /// In a sentence.
    pub text: &'a str,
}
