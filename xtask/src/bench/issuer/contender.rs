//! One server in one case.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::answer::Expected;
use super::browser::Browser;
use super::case::Case;
use super::conversation::{Conversation, Stock, redeem};
use super::figures::Figures;
use super::load::{self, Scrutiny};
use super::metrics;
use super::server::{Home, Program, Server};
use crate::bench::affinity::Cores;
use crate::bench::algorithm::Format;
use crate::bench::http::{Connection, Origin};
use crate::bench::stretch::Stretch;
use crate::context::Context;
use crate::failure::{Failure, Outcome};

/// Connections of every case.
pub(super) const CONNECTIONS: usize = 32;
/// Windows of the browser that obtain them.
const WINDOWS: usize = 16;

/// One server in one case.
pub(super) struct Contender {
    case: Case,
    program: Program,
    format: Format,
    server: Server,
    /// Logged in at the first need.
    browser: Option<Browser>,
    warm_up: Stretch,
    rounds: Vec<Stretch>,
    flushes: Result<f64, String>,
}

impl Contender {
    pub(super) fn start(
        context: &Context,
        case: Case,
        program: &Program,
        cores: Option<Cores>,
    ) -> Outcome<Self> {
        let format = case.format(program);
        let home = Home::new(program, format, case.name(), cores)?;
        let server = home.start(context)?;
        Ok(Self {
            case,
            program: program.clone(),
            format,
            browser: None,
            warm_up: Stretch::default(),
            rounds: Vec::new(),
            flushes: metrics::flushes(server.ops.as_ref()).map(|_| 0.0),
            server,
        })
    }

    /// Load whose every answer is checked, and which is not counted.
    pub(super) fn warm_up(&mut self, context: &Context, duration: Duration) -> Outcome {
        self.warm_up = self.stretch(context, duration, Scrutiny::Full)?;
        self.flushes = self.flushes.clone().map(|_| 0.0);
        Ok(())
    }

    /// Load that is counted.
    pub(super) fn round(&mut self, context: &Context, duration: Duration) -> Outcome {
        let round = self.stretch(context, duration, Scrutiny::Light)?;
        self.rounds.push(round);
        Ok(())
    }

    pub(super) fn figures(&self) -> Outcome<Figures> {
        let rss = self.server.resident_mib()?;
        Ok(Figures::of(&self.rounds, &self.warm_up, &self.flushes, rss))
    }

    fn stretch(
        &mut self,
        context: &Context,
        duration: Duration,
        scrutiny: Scrutiny,
    ) -> Outcome<Stretch> {
        let stretch = match self.case {
            Case::Code(_) => self.redemptions(context, duration, scrutiny),
            _ => self
                .conversations()
                .map_err(Failure::new)
                .and_then(|conversations| self.timed(context, conversations, duration, scrutiny)),
        };
        stretch.map_err(|failure| {
            let log = self.server.last_lines();
            Failure::new(format!("{failure}\nits log ends:\n{log}"))
        })
    }

    /// As many stocks of codes as it takes; the clock stands still while they are obtained.
    fn redemptions(
        &mut self,
        context: &Context,
        duration: Duration,
        scrutiny: Scrutiny,
    ) -> Outcome<Stretch> {
        let expected = Expected::WithRefreshToken(self.format);
        let mut total = Stretch::default();
        while let Some(left) = duration.checked_sub(Duration::from_secs_f64(total.seconds)) {
            let stock = Arc::new(Stock::new(
                self.codes(self.program.codes_at_once())
                    .map_err(Failure::new)?,
            ));
            let conversations = (0..CONNECTIONS)
                .map(|_| Conversation::redemption(&self.server.origin, expected, &stock))
                .collect();
            total.append(self.timed(context, conversations, left, scrutiny)?);
        }
        Ok(total)
    }

    fn timed(
        &mut self,
        context: &Context,
        mut conversations: Vec<Conversation>,
        duration: Duration,
        scrutiny: Scrutiny,
    ) -> Outcome<Stretch> {
        let flushes = || metrics::flushes(self.server.ops.as_ref());
        let before = flushes();
        let pid = self.server.pid();
        let stretch = load::run(context, pid, &mut conversations, duration, scrutiny)?;
        self.flushes = match (self.flushes.clone(), before, flushes()) {
            (Ok(sum), Ok(before), Ok(after)) => Ok(sum + after - before),
            (Err(why), ..) | (_, Err(why), _) | (.., Err(why)) => Err(why),
        };
        Ok(stretch)
    }

    fn conversations(&mut self) -> Result<Vec<Conversation>, String> {
        let origin = self.server.origin.clone();
        let repeated = |make: &dyn Fn() -> Conversation| (0..CONNECTIONS).map(|_| make()).collect();
        match self.case {
            Case::ClientCredentials(_) => {
                let expected = Expected::AccessToken(self.format);
                Ok(repeated(&|| {
                    Conversation::client_credentials(&origin, expected)
                }))
            }
            Case::Introspection => {
                let token = self.tokens(1)?.pop().ok_or("no token")?.access;
                Ok(repeated(&|| Conversation::introspection(&origin, &token)))
            }
            Case::Refresh(_) => {
                let expected = Expected::WithRefreshToken(self.format);
                let families = self.tokens(CONNECTIONS)?.into_iter();
                Ok(families
                    .map(|family| Conversation::refresh(&origin, expected, family.refresh))
                    .collect())
            }
            // Its conversations last for one stock of codes.
            Case::Code(_) => Ok(Vec::new()),
        }
    }

    /// Tokens of as many authorizations.
    fn tokens(&mut self, count: usize) -> Result<Vec<Tokens>, String> {
        let codes = self.codes(count)?;
        let mut connection = Connection::open(self.server.origin.port)?;
        let origin = &self.server.origin;
        let tokens = codes
            .iter()
            .map(|code| Tokens::redeemed(&mut connection, origin, code));
        tokens.collect()
    }

    fn codes(&mut self, count: usize) -> Result<Vec<String>, String> {
        if self.browser.is_none() {
            let mut browser = Browser::open(&self.server.origin)?;
            // With the login and the consent behind it, every further code is one request away.
            browser.authorize()?;
            self.browser = Some(browser);
        }
        let browser = self.browser.as_ref().ok_or("no browser")?;
        let windows = WINDOWS.min(count);
        std::thread::scope(|scope| {
            let obtain = |share: usize| -> Result<Vec<String>, String> {
                let mut window = browser.window()?;
                (0..share).map(|_| window.authorize()).collect()
            };
            let threads: Vec<_> = (0..windows)
                .map(|window| {
                    let share = count / windows + usize::from(window < count % windows);
                    scope.spawn(move || obtain(share))
                })
                .collect();
            let mut codes = Vec::with_capacity(count);
            for thread in threads {
                codes.extend(thread.join().map_err(|_| "a window panicked")??);
            }
            Ok(codes)
        })
    }
}

struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    fn redeemed(connection: &mut Connection, origin: &Origin, code: &str) -> Result<Self, String> {
        let response = connection.exchange(&redeem(origin, code))?;
        let answer: Value = serde_json::from_slice(response.body).unwrap_or_default();
        let text = |name: &str| {
            let text = answer.get(name).and_then(Value::as_str);
            text.map(str::to_owned)
                .ok_or_else(|| format!("no {name}: {}", response.summary()))
        };
        Ok(Self {
            access: text("access_token")?,
            refresh: text("refresh_token")?,
        })
    }
}
