//! The authorization code grant (RFC 6749 §4.1.3). A code is good once.
//!
//! Whatever it is bound to is checked before it is used up: who has the code but not the client's
//! credentials, its redirect URI and its verifier does not spoil it for its client. So a guess at a
//! verifier may be followed by the right one while the code lives; there is nothing in it for who
//! guesses, as a verifier has 256 bits. Once it has been redeemed, another attempt of the same
//! client's shows that two parties have it, whether they know the verifier or not, and what came of
//! it is revoked (RFC 6749 §4.1.2).

use super::target;
use crate::audit::AuditEvent;
use crate::protocol::user_grant::{Granting, effective_scope, issue};
use crate::protocol::{
    Client, Context, Form, InvalidGrant, Issuance, OAuthError, RequestError, pkce, sessions,
};
use crate::store::{
    AuditStore, CodeStore, ConsentStore, GrantStore, OnceStore, Redemption, SecretDigest,
    StoredCode, StoredGrant,
};

/// Redeems a code. The grant that comes of it is on disk before its tokens are handed out.
///
/// # Errors
/// [`OAuthError`] for a code that is not good, and for resources that were not granted.
pub(in crate::protocol) async fn redeem<
    S: CodeStore + ConsentStore + GrantStore + OnceStore + AuditStore,
>(
    context: Context<'_, S>,
    client: &Client,
    form: &Form<'_>,
) -> Result<Issuance, OAuthError> {
    let secret = form.get("code").ok_or(RequestError::Missing("code"))?;
    let verifier = pkce::verifier(form)?;
    let digest = SecretDigest::of(secret.as_bytes());
    let code = context.store.code(digest, context.now).await?;
    let code = code.ok_or(InvalidGrant::UnknownCode)?;
    check_client(&code, client)?;
    if code.redeemed {
        return Err(replayed(context, &code).await);
    }
    check_redirect_uri(&code, form)?;
    pkce::check(code.code_challenge.as_deref(), verifier)?;
    if code.valid_until <= context.now {
        return Err(InvalidGrant::ExpiredCode.into());
    }
    // Whatever can fail comes before the code is used up.
    let (grant, issuance) = prepare(context, client, &code, form)?;
    match context.store.redeem_code(digest, &grant).await? {
        Redemption::First => {
            sessions::check_not_ended(context, code.grant, &grant).await?;
            let agreed_at = code
                .valid_until
                .saturating_sub(context.server.lifetimes.code);
            let from = (code.grant, &grant);
            sessions::check_access_not_ended(context, from, agreed_at).await?;
            Ok(issuance)
        }
        Redemption::Again => Err(replayed(context, &code).await),
    }
}

/// A code is its client's alone (RFC 6749 §4.1.3). Another client's attempt hurts nobody.
fn check_client(code: &StoredCode, client: &Client) -> Result<(), InvalidGrant> {
    if code.client_id == client.id {
        Ok(())
    } else {
        Err(InvalidGrant::CodeOfOther)
    }
}

/// Where the authorization request had a redirect URI, the token request has the same one
/// (RFC 6749 §4.1.3); where it had none, one may be there if it is the one that was used.
fn check_redirect_uri(code: &StoredCode, form: &Form<'_>) -> Result<(), InvalidGrant> {
    match form.get("redirect_uri") {
        Some(uri) if uri == code.redirect_uri => Ok(()),
        None if !code.redirect_uri_was_sent => Ok(()),
        _ => Err(InvalidGrant::OtherRedirectUri),
    }
}

/// A code that comes again was seen by two parties: everything that came of it is revoked
/// (RFC 6749 §4.1.2).
async fn replayed<S: GrantStore + AuditStore>(
    context: Context<'_, S>,
    code: &StoredCode,
) -> OAuthError {
    let event = AuditEvent::CodeReused {
        subject: code.subject.clone(),
        client_id: code.client_id.clone(),
        grant_id: code.grant,
    };
    if let Err(error) = context.record(&event) {
        return error.into();
    }
    match context.store.remove_grant(code.grant).await {
        Ok(()) => InvalidGrant::CodeReplayed.into(),
        Err(error) => error.into(),
    }
}

fn prepare<S>(
    context: Context<'_, S>,
    client: &Client,
    code: &StoredCode,
    form: &Form<'_>,
) -> Result<(StoredGrant, Issuance), OAuthError> {
    let granting = Granting {
        client,
        subject: &code.subject,
        scope: code.scope.clone(),
        audience: code.audience.clone(),
        resources: code.resources.clone(),
        login: code.login.clone(),
        session: Some(code.session),
    };
    let (grant, refresh_token) = granting.record(context, code.grant)?;
    let scope = effective_scope(context, client, &grant)?;
    let resources = target::narrowed(context.server, &grant, form)?;
    let nonce = code.nonce.clone();
    let from = (code.grant, &grant);
    let issuance = issue(
        context,
        client,
        from,
        scope,
        &resources,
        refresh_token,
        nonce,
    )?;
    Ok((grant, issuance))
}

#[cfg(test)]
mod tests;
