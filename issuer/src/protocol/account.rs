//! What a user sees of their account, and takes back: sessions, and what applications may do.

use std::collections::BTreeMap;

use dockgate_token::{ClientId, Scope};

use super::client_id_metadata::is_document;
use super::resource_server::ScopeDescription;
use super::sessions::LiveSession;
use super::{Client, Context, OAuthError, logout};
use crate::audit::AuditEvent;
use crate::clock::UnixSeconds;
use crate::store::{
    AuditStore, ConsentStore, GrantStore, ListedSession, OnceStore, SessionId, SessionStore,
    StoredGrant, StoredSession,
};

/// How many sessions are ended in one go.
const AT_ONCE: usize = 100;

/// An account at a glance.
#[derive(Debug)]
pub struct Overview<'a> {
    /// The live sessions: the one that asks, then those that began last first.
    pub sessions: Vec<ListedSession>,
    /// Whether there are more sessions.
    pub more_sessions: bool,
    /// The applications with access, by name.
    pub applications: Vec<Application<'a>>,
    /// Whether there are more applications.
    pub more_applications: bool,
}

/// An application with access.
#[derive(Debug)]
pub struct Application<'a> {
    /// Which it is.
    pub id: ClientId,
    /// What it is; `None` for one that is a document. The page does not ask its host, which would tell
    /// that host when the user looks at their account, and could keep them from it.
    pub client: Option<&'a Client>,
    /// What it may do, or has been agreed to and would not be asked again.
    pub scope: Scope,
    /// Since when it has had access without a break; `None` where there is but a consent.
    pub since: Option<UnixSeconds>,
    /// When it got a token last.
    pub last_used: Option<UnixSeconds>,
}

/// Shows the account of `own`, with no more than `limit` sessions and applications. The first session
/// is `own`, however many have begun since: nobody should have to guess which one is theirs.
///
/// # Errors
/// When the store cannot be read.
pub async fn overview<'a, S: SessionStore + GrantStore + ConsentStore>(
    context: Context<'a, S>,
    own: &LiveSession,
    limit: usize,
) -> Result<Overview<'a>, OAuthError> {
    let subject = &own.session.subject;
    let mut sessions = own_first(context, own, limit.saturating_add(1)).await?;
    let more_sessions = sessions.len() > limit;
    sessions.truncate(limit);
    let users = &context.server.users;
    sessions.retain(|listed| {
        users
            .who_logged_in(subject, &listed.session.login)
            .is_some()
    });
    let mut applications = applications(context, &own.session).await?;
    let more_applications = applications.len() > limit;
    applications.truncate(limit);
    Ok(Overview {
        sessions,
        more_sessions,
        applications,
        more_applications,
    })
}

/// As many sessions of the user as there are, `limit` others at most.
async fn own_first<S: SessionStore>(
    context: Context<'_, S>,
    own: &LiveSession,
    limit: usize,
) -> Result<Vec<ListedSession>, OAuthError> {
    let (store, session) = (context.store, &own.session);
    let mut sessions = store
        .sessions_of(&session.subject, limit, context.now)
        .await?;
    let listed = sessions
        .iter()
        .position(|listed| listed.session.id == session.id);
    let own = match listed {
        Some(index) => sessions.remove(index),
        None => ListedSession {
            cookie: own.cookie,
            session: session.clone(),
            note: store.session_note(own.cookie, session).await?,
        },
    };
    sessions.insert(0, own);
    Ok(sessions)
}

async fn applications<'a, S: GrantStore + ConsentStore>(
    context: Context<'a, S>,
    session: &StoredSession,
) -> Result<Vec<Application<'a>>, OAuthError> {
    let server = context.server;
    let subject = &session.subject;
    let mut found: BTreeMap<ClientId, Application<'a>> = BTreeMap::new();
    for (_, grant) in context.store.grants_of(subject, context.now).await? {
        let user = server.users.who_logged_in(subject, &grant.login);
        let client = server.clients.get(&grant.client_id);
        let is_there = client.is_some() || is_document(&grant.client_id);
        if let Some(user) = user.filter(|_| is_there) {
            let scope = grant.scope.intersection(&user.scope);
            let application = found
                .entry(grant.client_id.clone())
                .or_insert_with(|| Application::without_access(grant.client_id.clone(), client));
            application.add(&match client {
                Some(client) => scope.intersection(&client.scope),
                None => scope,
            });
            let since = application.since.unwrap_or(UnixSeconds::MAX);
            application.since = Some(since.min(grant.granted_at));
            application.last_used = application.last_used.max(Some(last_used(&grant)));
        }
    }
    let clients: Vec<ClientId> = server
        .clients
        .values()
        .map(|client| client.id.clone())
        .collect();
    for (id, consent) in context
        .store
        .consents_of(subject, &clients, context.now)
        .await?
    {
        if let Some(client) = server.clients.get(&id)
            && !consent.scope.is_empty()
        {
            let application = found
                .entry(id.clone())
                .or_insert_with(|| Application::without_access(id, Some(client)));
            application.add(&consent.scope.intersection(&client.scope));
        }
    }
    let mut applications: Vec<_> = found.into_values().collect();
    applications.sort_by_key(|application| {
        let of_document = || Some(application.id.to_string());
        application
            .client
            .map_or_else(of_document, |client| client.name.clone())
    });
    Ok(applications)
}

impl<'a> Application<'a> {
    fn without_access(id: ClientId, client: Option<&'a Client>) -> Self {
        Self {
            id,
            client,
            scope: Scope::empty(),
            since: None,
            last_used: None,
        }
    }

    fn add(&mut self, scope: &Scope) {
        let more = scope.iter().filter(|name| !self.scope.contains(name));
        // Tokens of a scope are scope tokens.
        self.scope = Scope::from_tokens(self.scope.iter().chain(more)).unwrap_or_default();
    }
}

/// When a token came of a grant last: at the latest rotation, of which the predecessor or the
/// youngest retired token tells.
fn last_used(grant: &StoredGrant) -> UnixSeconds {
    let Some(family) = &grant.refresh else {
        return grant.granted_at;
    };
    let predecessor = family.predecessor.iter().map(|token| token.rotated_at);
    let retired = family.retired.iter().map(|token| token.rotated_at);
    let rotations = predecessor.chain(retired);
    rotations.fold(grant.granted_at, UnixSeconds::max)
}

/// What the resource servers say of a scope. The first that has it is asked.
pub fn described<'a, S>(context: Context<'a, S>, name: &str) -> Option<&'a ScopeDescription> {
    let servers = context.server.resource_servers.iter();
    let mut scopes = servers.flat_map(|server| &server.scopes);
    scopes.find(|scope| scope.name == name)
}

/// Ends the access of an application: what was agreed to is forgotten, and nothing that came of it
/// or is on its way gives a token any more. An access token that is out stays good at Envoy to its
/// end. On disk when this returns.
///
/// The note of the end is first, so that a code which is being redeemed now meets either the note or
/// the removal.
///
/// # Errors
/// When the store fails: the access may then not have ended.
pub async fn end_access<S: GrantStore + ConsentStore + AuditStore>(
    context: Context<'_, S>,
    subject: &str,
    client: &ClientId,
) -> Result<(), OAuthError> {
    let lifetimes = &context.server.lifetimes;
    let on_its_way = lifetimes.code.max(lifetimes.device_code);
    let until = context.now.saturating_add(on_its_way).saturating_add(1);
    context.record(&AuditEvent::ConsentRevoked {
        subject: subject.to_owned(),
        client_id: client.clone(),
    })?;
    let store = context.store;
    store
        .end_access(subject, client, context.now, until)
        .await?;
    for (id, grant) in store.grants_of(subject, context.now).await? {
        if grant.client_id == *client {
            context.record(&AuditEvent::GrantRevoked {
                subject: grant.subject,
                client_id: grant.client_id,
                grant_id: id,
                reason: "user",
            })?;
            store.remove_grant(id).await?;
        }
    }
    Ok(())
}

/// Ends one of the user's sessions but for `own`, as a logout there would. Gives whether there was
/// one.
///
/// # Errors
/// When the store fails: the session may then still be alive.
pub async fn end_session<S: SessionStore + GrantStore + OnceStore + AuditStore>(
    context: Context<'_, S>,
    own: &StoredSession,
    id: SessionId,
) -> Result<bool, OAuthError> {
    end_where(context, own, |session| session.id == id).await
}

/// Ends all of the user's sessions but `own`. Gives whether there were any.
///
/// # Errors
/// When the store fails: some may then still be alive.
pub async fn end_other_sessions<S: SessionStore + GrantStore + OnceStore + AuditStore>(
    context: Context<'_, S>,
    own: &StoredSession,
) -> Result<bool, OAuthError> {
    end_where(context, own, |_| true).await
}

async fn end_where<S: SessionStore + GrantStore + OnceStore + AuditStore>(
    context: Context<'_, S>,
    own: &StoredSession,
    which: impl Fn(&StoredSession) -> bool,
) -> Result<bool, OAuthError> {
    let mut ended = false;
    let mut limit = AT_ONCE;
    loop {
        let sessions = context.store.sessions_of(&own.subject, limit, context.now);
        let sessions = sessions.await?;
        let is_all = sessions.len() < limit;
        let others = sessions
            .iter()
            .filter(|listed| listed.session.id != own.id && which(&listed.session));
        for listed in others {
            context.record(&AuditEvent::SessionRevoked {
                subject: own.subject.clone(),
                session_id: listed.session.id,
                reason: "user",
            })?;
            logout::end_session(context, &listed.session, listed.cookie).await?;
            ended = true;
        }
        if is_all {
            return Ok(ended);
        }
        // What was passed over comes first again.
        limit = limit.saturating_mul(2);
    }
}

#[cfg(test)]
mod tests;
