//! The secrets that seal the signing keys: from the environment, or from files that it names.

use super::error::Problems;
use super::located::{Located, Place};
use super::secret::looks_random;
use crate::keys::{KeyEncryptionSecret, Protection};

const NAME: &str = "DOCKGATE_KEY_ENCRYPTION_SECRET";
/// A command that makes one.
const MAKE_ONE: &str = "Use the output of `openssl rand -hex 32`, and keep a copy apart from the store and its backups: without it nobody can use the keys again";

/// The variables as they are. None of them prints.
#[derive(Default)]
pub(super) struct WrittenSecrets {
    pub(super) current: WrittenSecret,
    pub(super) previous: WrittenSecret,
}

/// A secret, or where it is.
#[derive(Default)]
pub(super) struct WrittenSecret {
    pub(super) text: Option<Located<String>>,
    pub(super) file: Option<Located<String>>,
}

impl std::fmt::Debug for WrittenSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WrittenSecrets(..)")
    }
}

impl WrittenSecrets {
    /// How the keys are to be kept. Clear keys where sealed ones were is no mistake of a moment: it
    /// takes the setting, the secret of before, and none of now.
    pub(super) fn check(
        self,
        unseal: Option<Located<bool>>,
        problems: &mut Problems,
        warnings: &mut Vec<String>,
    ) -> Protection {
        let current_place = self.current.place();
        let previous_place = self.previous.place();
        let unseal = unseal.filter(|unseal| unseal.value);
        let current = self.current.read(NAME, problems);
        let previous = self.previous.read(&format!("{NAME}_PREVIOUS"), problems);
        match (current, previous, unseal) {
            (Some(_), _, Some(Located { place, .. })) => {
                let wrong = format!("keys.unseal is true, and {NAME} is set");
                let instead = format!(
                    "To seal the keys, remove keys.unseal; to have them in clear, set {NAME}_PREVIOUS instead"
                );
                problems.add(&place, wrong, instead);
                Protection::Clear
            }
            (Some(current), previous, None) => Protection::Sealed { current, previous },
            (None, Some(previous), Some(_)) => {
                warnings.push("keys.unseal is true: the private signing keys are in the store in clear, and whoever reads it or a backup can sign tokens; once this start has succeeded remove keys.unseal".to_owned());
                Protection::Unseal { previous }
            }
            (None, Some(_), None) => {
                let wrong = format!("{NAME}_PREVIOUS is set, and {NAME} is not");
                let instead = format!(
                    "Set {NAME} to the new secret; or, to have the keys in clear again, which lets whoever reads the store sign tokens, set keys.unseal = true"
                );
                let place = previous_place.unwrap_or(Place::Absent);
                problems.add(&place, wrong, instead);
                Protection::Clear
            }
            (None, None, Some(Located { place, .. }))
                if current_place.is_none() && previous_place.is_none() =>
            {
                let wrong = "keys.unseal is true, and there is no secret that opens the keys";
                let instead = format!(
                    "Set {NAME}_PREVIOUS to the secret that they are sealed under; if they are in clear already, remove keys.unseal"
                );
                problems.add(&place, wrong, instead);
                Protection::Clear
            }
            (None, None, _) => Protection::Clear,
        }
    }
}

impl WrittenSecret {
    fn place(&self) -> Option<Place> {
        let written = self.text.as_ref().or(self.file.as_ref());
        written.map(|written| written.place.clone())
    }

    /// `None` where there is none, or after a mistake.
    fn read(self, name: &str, problems: &mut Problems) -> Option<KeyEncryptionSecret> {
        let (text, place, whose) = match (self.text, self.file) {
            (Some(text), Some(_)) => {
                let wrong = format!("both {name} and {name}_FILE are set");
                problems.add(&text.place, wrong, "Keep one of them");
                return None;
            }
            (Some(Located { value, place }), None) => (value, place, "the secret".to_owned()),
            (None, Some(Located { value, place })) => {
                let content = std::fs::read_to_string(&value);
                let content = content.map_err(|error| {
                    let wrong = format!("{value} cannot be read ({error})");
                    let instead = "Write the path of a file that holds the secret alone";
                    problems.add(&place, wrong, instead);
                });
                let text = content.ok()?.trim_end_matches(['\r', '\n']).to_owned();
                (text, place, format!("the secret in {value}"))
            }
            (None, None) => return None,
        };
        if let Err(weakness) = looks_random(&text) {
            problems.add(&place, format!("{whose} {weakness}"), MAKE_ONE);
            return None;
        }
        Some(KeyEncryptionSecret::new(text))
    }
}
