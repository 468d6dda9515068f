//! The pages that people see: their HTML and how it is protected. What is on them and when is
//! decided in `http`.
//!
//! Each page is a template of its own in `issuer/templates/`, where every value is escaped. Pages
//! need no script and load nothing from anywhere.

mod protection;
mod scopes;
mod templates;
#[cfg(test)]
mod tests;
mod visible;

pub use protection::{Protection, SUBMIT_SCRIPT};
pub use scopes::{ShownScope, shown_scope};
pub use templates::{
    ConsentPage, DeviceCodePage, DeviceConfirmPage, ErrorPage, FormPostPage, LoginPage,
    LoginPurpose, LogoutPage, MessagePage,
};
pub use visible::{is_visible, visible};

/// The style sheet of all pages.
pub const STYLE: &str = include_str!("../../templates/style.css");
