//! The scenarios, in the browser of the module that holds them.

mod account;
mod account_sessions;
mod devices;
mod for_everyone;
mod keyboard;
mod languages;
mod own_settings;
mod sign_in;
mod sign_out;
mod single_page;
mod wrong_turns;

use super::BROWSER;
use crate::visitor::Visitor;

fn visitor() -> Visitor {
    Visitor::new(BROWSER)
}
