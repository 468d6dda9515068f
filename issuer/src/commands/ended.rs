//! What has ended, in words.

use dockgate_issuer::store::Ended;

/// Such as `ended: 1 session, 2 grants`.
pub(crate) fn sentence(ended: &Ended) -> String {
    let counts = [
        (ended.sessions, "session"),
        (ended.pushed_requests, "pushed request"),
        (ended.codes, "code"),
        (ended.devices, "device code"),
        (ended.grants, "grant"),
        (ended.consents, "consent"),
    ];
    let words: Vec<_> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    match words.is_empty() {
        true => "there was nothing to end".to_owned(),
        false => format!("ended: {}", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_was_none_of_is_not_said() {
        assert_eq!(sentence(&Ended::default()), "there was nothing to end");
        let ended = Ended {
            sessions: 1,
            grants: 2,
            ..Ended::default()
        };
        assert_eq!(sentence(&ended), "ended: 1 session, 2 grants");
    }
}
