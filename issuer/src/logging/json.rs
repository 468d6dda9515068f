//! Lines for collectors: one JSON object each, `timestamp`, `level` and `message` first.

use std::fmt::{self, Debug, Write as _};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::request;
use crate::traces::with_trace_id;

pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Json
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
        writer.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut writer)?;
        let level = event.metadata().level();
        write!(writer, "\",\"level\":\"{level}\"")?;
        let mut fields = Fields::default();
        event.record(&mut fields);
        if !fields.has_request_id {
            request::with_id(|id| fields.write("request_id", &Value::from(id)));
        }
        with_trace_id(|id| fields.write("trace_id", &id.to_string().into()));
        writer.write_str(&fields.members)?;
        writer.write_str("}\n")
    }
}

/// The members, each with a comma before it.
#[derive(Default)]
struct Fields {
    members: String,
    has_request_id: bool,
}

impl Fields {
    fn write(&mut self, name: &str, value: &Value) {
        self.has_request_id |= name == "request_id";
        // Writing to a string does not fail.
        write!(self.members, ",{}:{value}", Value::from(name)).ok();
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field.name(), &value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field.name(), &value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.write(field.name(), &value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field.name(), &value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.write(field.name(), &value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field.name(), &format!("{value:?}").into());
    }
}
