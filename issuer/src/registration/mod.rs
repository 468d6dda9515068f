//! Clients that register themselves: what is between the rules for what they send
//! ([`crate::protocol::registration`]) and what is kept of them.

mod made;
mod unused;

pub use made::Made;
pub use unused::{Place, Registrations};
