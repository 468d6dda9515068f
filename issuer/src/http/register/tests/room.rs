//! Room for clients.

use super::*;

#[tokio::test]
async fn strangers_leave_a_fifth_of_the_clients_to_who_was_invited() {
    let server = Server::with(
        "open = true\nmax_clients = 10\n[[initial_access_tokens]]\nname = \"ci\"\nsecret = \"of-ci\"",
    );
    let ask = async |headers: &[(&str, &str)]| {
        let answer = server.ask(Method::POST, "/register", headers, &web()).await;
        answer.status()
    };
    let invited = [("authorization", "Bearer of-ci")];
    for (headers, most) in [(&[][..], 8), (&invited[..], 2)] {
        for _ in 0..most {
            assert_eq!(ask(headers).await, StatusCode::CREATED);
        }
        assert_eq!(ask(headers).await, StatusCode::SERVICE_UNAVAILABLE);
    }
}
