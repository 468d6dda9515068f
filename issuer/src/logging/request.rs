//! The id of the request that a task answers, so that every line it writes has it.

use tokio::task_local;

task_local! {
    static REQUEST_ID: String;
}

/// Does the work of the request with this id.
pub async fn within<T>(id: String, work: impl Future<Output = T>) -> T {
    REQUEST_ID.scope(id, work).await
}

/// Shows the id to `to`, if there is a request.
pub(super) fn with_id<T>(to: impl FnOnce(&str) -> T) -> Option<T> {
    REQUEST_ID.try_with(|id| to(id)).ok()
}
