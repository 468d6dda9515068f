//! The scenarios, in the browser of the module that holds them.

mod sign_in;

use super::BROWSER;
use crate::visitor::Visitor;

fn visitor() -> Visitor {
    Visitor::new(BROWSER)
}
