//! Who is compared: which filters stand in front of the same route.

use dockgate_stack::{Artifacts, repository};
use serde::Serialize;

use crate::failure::{Failure, Outcome};

/// The filters of one Envoy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum Setup {
    /// Only the router.
    NoFilter,
    /// `jwt_authn` and RBAC.
    Native,
    /// The same, and `jwt_authn` remembers 10 000 tokens.
    NativeCache,
    /// Our filter with two identity headers.
    Ours,
    /// … that remembers nothing.
    OursNoCache,
    /// … that sends the whole claims too.
    OursClaims,
    /// … that writes two values of filter state.
    OursFilterState,
}

/// The native filters.
const NATIVE: &str = include_str!("native.yaml");
/// The issuer of the tokens; the committed configuration names it, too.
pub(super) const ISSUER: &str = "http://localhost:8080";

impl Setup {
    /// As the table calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::NoFilter => "no filter",
            Self::Native => "jwt_authn + RBAC",
            Self::NativeCache => "jwt_authn + RBAC, its cache",
            Self::Ours => "ours",
            Self::OursNoCache => "ours, cache off",
            Self::OursClaims => "ours, x-auth-claims on",
            Self::OursFilterState => "ours, two of filter_state",
        }
    }

    /// Whether anything is checked.
    pub(super) fn checks(self) -> bool {
        self != Self::NoFilter
    }

    /// The filters in front of the router, as YAML; `JWKS` stands for the keys.
    pub(super) fn filters(self) -> Outcome<String> {
        let headers = "identity_headers: { scope: null, issuer: null }";
        let cache = "jwt_cache_config: { jwt_cache_size: 10000, jwt_max_token_size: 4096 }";
        match self {
            Self::NoFilter => Ok(String::new()),
            Self::Native => Ok(NATIVE.replace("CACHE", "")),
            Self::NativeCache => Ok(NATIVE.replace("CACHE", cache)),
            Self::Ours => ours(&[headers]),
            Self::OursNoCache => ours(&[headers, "cache: { max_entries: 0 }"]),
            Self::OursClaims => {
                let claims =
                    "identity_headers: { scope: null, issuer: null, claims: x-auth-claims }";
                ours(&[claims])
            }
            Self::OursFilterState => ours(&[headers, "filter_state: [subject, client_id]"]),
        }
    }
}

/// The filter block that users copy, with settings added.
fn ours(settings: &[&str]) -> Outcome<String> {
    let committed = std::fs::read_to_string(repository().join("envoy/envoy.yaml"))?;
    let block = between(&committed, "# ---- COPY from here", "# ---- COPY to here")
        .ok_or_else(|| Failure::new("envoy/envoy.yaml has no COPY lines"))?;
    let rules = "                    rules:\n";
    let added: String = settings
        .iter()
        .map(|setting| format!("                    {setting}\n"))
        .collect();
    let block = replaced_once(block, rules, &(added + rules))?;
    let module = Artifacts::filter_path().display().to_string();
    replaced_once(&block, "/etc/dockgate/dockgate_filter.wasm", &module)
}

/// The lines between two marked ones.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(from)?;
    let (_, block) = after.split_once('\n')?;
    let (block, _) = block.split_once(to)?;
    Some(block.trim_end_matches(' '))
}

fn replaced_once(text: &str, from: &str, to: &str) -> Outcome<String> {
    match text.matches(from).count() {
        1 => Ok(text.replace(from, to)),
        found => Err(Failure::new(format!(
            "the filter block of envoy/envoy.yaml has `{}` {found} times, not once",
            from.trim()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_that_users_copy_is_the_one_that_is_measured() {
        let block = ours(&["x: 1"]).unwrap();
        assert!(block.starts_with("          - name: dockgate\n"), "{block}");
        assert!(block.contains("                    x: 1\n                    rules:\n"));
        assert!(block.contains(ISSUER));
        assert!(!block.contains("/etc/dockgate"));
    }

    #[test]
    fn what_is_not_there_once_is_an_error() {
        assert!(replaced_once("a b", "a", "c").is_ok());
        assert!(replaced_once("a a", "a", "c").is_err());
        assert!(replaced_once("b", "a", "c").is_err());
    }
}
