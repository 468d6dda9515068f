//! The user's part of the device flow (RFC 8628 §3.3): finding what a user code stands for, and
//! saying yes or no to it.
//!
//! Guessing user codes has to be made slow by who calls [`find`]: a code has 34 bits, and all that
//! protects it is that few guesses are answered (RFC 8628 §5.1).

use dockgate_token::Scope;

use super::resource_server::ScopeDescription;
use super::{Client, Context, Grant, OAuthError, ResourceServer, Unavailable, User};
use crate::audit::AuditEvent;
use crate::store::{
    AuditStore, DeviceDecision, DeviceStore, SecretDigest, StoredDevice, StoredSession, Swap,
};

/// The characters of a user code (RFC 8628 §6.1): no vowels, so that no words come of it, and
/// nothing that is easily taken for something else.
pub(super) const USER_CODE_CHARACTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// Characters of a user code: 20^8 are 34.5 bits, which a person can still type.
pub(super) const USER_CODE_LENGTH: usize = 8;

/// More than anybody types for eight characters, in bytes.
const MAX_TYPED: usize = 64;

/// How often a decision is tried again after a poll of the device has come between.
const ROUNDS: usize = 16;

/// What a user code stands for, to be shown to the user before they decide.
#[derive(Debug)]
pub struct PendingDevice<'a> {
    /// The client that shows the code.
    pub client: &'a Client,
    /// The resource server it wants to use.
    pub resource_server: &'a ResourceServer,
    /// Whether there is still something to decide.
    pub state: DeviceState,
    device_code: SecretDigest,
    record: StoredDevice,
}

/// Where a device authorization stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    /// The user may decide.
    Open,
    /// Somebody has decided.
    Decided,
    /// The codes have expired.
    Expired,
}

/// A scope that a user may grant to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferedScope<'a> {
    /// The scope token.
    pub name: &'a str,
    /// What the resource server says about it; `None` for the scopes of OpenID Connect.
    pub description: Option<&'a ScopeDescription>,
}

/// How a decision ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceOutcome {
    /// The device gets its tokens at its next poll.
    Approved,
    /// The device will be told no.
    Denied,
    /// Somebody had decided before; that stands.
    AlreadyDecided,
    /// The codes have expired, or are gone.
    Expired,
    /// This user may grant nothing of what was chosen; nothing was decided.
    NothingToGrant,
}

/// Brings what a user typed into the form in which codes are compared: capitals without
/// punctuation (RFC 8628 §6.1). `None` for what no code looks like.
pub fn normalise_user_code(typed: &str) -> Option<String> {
    if typed.len() > MAX_TYPED {
        return None;
    }
    let letters = typed.chars().filter(|typed| typed.is_alphanumeric());
    let code: String = letters.map(|letter| letter.to_ascii_uppercase()).collect();
    let known = |byte| USER_CODE_CHARACTERS.contains(&byte);
    (code.len() == USER_CODE_LENGTH && code.bytes().all(known)).then_some(code)
}

/// A user code as it is shown: two groups of four (RFC 8628 §6.1).
pub fn shown_user_code(code: &str) -> String {
    match code.split_at_checked(USER_CODE_LENGTH / 2) {
        Some((first, second)) => format!("{first}-{second}"),
        None => code.to_owned(),
    }
}

/// What a user code stands for; `user_code` is as [`normalise_user_code`] gives it. `None` for a
/// code that nobody was given, or whose client is no longer there.
///
/// # Errors
/// [`OAuthError`] when the store cannot be read.
pub async fn find<'a, S: DeviceStore>(
    context: Context<'a, S>,
    user_code: &str,
) -> Result<Option<PendingDevice<'a>>, OAuthError> {
    let found = context.store.device_of_user_code(user_code, context.now);
    let Some((device_code, record)) = found.await? else {
        return Ok(None);
    };
    let server = context.server;
    let client = server.clients.get(&record.client_id);
    let client = client.filter(|client| client.grants.contains(&Grant::DeviceCode));
    let resource_server = server.resource_server(&record.audience);
    Ok(client
        .zip(resource_server)
        .map(|(client, resource_server)| PendingDevice {
            client,
            resource_server,
            state: state(&record, context),
            device_code,
            record,
        }))
}

fn state<S>(record: &StoredDevice, context: Context<'_, S>) -> DeviceState {
    match record.decision {
        DeviceDecision::Pending if record.valid_until > context.now => DeviceState::Open,
        DeviceDecision::Pending => DeviceState::Expired,
        _ => DeviceState::Decided,
    }
}

impl PendingDevice<'_> {
    /// All that `user` may grant of what is asked for.
    pub fn scope_for(&self, user: &User) -> Scope {
        let asked = self.record.scope.intersection(&self.client.scope);
        asked.intersection(&user.scope)
    }

    /// [`PendingDevice::scope_for`] with what is said about each scope, in the order asked for.
    pub fn offered_to(&self, user: &User) -> Vec<OfferedScope<'_>> {
        let may = self.scope_for(user);
        let offered = self.record.scope.iter().filter(|name| may.contains(name));
        let describe = |name| {
            let mut own = self.resource_server.scopes.iter();
            let own = own.find(|scope| scope.name == name);
            OfferedScope {
                name,
                description: own,
            }
        };
        offered.map(describe).collect()
    }

    /// The resources that the client named (RFC 8707); none means the whole resource server.
    pub fn resources(&self) -> &[String] {
        &self.record.resources
    }
}

/// Says yes, as the user of `session`, to as much of `scope` as was asked for and as this user may
/// grant. It is on disk when this returns.
///
/// # Errors
/// [`OAuthError`] when the store fails.
pub async fn approve<S: DeviceStore + AuditStore>(
    context: Context<'_, S>,
    pending: &PendingDevice<'_>,
    session: &StoredSession,
    scope: Scope,
) -> Result<DeviceOutcome, OAuthError> {
    let users = &context.server.users;
    let Some(user) = users.who_logged_in(&session.subject, &session.login) else {
        return Ok(DeviceOutcome::NothingToGrant);
    };
    let scope = pending.scope_for(user).intersection(&scope);
    if scope.is_empty() {
        return Ok(DeviceOutcome::NothingToGrant);
    }
    let granted = scope.clone();
    let decision = DeviceDecision::Approved {
        subject: user.subject.clone(),
        scope,
        login: session.login.clone(),
        session: session.lineage,
    };
    let event = AuditEvent::DeviceApproved {
        subject: user.subject.clone(),
        client_id: pending.client.id.clone(),
        scope: granted,
    };
    decide(context, pending, decision, (DeviceOutcome::Approved, event)).await
}

/// Says no, as the user of `session`. It is on disk when this returns.
///
/// # Errors
/// [`OAuthError`] when the store fails.
pub async fn deny<S: DeviceStore + AuditStore>(
    context: Context<'_, S>,
    pending: &PendingDevice<'_>,
    session: &StoredSession,
) -> Result<DeviceOutcome, OAuthError> {
    let decision = DeviceDecision::Denied;
    let event = AuditEvent::DeviceDenied {
        subject: session.subject.clone(),
        client_id: pending.client.id.clone(),
    };
    decide(context, pending, decision, (DeviceOutcome::Denied, event)).await
}

/// Puts the decision on record if there is none yet. The first decision stands, also when two
/// users decide at once.
async fn decide<S: DeviceStore + AuditStore>(
    context: Context<'_, S>,
    pending: &PendingDevice<'_>,
    decision: DeviceDecision,
    (done, event): (DeviceOutcome, AuditEvent),
) -> Result<DeviceOutcome, OAuthError> {
    let code = pending.device_code;
    let mut record = pending.record.clone();
    for _ in 0..ROUNDS {
        match state(&record, context) {
            DeviceState::Open => {}
            DeviceState::Decided => return Ok(DeviceOutcome::AlreadyDecided),
            DeviceState::Expired => return Ok(DeviceOutcome::Expired),
        }
        let decided = StoredDevice {
            decision: decision.clone(),
            ..record.clone()
        };
        context.record(&event)?;
        if context.store.swap_device(code, &record, &decided).await? == Swap::Done {
            return Ok(done);
        }
        match context.store.device(code, context.now).await? {
            Some(changed) => record = changed,
            None => return Ok(DeviceOutcome::Expired),
        }
    }
    Err(Unavailable::Contention.into())
}
