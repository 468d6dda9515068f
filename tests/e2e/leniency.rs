//! Tokens of other products, each by the block that `docs/filter.md` has for it.

use dockgate_stack::{Edit, Stack, repository};
use dockgate_tests::forge::{self, Forge};
use dockgate_tests::http::{Response, get};
use dockgate_token::Algorithm;
use serde_json::{Value, json};

/// A product's access token, as its documentation shows it, with a scope or role that opens nothing
/// in particular; and its ID token.
struct Product {
    heading: &'static str,
    typ: Value,
    access: Value,
    id: Value,
    /// What keeps the ID token out once the type does not, were its audience the API.
    id_token_is: &'static str,
}

const TENANT: &str = "11111111-2222-3333-4444-555555555555";
const API: &str = "66666666-7777-8888-9999-000000000000";

fn products() -> Vec<Product> {
    vec![keycloak(), entra_v2(), entra_v1(), auth0(), okta()]
}

fn keycloak() -> Product {
    let issuer = "https://keycloak.example/realms/main";
    Product {
        heading: "### Keycloak\n",
        typ: json!("JWT"),
        access: json!({
            "jti": "onrtac:5f6c", "iss": issuer, "aud": ["api-gateway", "account"],
            "sub": "36fa0f91-f94d-4a0c-afed-6b7d952e47da", "typ": "Bearer", "azp": "web",
            "sid": "2a88c258", "acr": "1", "allowed-origins": ["https://app.example"],
            "realm_access": {"roles": ["offline_access", "default-roles-main"]},
            "resource_access": {"account": {"roles": ["view-profile"]}},
            "scope": "api:read email profile", "email_verified": true,
            "preferred_username": "jane", "email": "jane@example.com",
        }),
        id: json!({
            "jti": "id", "iss": issuer, "aud": "api-gateway", "sub": "36fa0f91", "typ": "ID",
            "azp": "web", "sid": "2a88c258", "acr": "1", "scope": "api:read",
        }),
        id_token_is: "required_claim",
    }
}

fn entra_v2() -> Product {
    let issuer = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    Product {
        heading: "### Microsoft Entra ID, v2.0\n",
        typ: json!("JWT"),
        access: json!({
            "aud": API, "iss": issuer, "aio": "AXQAi/8I", "azp": "0000aaaa-11bb-cccc-dd22-eeeeee333333",
            "azpacr": "0", "name": "Jane", "oid": "aaaaaaaa", "preferred_username": "jane@example.com",
            "rh": "0.AAA", "scp": "api:read access_as_user", "sub": "HKZpfaHyWadeOouYlitjrI",
            "tid": TENANT, "uti": "u", "ver": "2.0",
        }),
        id: json!({
            "aud": API, "iss": issuer, "name": "Jane", "oid": "aaaaaaaa", "sub": "HKZpfaHy",
            "tid": TENANT, "ver": "2.0", "rh": "0.AAA", "uti": "u",
        }),
        id_token_is: "bad_claim",
    }
}

fn entra_v1() -> Product {
    let issuer = format!("https://sts.windows.net/{TENANT}/");
    Product {
        heading: "### Microsoft Entra ID, v1.0\n",
        typ: json!("JWT"),
        access: json!({
            "aud": format!("api://{API}"), "iss": issuer, "acr": "1", "aio": "AXQAi", "amr": ["pwd"],
            "appid": "0000aaaa-11bb-cccc-dd22-eeeeee333333", "appidacr": "0", "ipaddr": "192.0.2.1",
            "name": "Jane", "oid": "aaaaaaaa", "rh": "0.AAA", "scp": "api:read user_impersonation",
            "sub": "l3_roISQU222bULS9yi2k0XpqpOiMz5H3ZACo1GeXA", "tid": TENANT,
            "unique_name": "jane@example.com", "upn": "jane@example.com", "uti": "u", "ver": "1.0",
        }),
        id: json!({
            "aud": format!("api://{API}"), "iss": issuer, "sub": "l3", "tid": TENANT, "ver": "1.0",
            "nonce": "n",
        }),
        id_token_is: "forbidden_claim",
    }
}

fn auth0() -> Product {
    let issuer = "https://tenant.auth0.example/";
    Product {
        heading: "### Auth0, default profile\n",
        typ: json!("JWT"),
        access: json!({
            "iss": issuer, "sub": "auth0|123456",
            "aud": ["https://api.example", "https://tenant.auth0.example/userinfo"],
            "azp": "my_client_id", "scope": "openid profile api:read",
            "my_custom_claim": "my_custom_value",
        }),
        id: json!({
            "iss": issuer, "sub": "auth0|123456", "aud": "https://api.example", "nonce": "n",
            "sid": "s", "name": "Jane",
        }),
        id_token_is: "forbidden_claim",
    }
}

fn okta() -> Product {
    let issuer = "https://tenant.okta.example/oauth2/default";
    Product {
        heading: "### Okta, custom authorization server\n",
        typ: Value::Null,
        access: json!({
            "ver": 1, "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE", "iss": issuer,
            "aud": "api://default", "sub": "jane@example.com", "cid": "0oabskvc6442nkvQO0h7",
            "uid": "00ujmkLgagxeRrAg20g3", "scp": ["api:read", "profile"], "auth_time": 1,
        }),
        id: json!({
            "ver": 1, "jti": "ID.x", "iss": issuer, "aud": "api://default", "sub": "00ujmk",
            "amr": ["pwd"], "idp": "00o", "auth_time": 1,
        }),
        id_token_is: "bad_claim",
    }
}

/// The block below `heading`, with the forge in the place of the product's own keys.
fn block(heading: &str) -> String {
    let docs = std::fs::read_to_string(repository().join("docs/filter.md")).unwrap();
    let (_, section) = docs.split_once(heading).expect(heading);
    let (_, rest) = section.split_once("```yaml\n").expect("a block");
    let (block, _) = rest.split_once("```").expect("its end");
    let lines = block
        .lines()
        .map(|line| match line.split_once("cluster: ") {
            Some((before, after)) => {
                let (_, after) = after.split_once(',').expect("a cluster and a URI");
                format!("{before}cluster: forge,{after}")
            }
            None => line.to_owned(),
        });
    let lines: Vec<String> = lines
        .map(|line| format!("{}{line}\n", " ".repeat(20)))
        .collect();
    lines.concat()
}

/// A stack that trusts every product, by its block or by what is left of it without a profile.
fn stack(forge: &Forge, with_profiles: bool) -> Stack {
    let mut issuers = String::new();
    for product in products() {
        let block = block(product.heading);
        let (plain, _) = block.split_once("  token_profile:").expect("a profile");
        issuers += if with_profiles {
            &block
        } else {
            plain.trim_end_matches(' ')
        };
    }
    let resources =
        "                    # CHANGE: the URIs by which clients know your API (RFC 9728).\n";
    let debug = "                    debug_header: true\n";
    let mut options = forge.stack_options();
    let to = format!("{issuers}{debug}{resources}");
    options.envoy_edits.push(Edit::once(resources, to));
    Stack::start(options).unwrap_or_else(|error| panic!("{error}"))
}

fn signed(forge: &Forge, typ: &Value, claims: &Value) -> String {
    let mut header = forge::header(Algorithm::RS256);
    match typ {
        Value::Null => drop(header.as_object_mut().unwrap().remove("typ")),
        typ => header["typ"] = typ.clone(),
    }
    let mut claims = claims.clone();
    let now = forge::now();
    claims["iat"] = json!(now - 5);
    claims["nbf"] = json!(now - 5);
    claims["exp"] = json!(now + 300);
    forge.sign(Algorithm::RS256, &header, &claims)
}

#[track_caller]
fn refused(response: &Response, reason: &str, what: &str) {
    let explanation = response.header("x-dockgate-debug").unwrap_or_default();
    assert_eq!(response.status, 401, "{what}: {}", response.text());
    assert!(
        explanation.starts_with(&format!("{reason};")),
        "{what}: {explanation}"
    );
}

#[test]
fn tokens_of_other_products_pass_by_their_documented_block_alone() {
    let forge = Forge::new();
    let (lenient, strict) = (stack(&forge, true), stack(&forge, false));
    let ask =
        |stack: &Stack, path: &str, token: &str| get(path).bearer(token).send(stack.ports().http);
    for product in products() {
        let what = product.heading;
        let token = signed(&forge, &product.typ, &product.access);
        let admitted = ask(&lenient, "/api/protected/data", &token);
        assert_eq!(admitted.status, 200, "{what}: {}", admitted.text());
        assert_eq!(admitted.json()["user"], product.access["sub"], "{what}");
        let seen = ask(&lenient, "/api/echo", &token).json();
        let client = ["azp", "appid", "cid"]
            .into_iter()
            .find_map(|name| product.access.get(name));
        assert_eq!(Some(&seen["x-auth-client-id"][0]), client, "{what}");
        let written = ask(&lenient, "/api/admin/x", &token);
        assert_eq!(written.status, 403, "{what}: a scope that it does not have");
        let plain = ask(&strict, "/api/protected/data", &token);
        refused(&plain, "not_an_access_token", what);

        // Even where its audience is the API, which it should not be.
        let id_token = signed(&forge, &product.typ, &product.id);
        let opened = ask(&lenient, "/api/echo", &id_token);
        refused(&opened, product.id_token_is, what);
        let typed = signed(&forge, &json!("id+jwt"), &product.access);
        let opened = ask(&lenient, "/api/echo", &typed);
        refused(&opened, "not_an_access_token", what);
    }
    // A profile is one issuer's: the forge's own tokens are as strict as ever.
    let jwt = signed(&forge, &json!("JWT"), &forge::claims());
    let other = ask(&lenient, "/api/echo", &jwt);
    refused(&other, "not_an_access_token", "the forge");
}
