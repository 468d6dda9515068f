//! The Rust SDK's client of the Model Context Protocol, from nothing but the server's URL: 401,
//! metadata, registration, PKCE with `resource`, call; then a tool that needs a scope that it does not
//! have yet.

use std::error::Error;

use dockgate_clients::{exercised, origin, parameter, visit};
use rmcp::ServiceExt as _;
use rmcp::model::CallToolRequestParams;
use rmcp::service::ClientInitializeError;
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{AuthClient, AuthorizationManager, AuthorizationRequest, OAuthState};
use rmcp::transport::streamable_http_client::{
    StreamableHttpClientTransportConfig, StreamableHttpError,
};
use serde_json::Value;

const CALLBACK: &str = "http://127.0.0.1:4321/callback";

/// Connects with what has been granted, and calls the one tool that there is.
async fn call(
    url: &str,
    client: &AuthClient<reqwest::Client>,
) -> Result<Value, Box<dyn Error + Send + Sync>> {
    let config = StreamableHttpClientTransportConfig::with_uri(url);
    let transport = StreamableHttpClientTransport::with_client(client.clone(), config);
    let server = ().serve(transport).await?;
    let tools = server.list_all_tools().await?;
    let wanted = CallToolRequestParams::new(tools[0].name.clone());
    let result = serde_json::to_value(server.call_tool(wanted).await?)?;
    let text = result["content"][0]["text"].as_str().unwrap_or_default();
    Ok(serde_json::from_str(text)?)
}

/// Has Alice agree to what `state` asks for.
async fn authorized(mut state: OAuthState) -> AuthorizationManager {
    let url = state.get_authorization_url().await.unwrap();
    assert_eq!(parameter(&url, "resource"), format!("{}/mcp", origin()));
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    state.handle_callback_url(&visit(&url).await).await.unwrap();
    state.into_authorization_manager().unwrap()
}

#[tokio::main]
async fn main() {
    let server = format!("{}/mcp", origin());
    let refused = reqwest::get(&server).await.unwrap();
    assert_eq!(refused.status(), 401);
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap();
    let mut state = OAuthState::new(&server, None).await.unwrap();
    let request = AuthorizationRequest::new(CALLBACK).with_client_name("MCP demo client");
    let request = request
        .with_challenge(challenge)
        .with_initial_scope_selection();
    state.start_authorization(request).await.unwrap();
    let client = AuthClient::new(reqwest::Client::new(), authorized(state).await);
    let seen = call(&server, &client).await.unwrap();
    // It adds offline_access by itself, since the issuer has that.
    assert_eq!(seen["scope"], "api:read offline_access");
    assert_eq!(seen["authorization"], Value::Null);
    exercised("401, metadata, dynamic registration, PKCE with resource, call");

    let more = format!("{server}/write");
    let refused = call(&more, &client).await.unwrap_err();
    let required = required_scope(&*refused).unwrap_or_else(|| panic!("{refused:?}"));
    assert_eq!(required, "api:write");
    let url = client
        .auth_manager
        .lock()
        .await
        .request_scope_upgrade(&required)
        .await
        .unwrap();
    let ended = visit(&url).await;
    let manager = client.auth_manager.lock().await;
    let (code, state, issuer) = ("code", "state", "iss");
    let [code, state, issuer] = [code, state, issuer].map(|name| parameter(&ended, name));
    let exchange = manager.exchange_code_for_token_with_issuer(&code, &state, Some(&issuer));
    exchange.await.unwrap();
    drop(manager);
    let seen = call(&more, &client).await.unwrap();
    let scope = seen["scope"].as_str().unwrap();
    assert!(scope.split(' ').any(|own| own == "api:write"), "{scope}");
    exercised("403, step-up from api:read to api:write, call");
}

/// What the server wanted besides, if that is why a connection failed.
fn required_scope(error: &(dyn Error + 'static)) -> Option<String> {
    let ClientInitializeError::TransportError { error, .. } = error.downcast_ref()? else {
        return None;
    };
    match error
        .error
        .downcast_ref::<StreamableHttpError<reqwest::Error>>()?
    {
        StreamableHttpError::InsufficientScope(refused) => refused.required_scope.clone(),
        _ => None,
    }
}
