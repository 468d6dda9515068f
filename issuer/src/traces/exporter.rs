//! The task that sends spans: in batches, never two calls at once, ever more rarely while the
//! collector does not answer.

use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};
use tracing::{info, warn};

use super::collector::{self, NotTaken, Taken};
use super::otlp::export_request;
use super::outcome::{ExportOutcome, SpanOutcome};
use super::pace::Pace;
use super::span::Span;
use crate::config::OtlpEndpoint;
use crate::metrics;

/// The running task.
pub struct Exporter {
    stop: watch::Sender<Option<Instant>>,
    task: JoinHandle<()>,
}

impl Exporter {
    pub(super) fn start(
        endpoint: OtlpEndpoint,
        service_name: String,
        spans: Receiver<Span>,
        pace: Pace,
    ) -> Self {
        let (stop, stopped) = watch::channel(None);
        let sending = Sending {
            endpoint,
            service_name,
            spans,
            pace,
            stop: stopped,
            pause: pace.first_pause,
            failing: false,
        };
        Self {
            stop,
            task: tokio::spawn(sending.run()),
        }
    }

    /// Sends what waits, for at most `patience`, and ends. What was not sent by then is counted as
    /// lost; spans that end later, as dropped.
    pub async fn flush(self, patience: Duration) {
        self.stop.send_replace(Some(Instant::now() + patience));
        if self.task.await.is_err() {
            warn!("the task that sends traces has ended early");
        }
    }
}

struct Sending {
    endpoint: OtlpEndpoint,
    service_name: String,
    spans: Receiver<Span>,
    pace: Pace,
    /// Until when there is time, once there is an end to it.
    stop: watch::Receiver<Option<Instant>>,
    /// How long to wait after the next failure.
    pause: Duration,
    /// Whether the last call failed, so that a collector that is away is told of once.
    failing: bool,
}

impl Sending {
    async fn run(mut self) {
        loop {
            let mut batch = Vec::new();
            let open = self.gather(&mut batch).await;
            if !batch.is_empty() {
                self.deliver(batch).await;
            }
            if !open {
                return;
            }
        }
    }

    /// Takes what comes within the interval, as far as it has room in one call. Whether more may come.
    async fn gather(&mut self, batch: &mut Vec<Span>) -> bool {
        let mut stop = self.stop.clone();
        // Nothing is waited for any more, and nothing new comes in.
        let is_stopping = stop.borrow().is_some();
        if is_stopping {
            self.spans.close();
            return self.spans.recv_many(batch, self.pace.batch).await > 0;
        }
        tokio::select! {
            first = self.spans.recv() => match first {
                Some(span) => batch.push(span),
                None => return false,
            },
            _ = stop.wait_for(Option::is_some) => return true,
        }
        let late = sleep(self.pace.interval);
        tokio::pin!(late);
        while let Some(room) = self
            .pace
            .batch
            .checked_sub(batch.len())
            .filter(|room| *room > 0)
        {
            tokio::select! {
                more = self.spans.recv_many(batch, room) => if more == 0 {
                    return false;
                },
                () = &mut late => break,
                _ = stop.wait_for(Option::is_some) => break,
            }
        }
        true
    }

    /// Sends a batch until it is taken, refused or given up.
    async fn deliver(&mut self, batch: Vec<Span>) {
        let message = export_request(&self.service_name, &batch);
        for _ in 1..=self.pace.attempts {
            let is_stopping = self.stop.borrow().is_some();
            let Some(outcome) = self.try_once(message.clone()).await else {
                break;
            };
            let later = match outcome {
                Ok(Taken { rejected }) => {
                    self.succeeded();
                    let rejected = rejected.min(batch.len());
                    let taken = batch.len().saturating_sub(rejected);
                    metrics::trace_export(ExportOutcome::Success);
                    metrics::trace_spans(SpanOutcome::Exported, taken);
                    metrics::trace_spans(SpanOutcome::Refused, rejected);
                    return;
                }
                Err(NotTaken::Never(status)) => {
                    self.failed(&NotTaken::Never(status));
                    metrics::trace_export(ExportOutcome::Refused);
                    metrics::trace_spans(SpanOutcome::Refused, batch.len());
                    return;
                }
                Err(NotTaken::Later(status, after)) => {
                    self.failed(&NotTaken::Later(status, after));
                    metrics::trace_export(ExportOutcome::Refused);
                    after
                }
                Err(error) => {
                    self.failed(&error);
                    metrics::trace_export(ExportOutcome::Unreachable);
                    None
                }
            };
            if is_stopping {
                break;
            }
            // The pause is for the next batch too: another one is no reason to call more often.
            self.wait(later).await;
        }
        metrics::trace_spans(SpanOutcome::Lost, batch.len());
    }

    /// One call; `None` when time is up.
    async fn try_once(&self, message: Vec<u8>) -> Option<Result<Taken, NotTaken>> {
        let mut stop = self.stop.clone();
        let expired = async move {
            let deadline = stop.wait_for(Option::is_some).await.map(|until| *until);
            // Else whoever could have stopped it is gone, and nobody waits for the rest.
            if let Ok(Some(deadline)) = deadline {
                sleep_until(deadline).await;
            }
        };
        tokio::select! {
            biased;
            outcome = collector::send(&self.endpoint, message, self.pace.timeout) => Some(outcome),
            () = expired => None,
        }
    }

    /// Waits after a failure, as long as the collector wants if it says so, or until the end comes:
    /// then there is one more call.
    async fn wait(&mut self, wanted: Option<Duration>) {
        let pause = wanted.unwrap_or(self.pause).max(self.pause);
        self.pause = self.pause.saturating_mul(2).min(self.pace.longest_pause);
        let mut stop = self.stop.clone();
        tokio::select! {
            () = sleep(pause) => {}
            _ = stop.wait_for(Option::is_some) => {}
        }
    }

    fn succeeded(&mut self) {
        self.pause = self.pace.first_pause;
        if std::mem::take(&mut self.failing) {
            info!("the collector takes traces again");
        }
    }

    fn failed(&mut self, reason: &NotTaken) {
        if !std::mem::replace(&mut self.failing, true) {
            warn!(
                endpoint = %self.endpoint,
                error = %reason,
                "the collector takes no traces; they are sent again, then dropped"
            );
        }
    }
}
