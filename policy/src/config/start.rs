//! What an operator should see of a configuration when the filter starts with it.

use super::Policy;
use crate::rules::{Enforcement, Rule};

impl Policy {
    /// How many rules report what they would refuse and let it pass.
    pub fn rules_in_report_mode(&self) -> usize {
        self.reporting().count()
    }

    /// One line for each setting that is meant for a while or for a developer's machine.
    pub fn warnings(&self) -> Vec<String> {
        let reporting = self.reporting().map(|(position, rule)| {
            format!(
                "rules[{position}] ({}) only reports: requests that it would refuse pass",
                rule.matcher
            )
        });
        let debugging = self.debug_header.then(|| {
            "debug_header is on: refused clients are told the reason and the rule".to_owned()
        });
        reporting.chain(debugging).collect()
    }

    fn reporting(&self) -> impl Iterator<Item = (usize, &Rule)> {
        let rules = self.rules.iter().enumerate();
        rules.filter(|(_, rule)| rule.enforcement == Enforcement::Report)
    }
}
