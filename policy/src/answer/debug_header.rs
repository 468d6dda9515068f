//! The header that tells a developer why a request was refused.

use std::borrow::Cow;

use crate::denial::Denial;
use crate::rules::Rule;

/// The reason with its data and the rule, by position and path. Both come of the configuration and
/// of counting; nothing that a token says is in it.
pub(crate) fn explain(
    denial: &Denial,
    rule: Option<(usize, &Rule)>,
) -> (&'static str, Cow<'static, str>) {
    let rule = rule.map_or_else(
        || "no rule".to_owned(),
        |(position, rule)| format!("rules[{position}] {}", rule.matcher),
    );
    let text = format!("{}; {denial:?}; {rule}", denial.reason());
    // Scopes, claims and paths of a configuration may have what a header may not.
    let printable = |c: char| matches!(c, ' '..='~');
    let text = text.chars().map(|c| if printable(c) { c } else { '?' });
    (NAME, Cow::Owned(text.collect()))
}

const NAME: &str = "x-dockgate-debug";
