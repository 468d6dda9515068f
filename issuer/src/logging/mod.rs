//! Structured logs to standard error. `docs/observability.md` describes the lines.

mod json;
pub mod request;
mod text;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{FormatEvent, layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt as _;

use self::json::Json;
use self::text::Text;
use crate::config::{Log, LogFormat, LogLevel};

/// Starts logging. Other libraries are heard from `warn` upwards only: at lower levels some of them
/// show request contents.
pub fn start(log: Log) {
    match log.format {
        LogFormat::Text => begin(log.level, Text),
        LogFormat::Json => begin(log.level, Json),
    }
}

fn begin<F>(level: LogLevel, format: F)
where
    F: FormatEvent<Registry, tracing_subscriber::fmt::format::DefaultFields>
        + Send
        + Sync
        + 'static,
{
    let lines = layer()
        .event_format(format)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    tracing_subscriber::registry()
        .with(lines)
        .with(filter(level))
        .init();
}

fn filter(level: LogLevel) -> Targets {
    let own = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    Targets::new()
        .with_default(own.min(LevelFilter::WARN))
        .with_target("dockgate_issuer", own)
}

#[cfg(test)]
pub(crate) mod tests;
