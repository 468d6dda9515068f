//! What the commands that change something have in common.

use super::{Admin, Refusal};
use crate::additions::Taken;
use crate::audit::{self, AuditEvent, Caller};
use crate::http::App;
use crate::store::{Consents, EndStore as _, Ended, Whose};

impl Admin {
    /// Puts what an operator does on record. Call it before the act writes.
    pub(super) fn record(&self, app: &App, event: &AuditEvent) -> Result<(), Refusal> {
        let recorded = audit::record(&*app.store, (app.clock)(), Caller::default(), event);
        Ok(recorded?)
    }

    /// Ends everything of somebody's. Twice: what a request adds that is being answered meanwhile is
    /// met the second time.
    pub(super) fn end(&self, whose: Whose<'_>, consents: Consents) -> Result<Ended, Refusal> {
        let store = &self.current.app().store;
        Ok(store.end(whose, consents)?.and(store.end(whose, consents)?))
    }

    /// `what` is in the configuration.
    pub(super) fn read_only(&self, what: &str) -> Refusal {
        let file = self.config_file.display();
        Refusal::Conflict(format!(
            "{what} is in the configuration: change it in {file}, and then reload or restart the issuer"
        ))
    }

    /// The name is somebody else's.
    pub(super) fn taken(&self, taken: &Taken) -> Refusal {
        match taken {
            Taken::ClientId(id) => self.read_only(&format!("client {id:?}")),
            Taken::Username(name) => self.read_only(&format!("user {name:?}")),
            Taken::Subject(name) => Refusal::Conflict(format!(
                "user {name:?} has the subject of somebody else: give another one, or none and one is made"
            )),
            Taken::ClientIdIsSubject(id) => Refusal::Conflict(format!(
                "client {id:?} has the subject of a user for an id: give it another id"
            )),
        }
    }
}
