//! Browsers that somebody has logged in with before ("device cookies" of OWASP's page on slowing
//! down guesses).
//!
//! At a login the browser is given a cookie that says so, for this account alone. With it the
//! browser's wrong passwords for the account are counted by themselves: whatever is tried elsewhere,
//! or at the same address, its user is not made to wait. It proves nothing else and opens nothing; the
//! account is not in it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::cookies::{Cookie, MOST_OF_A_KIND};
use super::fault::Fault;
use super::secrets::TAG_BYTES;
use super::visit::Visit;
use crate::clock::UnixSeconds;
use crate::protocol::User;
use crate::throttle::Source;

/// Random bytes, which tell one browser from another.
const NAME_BYTES: usize = 16;
const TIME_BYTES: usize = 8;
/// The longest that browsers keep a cookie, in seconds: 400 days.
pub(super) const LIFETIME: u64 = 400 * 24 * 60 * 60;
/// A cookie older than this is made anew at a login, in seconds: 30 days.
const RENEWED_AFTER: u64 = 30 * 24 * 60 * 60;

/// A cookie that is one of ours, for the account that it was looked at for.
struct Known {
    name: [u8; NAME_BYTES],
    since: UnixSeconds,
}

impl Visit {
    /// Where a password for `username` comes from. That somebody has the name is not looked at
    /// first: the answer takes as long for a name that nobody has.
    pub(super) fn source_of_login(&self, username: &str) -> Source {
        let user = self.app.server.users.by_name(username);
        let since = user.map_or(0, |user| user.logins_since);
        let known = self.known_for(username, since);
        let first = known.into_iter().next();
        first.map_or_else(|| self.source(), |(_, known)| Source::device(&known.name))
    }

    /// Has the browser remembered as one of the user's.
    pub(super) fn remember_browser(&mut self, user: &User) -> Result<(), Fault> {
        let now = (self.app.clock)();
        let known = self.known_for(&user.username, user.logins_since);
        let is_fresh = |known: &Known| now.saturating_sub(known.since) < RENEWED_AFTER;
        if known.iter().any(|(_, known)| is_fresh(known)) {
            return Ok(());
        }
        let mut old: Vec<String> = known.into_iter().map(|(value, _)| value).collect();
        let issuer = &self.app.server.issuer;
        // Of more than are looked at, the new one would not be: the oldest, which come first, go.
        let all: Vec<_> = Cookie::Known.values(issuer, &self.parts.headers).collect();
        if old.is_empty() && all.len() >= MOST_OF_A_KIND {
            old.extend(all.first().map(|value| (*value).to_owned()));
        }
        let name = self.context().random::<NAME_BYTES>()?;
        let tag = self.known_tag(&user.username, &name, now);
        let value = [name.as_slice(), &now.to_be_bytes(), &tag].concat();
        let value = URL_SAFE_NO_PAD.encode(value);
        let issuer = &self.app.server.issuer;
        let gone = old
            .iter()
            .filter_map(|old| Cookie::Known.clear_one(issuer, old));
        self.cookies.extend(gone);
        self.cookies.extend(Cookie::Known.set(issuer, &value));
        Ok(())
    }

    /// The cookies that were given to this browser at a login with the name, since `since`.
    fn known_for(&self, username: &str, since: UnixSeconds) -> Vec<(String, Known)> {
        let values = Cookie::Known.values(&self.app.server.issuer, &self.parts.headers);
        values
            .filter_map(|value| Some((value.to_owned(), self.known(value, username, since)?)))
            .collect()
    }

    fn known(&self, value: &str, username: &str, since: UnixSeconds) -> Option<Known> {
        let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
        let (name, rest) = bytes.split_first_chunk::<NAME_BYTES>()?;
        let (at, tag) = rest.split_first_chunk::<TIME_BYTES>()?;
        let at = UnixSeconds::from_be_bytes(*at);
        let parts = [username.as_bytes(), name, &at.to_be_bytes()];
        let is_ours = self.app.page_secrets.is_browser_tag(tag, &parts);
        let is_alive = at >= since && (self.app.clock)() < at.saturating_add(LIFETIME);
        (is_ours && is_alive).then_some(Known {
            name: *name,
            since: at,
        })
    }

    fn known_tag(&self, username: &str, name: &[u8], at: UnixSeconds) -> [u8; TAG_BYTES] {
        let parts = [username.as_bytes(), name, &at.to_be_bytes()];
        self.app.page_secrets.browser_tag(&parts)
    }
}
