//! Everything that the pages say, in each language. What a language lacks does not compile.
//!
//! A text around names is a tuple of its parts: a translation cannot leave a name out.

mod english;
mod french;
mod german;
mod spanish;

use super::ago::Ago;
use crate::protocol::Language;

/// Text before and after one name.
pub type Around = (&'static str, &'static str);
/// Text around two names.
pub type AroundTwo = (&'static str, &'static str, &'static str);

/// A heading and a sentence.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// In a few words.
    pub heading: &'static str,
    /// In a sentence.
    pub text: &'static str,
}

/// One language.
#[expect(missing_docs, reason = "each is what it says in `english.rs`")]
pub struct Texts {
    pub language: Language,
    pub login: LoginTexts,
    pub consent: ConsentTexts,
    pub device: DeviceTexts,
    pub logout: LogoutTexts,
    pub leave: LeaveTexts,
    pub account: AccountTexts,
    pub errors: ErrorTexts,
    pub scopes: ScopeTexts,
    pub one_moment: &'static str,
    pub sent_back: &'static str,
    pub go_on: &'static str,
    pub application: &'static str,
    pub not_you: Around,
    pub use_another_account: &'static str,
    pub your_account: &'static str,
    pub help: &'static str,
    pub privacy: &'static str,
    pub terms: &'static str,
}

/// The login page.
#[expect(missing_docs, reason = "each is what it says in `english.rs`")]
pub struct LoginTexts {
    pub sign_in: &'static str,
    pub to_application: Around,
    pub to_device: &'static str,
    pub to_account: &'static str,
    pub username: &'static str,
    pub password: &'static str,
    pub signed_in_already: Around,
    pub wrong_password: &'static str,
    /// In so many seconds.
    pub throttled: fn(u64) -> String,
    pub busy: &'static str,
}

/// The consent page.
#[expect(missing_docs, reason = "each is what it says in `english.rs`")]
pub struct ConsentTexts {
    pub title: &'static str,
    /// Around the application and the account.
    pub asks: AroundTwo,
    /// Around the host.
    pub vouched: Around,
    pub to_this_computer: &'static str,
    pub unchecked: &'static str,
    pub will_be_able: &'static str,
    pub returns_to: &'static str,
    pub allow: &'static str,
    pub deny: &'static str,
    pub take_back: &'static str,
}

/// The pages for a device.
#[expect(missing_docs, reason = "each is what it says in `english.rs`")]
pub struct DeviceTexts {
    pub title: &'static str,
    pub type_the_code: &'static str,
    pub code: &'static str,
    pub question: &'static str,
    pub warning: &'static str,
    pub will_be_able: &'static str,
    pub connect: &'static str,
    pub do_not_connect: &'static str,
    pub no_code: &'static str,
    pub unknown_code: &'static str,
    pub throttled: &'static str,
    pub expired: Message,
    pub approved: Message,
    pub denied: Message,
    pub decided_before: Message,
    pub nothing_to_grant: Message,
}

/// The logout page.
#[expect(missing_docs, reason = "each is what it says in `english.rs`")]
pub struct LogoutTexts {
    pub title: &'static str,
    pub asked_by: Around,
    pub signed_in_as: Around,
    pub sign_out: &'static str,
    pub stay: &'static str,
    pub still_signed_in: Message,
    pub signed_out: Message,
}

/// The page before a client that nobody vouches for.
#[expect(missing_docs, reason = "each is what it says in `english.rs`")]
pub struct LeaveTexts {
    pub refused: Message,
    /// Around the host.
    pub unchecked: Around,
    /// Around the host.
    pub go_on_to: Around,
}

/// The account page.
#[expect(missing_docs, reason = "each is what it says in `english.rs`")]
pub struct AccountTexts {
    pub sessions: &'static str,
    pub this_browser: &'static str,
    pub unknown_browser: &'static str,
    /// Between a browser and a system.
    pub browser_on: &'static str,
    pub began: Around,
    pub last_used: Around,
    pub sign_out: &'static str,
    pub sign_out_others: &'static str,
    pub applications: &'static str,
    pub no_applications: &'static str,
    pub can: &'static str,
    pub since: Around,
    pub remove: &'static str,
    pub show_all: &'static str,
    pub not_all: &'static str,
    /// So many seconds until access tokens end.
    pub access_removed: fn(u64) -> String,
    pub session_ended: &'static str,
    pub others_ended: &'static str,
    pub ago: fn(Ago) -> String,
}

/// Error pages.
#[expect(missing_docs, reason = "each is what it says in `english.rs`")]
pub struct ErrorTexts {
    pub start_again: &'static str,
    pub tell_developer: &'static str,
    pub wait: &'static str,
    pub reference: &'static str,
    pub cannot_answer: &'static str,
    pub went_wrong: &'static str,
    pub address_too_long: &'static str,
    pub nothing_to_go_on_with: Message,
    pub took_too_long: Message,
    pub other_browser: Message,
    pub other_browser_advice: &'static str,
    pub form_no_good: Message,
    pub page_failed: &'static str,
    pub too_many_attempts: Message,
    pub too_busy: Message,
    pub cannot_answer_now: &'static str,
    pub body_too_large: &'static str,
    pub body_too_slow: &'static str,
    pub body_incomplete: &'static str,
    pub body_encoded: &'static str,
    pub no_form: &'static str,
    pub not_utf8: &'static str,
    pub too_many_parameters: &'static str,
    pub repeated_parameter: &'static str,
    pub bad_parameter: &'static str,
    pub no_client_id: &'static str,
    pub unknown_application: &'static str,
    pub no_redirect_uri: &'static str,
    pub unregistered_redirect_uri: &'static str,
    pub unknown_request_uri: &'static str,
    pub logout_of_unknown: &'static str,
    pub logout_of_whom: &'static str,
    pub logout_to_unregistered: &'static str,
    pub logout_too_long: &'static str,
}

/// The scopes of OpenID Connect (Core §5.4, §11).
#[expect(missing_docs, reason = "each is what it says in `english.rs`")]
pub struct ScopeTexts {
    pub openid: &'static str,
    pub profile: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub address: &'static str,
    pub offline_access: &'static str,
}

/// What the pages say in a language.
pub fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &english::TEXTS,
        Language::German => &german::TEXTS,
        Language::Spanish => &spanish::TEXTS,
        Language::French => &french::TEXTS,
    }
}

/// Seconds as a number of seconds or of minutes, never less than it is.
enum Wait {
    Seconds(u64),
    Minutes(u64),
}

fn wait(seconds: u64) -> Wait {
    match seconds {
        0..=90 => Wait::Seconds(seconds.max(1)),
        _ => Wait::Minutes(seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests;
