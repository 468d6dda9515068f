//! The password grant (RFC 6749 §4.3): the client has the user's name and password and shows them.
//! It must not be used in anything new (RFC 9700 §2.4); only a client that is configured for it has
//! it, and a warning at start says so.

use dockgate_token::Scope;

use super::{scope, target};
use crate::audit::AuditEvent;
use crate::protocol::password_check::check_password_for;
use crate::protocol::user_grant::{Granting, issue};
use crate::protocol::{
    Client, ClientRequest, Context, Form, GrantError, InvalidGrant, Issuance, OAuthError,
    RequestError, User,
};
use crate::store::{AuditStore, GrantId, GrantStore, Login};
use crate::throttle::Source;

/// How the user has proved who they are (RFC 8176 §2).
const METHOD: &str = "pwd";

/// Issues tokens of the user. What can be refused without the password is refused before it is
/// tried.
///
/// # Errors
/// [`OAuthError`] for a public client, a wrong password, and scopes or resources that client or
/// user may not have; [`crate::protocol::Unavailable`] after too many wrong passwords.
pub(in crate::protocol) async fn issue_for_password<S: GrantStore + AuditStore>(
    context: Context<'_, S>,
    client: &Client,
    request: &ClientRequest<'_>,
    form: &Form<'_>,
) -> Result<Issuance, OAuthError> {
    // Anybody could try passwords in the name of a public client.
    if !client.is_confidential() {
        return Err(GrantError::PublicClient.into());
    }
    let (username, password) = credentials(form)?;
    let requested = scope::requested(form)?;
    let of_resource = requested.as_ref().map(scope::of_resource);
    let target = target::target(context.server, form, of_resource.as_ref())?;
    let allowed = scope::granted_by_user(requested.clone(), client, target.resource_server)?;
    let source = Source::client(&client.id, request.address);
    let user = check_password_for(context, Some(&client.id), source, username, password).await?;
    let user = user.ok_or(InvalidGrant::WrongPassword)?;
    let granted = grantable(requested.is_some(), &allowed, user)?;
    let granting = Granting {
        client,
        subject: &user.subject,
        scope: granted.clone(),
        audience: target.resource_server.audience.clone(),
        resources: target.resource_texts(),
        login: Login {
            at: context.now,
            methods: vec![METHOD.to_owned()],
        },
        session: None,
    };
    let id = GrantId::from_bytes(context.random()?);
    let (grant, refresh_token) = granting.record(context, id)?;
    context.record(&AuditEvent::LoginSucceeded {
        subject: user.subject.clone(),
        client_id: Some(client.id.clone()),
    })?;
    context.store.add_grant(id, &grant).await?;
    let resources = grant.resources.clone();
    issue(
        context,
        client,
        (id, &grant),
        granted,
        &resources,
        refresh_token,
        None,
    )
}

fn credentials<'a>(form: &'a Form<'_>) -> Result<(&'a str, &'a str), RequestError> {
    let need = |name| form.get(name).ok_or(RequestError::Missing(name));
    Ok((need("username")?, need("password")?))
}

/// What the user may grant: all that was asked for, or of the default what there is.
fn grantable(asked: bool, scope: &Scope, user: &User) -> Result<Scope, OAuthError> {
    let granted = scope.intersection(&user.scope);
    let excess = scope.iter().find(|token| !granted.contains(token));
    match excess {
        Some(excess) if asked => Err(GrantError::ScopeNotAllowed(excess.to_owned()).into()),
        _ if granted.is_empty() => Err(GrantError::NoDefaultScope.into()),
        _ => Ok(granted),
    }
}

#[cfg(test)]
mod tests;
