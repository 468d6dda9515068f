//! Device authorizations.

use super::super::super::{
    DeviceDecision, DeviceStore as _, GrantStore as _, Room, StoredDevice, Swap,
};
use super::opened;
use super::records::{END, NOW, device, digest, grant, id};

#[tokio::test]
async fn a_device_is_found_by_both_its_codes_until_it_expires() {
    let store = opened();
    let tv = device("WDJBMJHT");
    assert_eq!(
        store
            .add_device(digest(1), &tv, Room::Whole, NOW)
            .await
            .unwrap(),
        Swap::Done
    );
    let found = store.device(digest(1), NOW).await.unwrap();
    assert_eq!(found, Some(tv.clone()));
    let found = store.device_of_user_code("WDJBMJHT", NOW).await.unwrap();
    assert_eq!(found, Some((digest(1), tv)));
    assert_eq!(store.device(digest(1), END).await.unwrap(), None);
    let found = store.device_of_user_code("WDJBMJHT", END).await.unwrap();
    assert_eq!(found, None);
    assert_eq!(store.device(digest(2), NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_user_code_is_free_again_once_its_device_has_expired() {
    let store = opened();
    let tv = device("WDJBMJHT");
    assert_eq!(
        store
            .add_device(digest(1), &tv, Room::Whole, NOW)
            .await
            .unwrap(),
        Swap::Done
    );
    let taken = store
        .add_device(digest(2), &tv, Room::Whole, END - 1)
        .await
        .unwrap();
    assert_eq!(taken, Swap::Changed);
    let later = StoredDevice {
        expires_at: END + 1_000,
        ..tv
    };
    let free = store
        .add_device(digest(2), &later, Room::Whole, END)
        .await
        .unwrap();
    assert_eq!(free, Swap::Done);
    let found = store.device_of_user_code("WDJBMJHT", END).await.unwrap();
    assert_eq!(found, Some((digest(2), later)));
}

#[tokio::test]
async fn a_device_is_swapped_and_polled_only_as_it_is() {
    let store = opened();
    let pending = device("WDJBMJHT");
    let polled = StoredDevice {
        polled_at: NOW,
        ..pending.clone()
    };
    let denied = StoredDevice {
        decision: DeviceDecision::Denied,
        ..polled.clone()
    };
    store
        .add_device(digest(1), &pending, Room::Whole, NOW)
        .await
        .unwrap();
    let mut swaps = Vec::new();
    swaps.push(store.note_poll(digest(1), &pending, &polled).await.unwrap());
    swaps.push(store.note_poll(digest(1), &pending, &polled).await.unwrap());
    swaps.push(
        store
            .swap_device(digest(1), &pending, &denied)
            .await
            .unwrap(),
    );
    swaps.push(
        store
            .swap_device(digest(1), &polled, &denied)
            .await
            .unwrap(),
    );
    let (done, changed) = (Swap::Done, Swap::Changed);
    assert_eq!(swaps, [done, changed, changed, done]);
    assert_eq!(store.device(digest(1), NOW).await.unwrap(), Some(denied));
}

#[tokio::test]
async fn a_device_is_redeemed_once() {
    let store = opened();
    let pending = device("WDJBMJHT");
    let redeemed = StoredDevice {
        decision: DeviceDecision::Redeemed,
        ..pending.clone()
    };
    store
        .add_device(digest(1), &pending, Room::Whole, NOW)
        .await
        .unwrap();
    let bob = grant("bob");
    for (number, expected) in [(1, Swap::Done), (2, Swap::Changed)] {
        let swap = store
            .redeem_device(digest(1), &pending, &redeemed, (id(number), &bob))
            .await;
        assert_eq!(swap.unwrap(), expected);
    }
    let grants = store.grants_of("bob", NOW).await.unwrap();
    assert_eq!(grants, [(id(1), bob)]);
}
