//! What is kept from strangers.

use super::super::super::{
    DeviceStore as _, PushedRequestStore as _, Room, StoreError, StoredPushedRequest,
};
use super::opened;
use super::records::{END, NOW, device, digest};

#[tokio::test]
async fn strangers_leave_a_fifth_of_what_is_begun_to_others() {
    let mut store = opened();
    let counts = &mut store.store.counts;
    counts.devices = counts.devices.limited_to(10);
    counts.pushed_requests = counts.pushed_requests.limited_to(10);
    let pushed = StoredPushedRequest {
        expires_at: END,
        client_id: "web".parse().unwrap(),
        parameters: String::new(),
    };
    for (room, most) in [(Room::Open, 8), (Room::Whole, 2)] {
        let mut taken = 0;
        for number in 0..20 {
            let name = digest(100 * most + number);
            let request = store.add_pushed_request(name, &pushed, room).await;
            let code = format!("{room:?}{number}");
            let device = store.add_device(name, &device(&code), room, NOW).await;
            assert_eq!(request.is_ok(), device.is_ok());
            match request {
                Ok(()) => taken += 1,
                Err(full) => assert!(matches!(full, StoreError::Full { .. }), "{full:?}"),
            }
        }
        assert_eq!(taken, most, "{room:?}");
    }
}
