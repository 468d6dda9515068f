//! Where the endpoints are: paths below the issuer's URL.

use dockgate_token::Issuer;

/// The token endpoint (RFC 6749 §3.2).
pub const TOKEN: &str = "/token";
/// The authorization endpoint (RFC 6749 §3.1).
pub const AUTHORIZE: &str = "/authorize";
/// The login page.
pub const LOGIN: &str = "/login";
/// The consent page.
pub const CONSENT: &str = "/consent";
/// Pushed authorization requests (RFC 9126 §2).
pub const PUSHED_AUTHORIZATION: &str = "/par";
/// Device authorization (RFC 8628 §3.1).
pub const DEVICE_AUTHORIZATION: &str = "/device_authorization";
/// The page where users type in user codes (RFC 8628 §3.3).
pub const DEVICE: &str = "/device";
/// The page where users see and end what has access.
pub const ACCOUNT: &str = "/account";
/// Introspection (RFC 7662 §2).
pub const INTROSPECTION: &str = "/introspect";
/// Revocation (RFC 7009 §2).
pub const REVOCATION: &str = "/revoke";
/// UserInfo (OIDC Core §5.3).
pub const USERINFO: &str = "/userinfo";
/// RP-initiated logout (OIDC RP-Initiated Logout §2).
pub const END_SESSION: &str = "/logout";
/// Registration of clients (RFC 7591 §3), and below it that of each (RFC 7592 §2).
pub const REGISTRATION: &str = "/register";
/// The key set (RFC 7517 §5).
pub const JWKS: &str = "/.well-known/jwks.json";
/// Authorization server metadata (RFC 8414 §3).
pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
/// OpenID provider metadata (OIDC Discovery §4).
pub const OPENID_METADATA: &str = "/.well-known/openid-configuration";

/// The full URL of an endpoint.
pub fn url(issuer: &Issuer, endpoint: &str) -> String {
    format!("{issuer}{endpoint}")
}

/// The path of an endpoint on the issuer's origin.
pub fn path(issuer: &Issuer, endpoint: &str) -> String {
    format!("{}{endpoint}", issuer.path())
}

/// The paths at which the metadata can be asked for. RFC 8414 §3.1 inserts the well-known part
/// before the issuer's path, OIDC Discovery §4.1 appends it; clients in the field probe the OIDC
/// document at both (RFC 8414 §5).
pub fn metadata_paths(issuer: &Issuer) -> Vec<String> {
    let inserted = |well_known: &str| format!("{well_known}{}", issuer.path());
    let mut paths = vec![inserted(OAUTH_METADATA), inserted(OPENID_METADATA)];
    let appended = path(issuer, OPENID_METADATA);
    // They are the same without a path, and with one that is itself the well-known part.
    if !paths.contains(&appended) {
        paths.push(appended);
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_without_a_path_has_two_metadata_paths() {
        let issuer = "https://as.example".parse().unwrap();
        assert_eq!(metadata_paths(&issuer), [OAUTH_METADATA, OPENID_METADATA]);
    }

    #[test]
    fn an_issuer_with_a_path_has_the_inserted_and_the_appended_form() {
        let issuer = "https://api.example/auth".parse().unwrap();
        assert_eq!(
            metadata_paths(&issuer),
            [
                "/.well-known/oauth-authorization-server/auth",
                "/.well-known/openid-configuration/auth",
                "/auth/.well-known/openid-configuration",
            ]
        );
        assert_eq!(path(&issuer, TOKEN), "/auth/token");
        assert_eq!(url(&issuer, TOKEN), "https://api.example/auth/token");
    }
}
