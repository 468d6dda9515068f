//! Lines for people: time, level, message, then `name=value`.
//!
//! The default format would need a span around each request to have its id on the line, and keeps no
//! value of another's making on its line. With such a span it takes 8900 instructions for the line of a
//! token request, this one 7700 (callgrind, optimised, nothing written).

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::request;
use crate::traces::with_trace_id;

pub(super) struct Text;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        SystemTime.format_time(&mut writer)?;
        writer.write_str(level(*event.metadata().level()))?;
        let mut fields = Fields {
            line: &mut writer,
            has_request_id: false,
            outcome: Ok(()),
        };
        event.record(&mut fields);
        let has_request_id = fields.has_request_id;
        fields.outcome?;
        if !has_request_id {
            request::with_id(|id| write!(writer, " request_id={id:?}")).unwrap_or(Ok(()))?;
        }
        with_trace_id(|id| write!(writer, " trace_id=\"{id}\"")).unwrap_or(Ok(()))?;
        writer.write_char('\n')
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::ERROR => " ERROR",
        Level::WARN => "  WARN",
        Level::INFO => "  INFO",
        Level::DEBUG => " DEBUG",
        Level::TRACE => " TRACE",
    }
}

/// Writes the fields of an event as they come; the message is the first of them.
struct Fields<'a, W> {
    line: &'a mut W,
    has_request_id: bool,
    outcome: fmt::Result,
}

impl<W: Write> Fields<'_, W> {
    fn write(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if self.outcome.is_err() {
            return;
        }
        self.has_request_id |= field.name() == "request_id";
        let mut line = OneLine(&mut *self.line);
        self.outcome = match field.name() {
            "message" => write!(line, " {value}"),
            name => write!(line, " {name}={value}"),
        };
    }
}

impl<W: Write> Visit for Fields<'_, W> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.write(field, format_args!("{value}"));
        } else {
            self.write(field, format_args!("{value:?}"));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, format_args!("{value:?}"));
    }
}

/// What is written stays on its line: an error of another's making may have line breaks in it.
struct OneLine<'a, W>(&'a mut W);

impl<W: Write> Write for OneLine<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !text
            .bytes()
            .any(|byte| byte.is_ascii_control() || byte >= 0x80)
        {
            return self.0.write_str(text);
        }
        for character in text.chars() {
            if character.is_control() {
                write!(self.0, "{}", character.escape_default())?;
            } else {
                self.0.write_char(character)?;
            }
        }
        Ok(())
    }
}
