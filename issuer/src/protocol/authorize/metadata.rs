//! What the metadata says about authorization requests.

use serde::Serialize;

use super::{Prompt, ResponseMode, ResponseType};
use crate::protocol::{AuthorizationServer, endpoints, pkce};

/// Members of the metadata document (RFC 8414 §2, OIDC Discovery §3). The endpoints are left out
/// where no client has a grant that begins there.
#[derive(Clone, Debug, Serialize)]
pub(in crate::protocol) struct AuthorizationMetadata {
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization_endpoint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pushed_authorization_request_endpoint: Option<String>,
    require_pushed_authorization_requests: bool,
    response_types_supported: Vec<&'static str>,
    response_modes_supported: [&'static str; 3],
    code_challenge_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
    prompt_values_supported: [&'static str; 4],
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    /// Left out, it would mean true.
    request_uri_parameter_supported: bool,
}

impl AuthorizationMetadata {
    pub(in crate::protocol) fn of(server: &AuthorizationServer) -> Self {
        let types = ResponseType::ALL.into_iter();
        let served: Vec<_> = types.filter(|own| server.serves(own.grant())).collect();
        let url = |endpoint| {
            let serves_some = !served.is_empty();
            serves_some.then(|| endpoints::url(&server.issuer, endpoint))
        };
        Self {
            authorization_endpoint: url(endpoints::AUTHORIZE),
            pushed_authorization_request_endpoint: url(endpoints::PUSHED_AUTHORIZATION),
            require_pushed_authorization_requests: false,
            response_modes_supported: ResponseMode::ALL.map(ResponseMode::as_str),
            code_challenge_methods_supported: [pkce::S256],
            authorization_response_iss_parameter_supported: true,
            prompt_values_supported: Prompt::VALUES,
            claims_parameter_supported: false,
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            response_types_supported: served.into_iter().map(ResponseType::as_str).collect(),
        }
    }
}
