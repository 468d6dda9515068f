//! The authorization endpoint (RFC 6749 §3.1, OIDC Core §3.1.2): what a browser's request means,
//! what comes next for the browser, and what the client is told in the end.
//!
//! 1. [`read`] checks the request, in the order that `request.rs` lists. It changes nothing; a page
//!    keeps [`AuthorizationRequest::kept`], sealed, and has it read again by [`resume`] at each step.
//! 2. [`next`] says what this browser has to do: log in, agree, or go back to the client.
//! 3. [`decide`] takes the user's answer to a [`Step::Consent`].
//!
//! Whether an error may be sent to the client is part of its type: [`AuthorizeError`].

mod authentication;
mod checks;
mod consent;
mod decide;
mod issue;
mod kept;
mod login;
mod metadata;
mod prompt;
mod redirect;
mod request;
mod response;
mod response_type;
mod step;

pub use consent::{ConsentPrompt, OfferedScope};
pub use decide::{Decision, decide};
pub use login::{Flow, LoginPrompt, LoginReason};
pub(super) use metadata::AuthorizationMetadata;
pub use prompt::Prompt;
pub(super) use request::{Arrival, check};
pub use request::{AuthorizationRequest, read, resume};
pub use response::{AuthorizationResponse, AuthorizeError, Refused};
pub use response_type::{ResponseMode, ResponseType};
pub use step::{Step, next};

/// How long a browser may take from its request to the answer, in seconds: what a page keeps is no
/// good after that, nor is a pushed request that was in time when it began.
pub const MAX_FLOW_SECONDS: u64 = 3600;

#[cfg(test)]
mod tests;
