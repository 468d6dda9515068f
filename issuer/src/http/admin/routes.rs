//! Every route of the admin API, in one place: `docs/admin-api.json` describes them, and a test
//! holds the two together.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodRouter};

use super::{Admin, BACKUP, RELOAD, audit, backup, clients, keys, reload, tokens, users};

/// One method of one path.
pub(super) struct Route {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the document is compared with it")
    )]
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) handler: MethodRouter<Admin>,
}

/// All of them.
pub(super) fn routes() -> Vec<Route> {
    vec![
        post(BACKUP, backup::make),
        post(RELOAD, reload::make),
        get(keys::LIST, keys::list),
        post(keys::ROTATE, keys::rotate),
        post(keys::IMPORT, keys::import),
        get(users::USERS, users::list),
        post(users::USERS, users::add),
        delete(users::USER, users::remove),
        post(users::PASSWORD, users::set_password),
        post(users::DISABLE, users::disable),
        post(users::ENABLE, users::enable),
        get(tokens::FAMILIES, tokens::families),
        get(clients::CLIENTS, clients::list),
        post(clients::CLIENTS, clients::add),
        get(clients::CLIENT, clients::show),
        delete(clients::CLIENT, clients::remove),
        post(clients::SECRET, clients::rotate_secret),
        post(clients::DISABLE, clients::disable),
        post(clients::ENABLE, clients::enable),
        post(tokens::REVOKE, tokens::revoke),
        get(audit::AUDIT, audit::read),
    ]
}

fn get<H: Handler<T, Admin>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route {
        method: Method::GET,
        path,
        handler: routing::get(handler),
    }
}

fn post<H: Handler<T, Admin>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route {
        method: Method::POST,
        path,
        handler: routing::post(handler),
    }
}

fn delete<H: Handler<T, Admin>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route {
        method: Method::DELETE,
        path,
        handler: routing::delete(handler),
    }
}
