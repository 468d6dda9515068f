//! Real browsers, by the W3C WebDriver protocol: JSON over HTTP, of which the tests need some twenty
//! commands. ChromeDriver and geckodriver speak it.

mod appearance;
mod driver;
mod session;

pub use appearance::ColorScheme;
pub use driver::{BrowserKind, TETHERED_PROGRAM};
pub use session::{Key, Session};
