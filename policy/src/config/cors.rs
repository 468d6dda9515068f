//! CORS as it is written.

use serde::Deserialize;

use super::error::ConfigError;
use crate::cors::CorsPolicy;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCors {
    /// Whose pages may call; none by default. `"*"`, alone, is every origin.
    #[serde(default)]
    allow_origins: Vec<String>,
}

impl RawCors {
    pub(super) fn validate(self) -> Result<CorsPolicy, ConfigError> {
        if self.allow_origins.is_empty() {
            return Ok(CorsPolicy::Off);
        }
        if self.allow_origins == ["*"] {
            return Ok(CorsPolicy::Any);
        }
        match self.allow_origins.iter().position(|own| !is_origin(own)) {
            Some(index) => Err(ConfigError::new(
                format!("allow_origins[{index}]"),
                "write the origin as browsers send it, such as https://app.example, in lower case, \
                 without a path or a default port; or \"*\" alone",
            )),
            None => Ok(CorsPolicy::Origins(self.allow_origins)),
        }
    }
}

/// An ASCII-serialised origin (RFC 6454 §6.2): scheme, host, and a port that is not the default.
/// `null` is none: any sandboxed page has it.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let default_port = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => "://",
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !scheme.is_empty()
        && scheme
            .bytes()
            .all(|byte| plain(byte) || b"+-.".contains(&byte))
        && !authority.is_empty()
        && authority
            .bytes()
            .all(|byte| plain(byte) || b"-._:[]".contains(&byte))
        && !authority.ends_with(default_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_send_them() {
        for good in [
            "https://app.example",
            "http://localhost:3000",
            "https://[::1]:8443",
            "https://app.example:80",
            "chrome-extension://abcdefgh",
            "capacitor://localhost",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "null",
            "*",
            "",
            "https://",
            "app.example",
            "https://app.example/",
            "https://App.example",
            "https://app.example:443",
            "http://app.example:80",
            "https://*.app.example",
            "https://a b",
            "https://user@app.example",
            "https://app.example?x",
            "HTTPS://app.example",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
