//! What was refused as there had been too much of it, by the limit that refused it.

use super::registry::METRICS;

/// What somebody does too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttled {
    /// A password.
    Password,
    /// Wrong credentials of a client.
    ClientCredentials,
    /// A user code.
    UserCode,
    /// A registration.
    Registration,
    /// A pushed authorization request.
    PushedRequest,
    /// A device authorization.
    Device,
}

/// The limit that refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// That of one account: of one user, where passwords and user codes are concerned.
    Account,
    /// That of one client, or of one initial access token.
    Client,
    /// That of one address, or of one client that passes passwords on.
    Address,
    /// That of all together.
    Overall,
}

impl Throttled {
    const ALL: [(Self, &'static [Limit]); 6] = [
        (
            Self::Password,
            &[Limit::Account, Limit::Address, Limit::Overall],
        ),
        (
            Self::ClientCredentials,
            &[Limit::Client, Limit::Address, Limit::Overall],
        ),
        (
            Self::UserCode,
            &[Limit::Account, Limit::Address, Limit::Overall],
        ),
        (
            Self::Registration,
            &[Limit::Client, Limit::Address, Limit::Overall],
        ),
        (Self::PushedRequest, &[Limit::Client, Limit::Address]),
        (Self::Device, &[Limit::Client, Limit::Address]),
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::ClientCredentials => "client_credentials",
            Self::UserCode => "user_code",
            Self::Registration => "registration",
            Self::PushedRequest => "pushed_request",
            Self::Device => "device",
        }
    }

    /// For an error on its way: counts it and gives it back.
    pub fn by<E>(self, limit: Limit) -> impl FnOnce(E) -> E {
        move |error| {
            METRICS
                .throttled
                .with_label_values(&[self.as_str(), limit.as_str()])
                .inc();
            error
        }
    }

    /// How many there were.
    #[cfg(test)]
    pub fn count(self, limit: Limit) -> u64 {
        let labels = [self.as_str(), limit.as_str()];
        METRICS.throttled.with_label_values(&labels).get()
    }
}

impl Limit {
    fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Client => "client",
            Self::Address => "address",
            Self::Overall => "overall",
        }
    }
}

/// Shows all of them, with 0 at the start.
pub(super) fn begin(metrics: &super::registry::Metrics) {
    for (what, limits) in Throttled::ALL {
        for limit in limits {
            let labels = [what.as_str(), limit.as_str()];
            metrics.throttled.with_label_values(&labels).inc_by(0);
        }
    }
}
