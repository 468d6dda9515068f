//! What is said about a configuration.

use std::fmt;

use dockgate_policy::{Admission, Decision, Policy, WithToken, explain};
use dockgate_token::Scope;
use serde_json::{Value, json};

/// One configuration of the filter, looked through.
pub(crate) struct Report {
    pub(crate) place: String,
    pub(crate) rules: Vec<String>,
    /// What a request that no rule names needs.
    pub(crate) unmatched: &'static str,
    /// What passes without a token, or with any.
    pub(crate) open: Vec<String>,
    pub(crate) advice: Vec<String>,
    pub(crate) verdicts: Vec<Verdict>,
}

/// What becomes of one request.
pub(crate) struct Verdict {
    request: String,
    rule: Option<(usize, String)>,
    without_token: String,
    with_token: Option<&'static str>,
}

impl Verdict {
    pub(crate) fn of(policy: &Policy, method: &str, path: &str, scope: Option<&Scope>) -> Self {
        let explanation = explain(policy, method, path);
        let with_token = |scope| match explanation.with_token(scope) {
            WithToken::NothingChanges => "the same",
            WithToken::Admitted => "passes",
            WithToken::InsufficientScope => "403 insufficient_scope",
            WithToken::OnlyReported => "passes, and counts as insufficient_scope",
        };
        Self {
            request: format!("{method} {path}"),
            rule: explanation.rule(),
            without_token: in_words(explanation.without_token()),
            with_token: scope.map(with_token),
        }
    }
}

fn in_words(decision: &Decision<'_>) -> String {
    match decision {
        Decision::Forward(permit) => match permit.admission() {
            Admission::Passthrough => "passes to an upstream that checks it".to_owned(),
            Admission::Reported { denial, .. } => {
                format!("passes, and counts as {}", denial.reason())
            }
            _ => "passes".to_owned(),
        },
        Decision::Reply(reply) => match &reply.denial {
            Some(denial) => format!("{} {}", reply.answer.status, denial.reason()),
            None => format!("{} from the filter itself", reply.answer.status),
        },
    }
}

impl Report {
    pub(crate) fn to_json(&self) -> Value {
        let verdict = |verdict: &Verdict| {
            json!({
                "request": verdict.request,
                "rule": verdict.rule.as_ref().map(|(position, _)| position),
                "without_token": verdict.without_token,
                "with_token": verdict.with_token,
            })
        };
        json!({
            "place": self.place,
            "rules": self.rules,
            "unmatched": self.unmatched,
            "open": self.open,
            "advice": self.advice,
            "requests": self.verdicts.iter().map(verdict).collect::<Vec<_>>(),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.place)?;
        for (position, rule) in self.rules.iter().enumerate() {
            writeln!(f, "  rules[{position}] {rule}")?;
        }
        writeln!(f, "  otherwise needs {}", self.unmatched)?;
        for verdict in &self.verdicts {
            writeln!(f, "{verdict}")?;
        }
        for open in &self.open {
            writeln!(f, "  open: {open}")?;
        }
        for advice in &self.advice {
            writeln!(f, "  advice: {advice}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  {}", self.request)?;
        match &self.rule {
            Some((position, rule)) => writeln!(f, "    rules[{position}] {rule}")?,
            None => writeln!(f, "    no rule")?,
        }
        write!(f, "    without a token: {}", self.without_token)?;
        if let Some(with_token) = self.with_token {
            write!(f, "\n    with the token: {with_token}")?;
        }
        Ok(())
    }
}
