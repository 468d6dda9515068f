//! Clients that say themselves what they are: what is between the rules for what they send
//! ([`crate::protocol::registration`]) and what is kept of them.

mod made;
mod unused;

pub use made::{Made, client_of_document};
pub use unused::{Place, Registrations};
