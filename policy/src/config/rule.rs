//! Rules as they are written.

use serde::Deserialize;

use super::error::ConfigError;
use super::requirement::RawRequirement;
use crate::claim_requirement::ClaimRequirement;
use crate::path::{CanonicalPath, Spellings};
use crate::requirement::Requirement;
use crate::rules::{Enforcement, PathMatcher, Rule};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    /// This path alone.
    path: Option<String>,
    /// This path and everything below it.
    prefix: Option<String>,
    /// A path in which `{name}` stands for any one segment.
    template: Option<String>,
    /// Every method when left out.
    methods: Option<Vec<String>>,
    require: RawRequirement,
    /// Spellings of a path that are refused elsewhere.
    #[serde(default)]
    allow: Vec<Spelling>,
    /// Whether what the rule decides is carried out.
    #[serde(default)]
    enforcement: Enforcement,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Spelling {
    EncodedSlash,
    Semicolon,
    NonAscii,
    NonUtf8,
}

impl RawRule {
    /// `known` are the claim requirements of the rules before, which those of this rule join.
    pub(super) fn validate(self, known: &mut Vec<ClaimRequirement>) -> Result<Rule, ConfigError> {
        let requirement = self.require.validate(known)?;
        let (field, text) = match (self.path, self.prefix, self.template) {
            (Some(path), None, None) => ("path", path),
            (None, Some(prefix), None) => ("prefix", prefix),
            (None, None, Some(template)) => ("template", template),
            _ => {
                return Err(ConfigError::new(
                    "",
                    "give exactly one of path, prefix and template",
                ));
            }
        };
        if field == "prefix" && requirement == Requirement::Passthrough {
            return Err(ConfigError::new(
                field,
                "a passthrough rule names exact paths or templates: what lies below a prefix is not known here",
            ));
        }
        let allowed_spellings = Spellings {
            encoded_slash: self.allow.contains(&Spelling::EncodedSlash),
            semicolon: self.allow.contains(&Spelling::Semicolon),
            non_ascii: self.allow.contains(&Spelling::NonAscii),
            non_utf8: self.allow.contains(&Spelling::NonUtf8),
        };
        if requirement == Requirement::Public && !self.allow.is_empty() {
            return Err(ConfigError::new(
                "allow",
                "a public rule takes no ambiguous paths",
            ));
        }
        let looks_at_tokens = matches!(requirement, Requirement::Token(_));
        if self.enforcement == Enforcement::Report && !looks_at_tokens {
            return Err(ConfigError::new(
                "enforcement",
                "only a rule that requires a token can report what it would refuse",
            ));
        }
        Ok(Rule {
            matcher: matcher(field, text, allowed_spellings)?,
            methods: methods(self.methods)?,
            requirement,
            allowed_spellings,
            enforcement: self.enforcement,
        })
    }
}

fn matcher(field: &str, text: String, allowed: Spellings) -> Result<PathMatcher, ConfigError> {
    if !text.starts_with('/') {
        return Err(ConfigError::new(field, "a path starts with a slash"));
    }
    if text.contains('?') {
        return Err(ConfigError::new(field, "the query is no part of the path"));
    }
    // A rule that no request can match would protect nothing while it looks as if it did.
    let canonical = CanonicalPath::parse(text.as_bytes())
        .map_err(|fault| ConfigError::new(field, format!("no request can match: {fault}")))?;
    if !canonical.tolerated().are_all_in(allowed) {
        return Err(ConfigError::new(
            field,
            "no request can match: add the spelling to `allow`",
        ));
    }
    match field {
        "path" => Ok(PathMatcher::Exact(text)),
        "prefix" => Ok(PathMatcher::Prefix(text)),
        _ => text
            .split('/')
            .skip(1)
            .map(template_segment)
            .collect::<Result<_, _>>()
            .map(PathMatcher::Template),
    }
}

fn template_segment(segment: &str) -> Result<Option<String>, ConfigError> {
    match segment
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        Some(name) if !name.is_empty() && !name.contains(['{', '}']) => Ok(None),
        None if !segment.contains(['{', '}']) => Ok(Some(segment.to_owned())),
        _ => Err(ConfigError::new(
            "template",
            format!("{segment:?}: a placeholder such as {{id}} is a whole segment"),
        )),
    }
}

fn methods(methods: Option<Vec<String>>) -> Result<Vec<String>, ConfigError> {
    let Some(methods) = methods else {
        return Ok(Vec::new());
    };
    if methods.is_empty() {
        return Err(ConfigError::new(
            "methods",
            "name at least one, or leave the field out for all",
        ));
    }
    let upper_case = |method: &String| {
        !method.is_empty()
            && method
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'-')
    };
    match methods.iter().position(|method| !upper_case(method)) {
        Some(index) => Err(ConfigError::new(
            format!("methods[{index}]"),
            "write the method in capitals, such as GET",
        )),
        None => Ok(methods),
    }
}
