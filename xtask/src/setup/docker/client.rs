//! The command `docker`, and which engine it speaks to.

use std::process::{Command, Stdio};

/// Speaks to one engine: by default to the one that the environment names.
#[derive(Clone, Default)]
pub(crate) struct Client {
    host: Option<String>,
}

impl Client {
    /// Speaks to the engine at `host`, which is a URL such as `unix:///run/docker.sock`.
    pub(super) fn of(host: String) -> Self {
        Self { host: Some(host) }
    }

    pub(super) fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// `docker ARGUMENTS`.
    pub(super) fn docker(&self, arguments: &[&str]) -> Command {
        self.command("docker", arguments)
    }

    /// Another program that speaks to the engine.
    pub(super) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments);
        if let Some(host) = &self.host {
            command.env("DOCKER_HOST", host);
            command.env_remove("DOCKER_CONTEXT");
        }
        command
    }

    /// What a short question answers; `None` when it fails or there is no `docker`.
    pub(super) fn ask(&self, arguments: &[&str]) -> Option<String> {
        let mut command = self.docker(arguments);
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let output = command.output().ok()?;
        let answer = String::from_utf8(output.stdout).ok()?;
        // `docker info` says nothing and succeeds when no engine answers.
        (output.status.success() && !answer.trim().is_empty()).then_some(answer)
    }
}
