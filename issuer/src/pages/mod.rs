//! The pages that people see: their HTML and how it is protected. What is on them and when is
//! decided in `http`.
//!
//! Each page is a template of its own in `issuer/templates/`, where every value is escaped. Pages
//! need no script and load nothing from anywhere.

pub mod ago;
mod brand;
mod colour;
mod protection;
mod scopes;
mod templates;
#[cfg(test)]
mod tests;
pub mod texts;
mod visible;

pub use brand::{Brand, BrandInput, DARK_GROUNDS, LIGHT_GROUNDS, Logo, LogoKind};
pub use colour::{Colour, LEAST_CONTRAST};
pub use protection::{Protection, SUBMIT_SCRIPT};
pub use scopes::{ShownScope, shown_scope};
pub use templates::{
    AccountPage, ConsentPage, DeviceCodePage, DeviceConfirmPage, ErrorPage, FormPostPage, Frame,
    LeavePage, LoginPage, LoginPurpose, LogoutPage, MessagePage, ShownApplication, ShownSession,
    WayOut,
};
pub use visible::{is_visible, visible};

/// The style sheet of all pages.
pub const STYLE: &str = include_str!("../../templates/style.css");
