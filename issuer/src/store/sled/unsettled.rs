//! Which grants have been changed and are not on disk yet. Whoever reads one of them waits for the
//! disk, for what a client is told must not be undone by a crash: a second request with the same
//! refresh token would be given a successor that the store has forgotten after it. No other read
//! ever waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::GrantId;

/// How many changes of each grant are under way.
#[derive(Clone, Default)]
pub(super) struct Unsettled {
    changes: Arc<Mutex<HashMap<GrantId, usize>>>,
}

/// One change, from before it is made until it is on disk.
pub(super) struct Change {
    of: GrantId,
    among: Unsettled,
}

impl Unsettled {
    /// Call it before the change can be seen.
    pub(super) fn begin(&self, id: GrantId) -> Change {
        *self.lock().entry(id).or_default() += 1;
        Change {
            of: id,
            among: self.clone(),
        }
    }

    /// Call it after what was read: a change that was seen and is not among these is on disk.
    pub(super) fn contains(&self, id: GrantId) -> bool {
        self.lock().contains_key(&id)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<GrantId, usize>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        let mut changes = self.among.lock();
        match changes.get_mut(&self.of) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                changes.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_unsettled_until_its_last_change_is_over() {
        let unsettled = Unsettled::default();
        let [one, other] = [1, 2].map(|number| GrantId::from_bytes([number; 16]));
        let first = unsettled.begin(one);
        let second = unsettled.begin(one);
        assert!(unsettled.contains(one) && !unsettled.contains(other));
        drop(first);
        assert!(unsettled.contains(one));
        drop(second);
        assert!(!unsettled.contains(one));
    }
}
