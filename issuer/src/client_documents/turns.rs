//! Whose turn it is to be fetched: so many at once in all, fewer of one site, and fewer for one asker. A
//! site that answers nothing keeps its own documents waiting and nobody else's.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{Asker, DocumentError, MAX_AT_ONCE, MAX_AT_ONCE_FOR_A_SOURCE, MAX_AT_ONCE_OF_A_SITE};

/// How long others are waited for.
const TURN_WITHIN: Duration = Duration::from_secs(2);

/// A turn. It ends when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _permits: Vec<OwnedSemaphorePermit>,
}

pub(super) struct Turns {
    all: Arc<Semaphore>,
    /// Those of which there is a turn, or somebody waits for one.
    parts: Mutex<HashMap<Part, Arc<Semaphore>>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Site(String),
    Source([u8; 16]),
}

impl Part {
    fn most(&self) -> usize {
        match self {
            Self::Site(_) => MAX_AT_ONCE_OF_A_SITE,
            Self::Source(_) => MAX_AT_ONCE_FOR_A_SOURCE,
        }
    }
}

impl Turns {
    pub(super) fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(MAX_AT_ONCE)),
            parts: Mutex::default(),
        }
    }

    /// Waits for a turn; or, where there is something to go on with, takes one only if it is free.
    ///
    /// # Errors
    /// [`DocumentError::Busy`].
    pub(super) async fn take(
        &self,
        site: &str,
        asker: Asker,
        at_once: bool,
    ) -> Result<Turn, DocumentError> {
        // Who waits for a site must not have a turn of those that others wait for.
        let mut semaphores = vec![self.part(Part::Site(site.to_owned()))];
        if let Asker::Anybody(source) = asker {
            semaphores.push(self.part(Part::Source(source.widest())));
        }
        semaphores.push(self.all.clone());
        if at_once {
            let taken = semaphores.into_iter().map(Semaphore::try_acquire_owned);
            let permits = taken.collect::<Result<_, _>>();
            return permits.map(Turn::of).map_err(|_| DocumentError::Busy);
        }
        let waiting = async {
            let mut permits = Vec::new();
            for semaphore in semaphores {
                permits.push(semaphore.acquire_owned().await.ok()?);
            }
            Some(Turn::of(permits))
        };
        within(waiting).await.ok_or(DocumentError::Busy)
    }

    fn part(&self, part: Part) -> Arc<Semaphore> {
        let mut parts = self.parts.lock().unwrap_or_else(PoisonError::into_inner);
        // No more than there are requests under way.
        parts.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        let most = part.most();
        let semaphore = parts.entry(part);
        semaphore
            .or_insert_with(|| Arc::new(Semaphore::new(most)))
            .clone()
    }
}

async fn within(waiting: impl Future<Output = Option<Turn>>) -> Option<Turn> {
    timeout(TURN_WITHIN, waiting).await.ok().flatten()
}

impl Turn {
    fn of(permits: Vec<OwnedSemaphorePermit>) -> Self {
        Self { _permits: permits }
    }
}
