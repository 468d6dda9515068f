//! The slots as entries of the host's shared data.

use dockgate_policy::keys::{Slot, SlotState};

use crate::host::shared_data;

/// How often a write is tried that others got in the way of. Each of them writes once a second.
const ATTEMPTS: usize = 4;

/// A slot and the version of its entry. One that is not there or cannot be read is begun anew.
pub(super) fn read_or_begin(name: &str) -> Option<(Slot, u32)> {
    let mut begun = false;
    (0..ATTEMPTS).find_map(|_| {
        let entry = shared_data::get(name);
        let slot = entry.as_ref().and_then(|entry| Slot::read(&entry.bytes));
        match (slot, entry) {
            (Some(slot), Some(entry)) => Some((slot, entry.version)),
            // The first to do so is Envoy's main thread, before there are workers.
            (_, entry) if !begun => {
                let version = entry.map_or(0, |entry| entry.version);
                begun = swap(name, &Slot::default(), version);
                None
            }
            _ => None,
        }
    })
}

/// Writes a slot that nobody else has written since it had `version`. Says whether that was done.
pub(super) fn swap(name: &str, slot: &Slot, version: u32) -> bool {
    shared_data::swap(name, &slot.write(), version)
}

/// Changes a slot to what `next` makes of it; gives its state of before and after, or `None` where
/// that is nothing.
pub(super) fn settle(
    name: &str,
    next: impl Fn(&Slot) -> Option<Slot>,
) -> Option<(SlotState, SlotState)> {
    (0..ATTEMPTS).find_map(|_| {
        let entry = shared_data::get(name)?;
        let before = Slot::read(&entry.bytes)?;
        let after = next(&before)?;
        swap(name, &after, entry.version).then_some((before.state, after.state))
    })
}
