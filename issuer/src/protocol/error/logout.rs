//! Logout requests that cannot be trusted.

/// Why nothing is ended and nobody redirected (OIDC RP-Initiated Logout §4): the user sees a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogoutError {
    /// `client_id` or the audience of the hint is no client here.
    UnknownClient,
    /// `id_token_hint` is no ID token of this server.
    InvalidHint,
    /// `client_id` is not the client that the hint was issued to.
    HintOfOtherClient,
    /// `post_logout_redirect_uri` came without a client, so there is nothing to compare it with.
    RedirectWithoutClient,
    /// `post_logout_redirect_uri` is none of the client's.
    UnregisteredRedirect,
    /// `state` is longer than is repeated.
    StateTooLong,
}

impl LogoutError {
    /// A sentence for the page; nothing that the request sent is in it.
    pub fn description(self) -> &'static str {
        match self {
            Self::UnknownClient => "The application that asks you to log out is not known here.",
            Self::InvalidHint | Self::HintOfOtherClient => {
                "The application did not say rightly whom to log out."
            }
            Self::RedirectWithoutClient | Self::UnregisteredRedirect => {
                "The application asks to send you to an address that is not registered for it."
            }
            Self::StateTooLong => "The application sent more than can be sent back to it.",
        }
    }

    /// The name of the reason in logs and metrics.
    pub fn reason(self) -> &'static str {
        match self {
            Self::UnknownClient => "logout_of_unknown_client",
            Self::InvalidHint => "invalid_id_token_hint",
            Self::HintOfOtherClient => "id_token_hint_of_other_client",
            Self::RedirectWithoutClient => "logout_redirect_without_client",
            Self::UnregisteredRedirect => "logout_redirect_not_registered",
            Self::StateTooLong => "logout_state_too_long",
        }
    }
}
