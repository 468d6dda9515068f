//! The load: a closed loop over several connections, on one thread.
//!
//! Envoy answers in the order in which requests came. So the client reads one connection after the
//! other and sends the next request on each at once: two system calls for a request, no switch
//! between threads, and there is always more for Envoy to do.

use std::time::{Duration, Instant};

use dockgate_stack::now;

use super::requests::Requests;
use crate::bench::http::Connection;
use crate::bench::stretch::{Cpu, Stretch};
use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// Connections of every case.
pub(super) const CONNECTIONS: usize = 32;

/// Connections that are kept from one stretch to the next.
pub(super) struct Client {
    connections: Vec<Connection>,
}

impl Client {
    pub(super) fn open(port: u16) -> Outcome<Self> {
        let connections = (0..CONNECTIONS).map(|_| Connection::open(port));
        Ok(Self {
            connections: connections
                .collect::<Result<_, _>>()
                .map_err(Failure::new)?,
        })
    }

    /// Sends for so long, or until there is nothing left to send. Every answer must have this
    /// status: a refusal that passed for a success would look fast.
    pub(super) fn run(
        &mut self,
        context: &Context,
        pid: u32,
        requests: &mut Requests,
        status: u16,
        limit: Duration,
    ) -> Outcome<Stretch> {
        let (begun, before) = (now(), Cpu::read(pid)?);
        let latencies = self.exchange(context, requests, status, begun + limit)?;
        let seconds = now().duration_since(begun).as_secs_f64();
        let mut stretch = before.until(&Cpu::read(pid)?, seconds);
        stretch.latencies = latencies;
        if context.stop.is_raised() {
            return Err(Failure::new("stopped"));
        }
        Ok(stretch)
    }

    fn exchange(
        &mut self,
        context: &Context,
        requests: &mut Requests,
        status: u16,
        end: Instant,
    ) -> Outcome<Vec<u32>> {
        let mut latencies = Vec::new();
        let mut request = Vec::new();
        let mut sent: Vec<Option<Instant>> = vec![None; self.connections.len()];
        let mut sending = true;
        while sending || sent.iter().any(Option::is_some) {
            for (connection, sent) in self.connections.iter_mut().zip(&mut sent) {
                if let Some(begun) = sent.take() {
                    let response = connection.response().map_err(Failure::new)?;
                    if response.status != status {
                        let summary = response.summary();
                        return Err(Failure::new(format!("expected {status}, got {summary}")));
                    }
                    let latency = now().duration_since(begun).as_micros();
                    latencies.push(u32::try_from(latency).unwrap_or(u32::MAX));
                }
                if sending && requests.write(&mut request) {
                    let begun = now();
                    connection.send(&request).map_err(Failure::new)?;
                    *sent = Some(begun);
                    sending = begun < end && !context.stop.is_raised();
                } else {
                    sending = false;
                }
            }
        }
        Ok(latencies)
    }
}
