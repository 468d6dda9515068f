//! Real browsers, by the W3C WebDriver protocol: JSON over HTTP, of which the tests need some twenty
//! commands. ChromeDriver and geckodriver speak it.

mod driver;
mod session;

pub use driver::{BrowserKind, TETHERED_PROGRAM};
pub use session::{Key, Session};
