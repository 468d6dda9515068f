//! The load: a closed loop. Each connection sends its next request when it has the last answer.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dockgate_stack::{Deadline, now};

use super::conversation::Conversation;
use crate::bench::http::Connection;
use crate::bench::stretch::{Cpu, Stretch};
use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// How much of an answer is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scrutiny {
    /// Everything: for the warm-up.
    Full,
    /// The status, and what the next request needs.
    Light,
}

/// What one connection has seen.
#[derive(Default)]
struct Seen {
    latencies: Vec<u32>,
    signatures: u32,
    error: Option<String>,
}

impl Seen {
    fn panicked() -> Self {
        Self {
            error: Some("its thread panicked".to_owned()),
            ..Self::default()
        }
    }
}

/// Lets every conversation run on a connection of its own until `limit` has passed or there is
/// nothing left to say.
pub(super) fn run(
    context: &Context,
    pid: u32,
    conversations: &mut [Conversation],
    limit: Duration,
    scrutiny: Scrutiny,
) -> Outcome<Stretch> {
    let stop = AtomicBool::new(false);
    // Connections are open before time is measured.
    let ready = Barrier::new(conversations.len() + 1);
    let (stretch, seen) = std::thread::scope(|scope| {
        let threads: Vec<_> = conversations
            .iter_mut()
            .map(|conversation| scope.spawn(|| converse(conversation, &ready, &stop, scrutiny)))
            .collect();
        ready.wait();
        let (begun, before) = (now(), Cpu::read(pid));
        let over = || threads.iter().all(|thread| thread.is_finished()) || context.stop.is_raised();
        Deadline::after(limit).poll_every(Duration::from_millis(1), || over().then_some(()));
        stop.store(true, Ordering::Relaxed);
        let seen: Vec<Seen> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Seen::panicked()))
            .collect();
        let seconds = now().duration_since(begun).as_secs_f64();
        let stretch = before.and_then(|before| Ok(before.until(&Cpu::read(pid)?, seconds)));
        (stretch, seen)
    });
    let mut stretch = stretch?;
    let errors: Vec<&String> = seen.iter().filter_map(|seen| seen.error.as_ref()).collect();
    if let Some(first) = errors.first() {
        return Err(Failure::new(format!(
            "{} of {} connections failed; the first: {first}",
            errors.len(),
            seen.len()
        )));
    }
    if context.stop.is_raised() {
        return Err(Failure::new("stopped"));
    }
    for mut one in seen {
        stretch.latencies.append(&mut one.latencies);
        stretch.signatures += one.signatures;
    }
    Ok(stretch)
}

/// One connection's part. It ends at its first error: a family of refresh tokens is lost then.
fn converse(
    conversation: &mut Conversation,
    ready: &Barrier,
    stop: &AtomicBool,
    scrutiny: Scrutiny,
) -> Seen {
    let mut seen = Seen::default();
    let connection = Connection::open(conversation.origin.port);
    ready.wait();
    let outcome =
        connection.and_then(|connection| talk(conversation, connection, stop, scrutiny, &mut seen));
    seen.error = outcome.err();
    seen
}

fn talk(
    conversation: &mut Conversation,
    mut connection: Connection,
    stop: &AtomicBool,
    scrutiny: Scrutiny,
    seen: &mut Seen,
) -> Result<(), String> {
    let mut request = Vec::new();
    while !stop.load(Ordering::Relaxed) && conversation.next(&mut request) {
        let begun = now();
        let response = connection.exchange(&request)?;
        let latency = now().duration_since(begun).as_micros();
        seen.latencies
            .push(u32::try_from(latency).unwrap_or(u32::MAX));
        conversation.heard(&response)?;
        if scrutiny == Scrutiny::Full {
            let checked = conversation.expected.check(response.body);
            seen.signatures += checked.map_err(|why| format!("{why}: {}", response.summary()))?;
        }
    }
    Ok(())
}
