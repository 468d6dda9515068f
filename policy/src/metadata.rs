//! Protected resource metadata (RFC 9728), built once when the configuration is read.

use serde_json::json;

use crate::resource::ResourceUri;

/// A protected resource and its ready-made document.
#[derive(Clone, Debug)]
pub(crate) struct ProtectedResource {
    pub(crate) uri: ResourceUri,
    scopes_supported: Vec<String>,
    metadata_path: String,
    metadata_url: String,
    document: String,
}

impl ProtectedResource {
    pub(crate) fn new(
        uri: ResourceUri,
        authorization_servers: &[&str],
        scopes: &[String],
        name: Option<&str>,
    ) -> Self {
        let mut document = json!({
            // RFC 9728 §3.3: equal to the URI that the well-known part was inserted into.
            "resource": uri.as_str(),
            "authorization_servers": authorization_servers,
            "bearer_methods_supported": ["header"],
        });
        if let Some(members) = document.as_object_mut() {
            if !scopes.is_empty() {
                members.insert("scopes_supported".into(), json!(scopes));
            }
            if let Some(name) = name {
                members.insert("resource_name".into(), json!(name));
            }
        }
        Self {
            scopes_supported: scopes.to_vec(),
            metadata_path: uri.metadata_path(),
            metadata_url: uri.metadata_url(),
            uri,
            document: document.to_string(),
        }
    }

    /// What the document says a client may ask for.
    pub(crate) fn scopes_supported(&self) -> &[String] {
        &self.scopes_supported
    }

    /// Where clients find the document.
    pub(crate) fn metadata_url(&self) -> &str {
        &self.metadata_url
    }

    /// The document, if `path` is where it lives.
    pub(crate) fn document_at(&self, path: &[u8]) -> Option<&str> {
        (path == self.metadata_path.as_bytes()).then_some(self.document.as_str())
    }
}

/// Whether clients probe `path` for an OAuth or OpenID document, so that an answer other than 404
/// would send them the wrong way.
pub(crate) fn is_oauth_document(path: &[u8]) -> bool {
    path.starts_with(b"/.well-known/oauth-") || path.starts_with(b"/.well-known/openid-")
}
