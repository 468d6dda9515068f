//! Where clients are told that they may register.

use super::*;
use crate::protocol::fixture::Fixture;

#[test]
fn metadata_of_the_server_says_that_clients_register_only_where_they_do() {
    let document = |server: &crate::protocol::AuthorizationServer| {
        serde_json::to_value(crate::protocol::metadata::Metadata::of(server)).unwrap()
    };
    let mut server = Fixture::demo().server;
    assert!(document(&server).get("registration_endpoint").is_none());
    server.registration = Some(std::sync::Arc::new(policy("open = true")));
    let on = document(&server);
    assert_eq!(
        on["registration_endpoint"],
        "http://localhost:8080/register"
    );
    let methods = on["token_endpoint_auth_methods_supported"]
        .as_array()
        .unwrap();
    for method in [
        "none",
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ] {
        assert!(methods.contains(&method.into()), "{method}");
    }
    assert!(
        !on["introspection_endpoint_auth_methods_supported"]
            .as_array()
            .unwrap()
            .contains(&"none".into())
    );
}
