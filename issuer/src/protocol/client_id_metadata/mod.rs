//! Clients whose id is the URL of a document that says what they are
//! (draft-ietf-oauth-client-id-metadata-document). Nobody registers them.
//!
//! [`DocumentUrl`] says which ids are such URLs, [`named`] which of them a request is about. The document
//! is fetched before any rule is asked, by [`crate::client_documents`]; the rules find a client like any
//! other.

mod named;
mod policy;
#[cfg(test)]
mod tests;
mod url;

pub use self::named::{Depth, Named, named};
pub use self::policy::ClientIdMetadataPolicy;
pub use self::url::{DocumentUrl, is_document};
