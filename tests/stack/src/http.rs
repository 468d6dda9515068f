//! The few plain requests that tell whether a part is ready.

use std::time::Duration;

use ureq::Agent;

/// What came back: a status and a body, or why nothing did.
pub(crate) type Answer = Result<(u16, String), String>;

/// A client that takes every status for an answer and does not wait long for one.
pub(crate) struct Http(Agent);

impl Http {
    pub(crate) fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(5)))
            .build();
        Self(config.into())
    }

    pub(crate) fn get(&self, url: &str) -> Answer {
        read(self.0.get(url).call())
    }

    pub(crate) fn get_with_token(&self, url: &str, token: &str) -> Answer {
        read(
            self.0
                .get(url)
                .header("authorization", format!("Bearer {token}"))
                .call(),
        )
    }

    pub(crate) fn post_form(&self, url: &str, authorization: &str, form: &str) -> Answer {
        let request = self
            .0
            .post(url)
            .header("authorization", authorization)
            .header("content-type", "application/x-www-form-urlencoded");
        read(request.send(form))
    }
}

fn read(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut response = response.map_err(|error| error.to_string())?;
    let body = response
        .body_mut()
        .read_to_string()
        .map_err(|error| error.to_string())?;
    Ok((response.status().as_u16(), body))
}
