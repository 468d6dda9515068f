//! `[log]`: what is logged, to standard error.

use std::str::FromStr;

use serde::Deserialize;

use super::environment::Expected;
use super::located::Located;

/// The log. No level shows a secret, a token, a code or a password.
#[derive(Clone, Copy, Debug, Default)]
pub struct Log {
    /// `format`. Default `text`: people read it first; collectors ask for `json`.
    pub format: LogFormat,
    /// `level`. Default `info`: starts, stops, and each token request with its outcome.
    pub level: LogLevel,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum LogLevel {
    /// What needs a person.
    Error,
    /// What may come to need one.
    Warn,
    /// What happened.
    #[default]
    Info,
    /// How it came about.
    Debug,
    /// Everything.
    Trace,
}

/// What is logged.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct LogTable {
    /// How a line looks; to standard error. People read it first, collectors ask for JSON.
    #[cfg_attr(test, schemars(extend("default" = "text")))]
    pub(super) format: Option<Located<LogFormat>>,
    /// Starts, stops, and each request for a token with its outcome. No level shows a secret, a
    /// token, a code or a password.
    #[cfg_attr(test, schemars(extend("default" = "info")))]
    pub(super) level: Option<Located<LogLevel>>,
}

impl LogTable {
    pub(super) fn check(self) -> Log {
        Log {
            format: self.format.map(|format| format.value).unwrap_or_default(),
            level: self.level.map(|level| level.value).unwrap_or_default(),
        }
    }
}

impl LogFormat {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

impl LogLevel {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// The text is none of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownValue;

impl FromStr for LogFormat {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(UnknownValue),
        }
    }
}

impl FromStr for LogLevel {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        match text {
            "error" => Ok(Self::Error),
            "warn" => Ok(Self::Warn),
            "info" => Ok(Self::Info),
            "debug" => Ok(Self::Debug),
            "trace" => Ok(Self::Trace),
            _ => Err(UnknownValue),
        }
    }
}

impl Expected for LogFormat {
    const EXPECTED: &str = "text or json";
}

impl Expected for LogLevel {
    const EXPECTED: &str = "error, warn, info, debug or trace";
}
