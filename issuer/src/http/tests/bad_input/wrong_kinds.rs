//! Tokens of every kind where another kind belongs.

use super::good::encode;
use super::*;

/// The parameters whose values are secrets or tokens, and which of [`kinds`] is theirs.
const PLACES: [(&str, &[&str]); 11] = [
    ("code", &["code"]),
    ("refresh_token", &["refresh token"]),
    ("device_code", &["device code"]),
    ("subject_token", &["access token", "token of a client"]),
    ("assertion", &[]),
    ("client_assertion", &[]),
    ("access_token", &["access token"]),
    (
        "token",
        &["access token", "refresh token", "token of a client"],
    ),
    ("id_token_hint", &["ID token"]),
    ("password", &[]),
    ("client_secret", &[]),
];

fn kinds(storm: &Storm) -> Vec<(&'static str, String)> {
    let form = "grant_type=client_credentials&client_id=service&client_secret=service-secret";
    let request = Request::post("/token").header(FORM.0, FORM.1);
    let of_client = storm.send(request.body(form.into()).unwrap()).json();
    let access = &storm.tokens.access_token;
    let (header, rest) = access.split_once('.').unwrap();
    let (payload, signature) = rest.split_once('.').unwrap();
    let segment = |json: &str| dockgate_token::encode_segment(json.as_bytes());
    let none = segment(r#"{"alg":"none","typ":"at+jwt"}"#);
    let symmetric = segment(r#"{"alg":"HS256","typ":"at+jwt"}"#);
    vec![
        ("access token", access.clone()),
        (
            "token of a client",
            of_client["access_token"].as_str().unwrap().to_owned(),
        ),
        ("ID token", storm.tokens.id_token.clone()),
        ("refresh token", storm.tokens.refresh_token.clone()),
        ("code", storm.code.to_owned()),
        ("device code", storm.device_code.to_owned()),
        ("request URI", storm.request_uri.clone()),
        ("assertion of a stranger", {
            let (header, claims) = signer::base("robot", "robot", "stranger");
            signer::OTHER.sign(dockgate_token::Algorithm::ES256, &header, &claims)
        }),
        ("unsigned", format!("{none}.{payload}.")),
        (
            "unsigned, with the signature",
            format!("{none}.{payload}.{signature}"),
        ),
        ("symmetric", format!("{symmetric}.{payload}.{signature}")),
        (
            "other claims",
            format!("{header}.{}.{signature}", segment("{}")),
        ),
        ("five parts", format!("{access}.a.b")),
        ("dots", "..".to_owned()),
        ("canary", CANARY.to_owned()),
    ]
}

#[test]
fn a_token_of_another_kind_is_as_good_as_none() {
    let storm = Storm::new();
    let kinds = kinds(&storm);
    let mut tried = 0;
    for good in good::all(&storm) {
        for (name, own) in PLACES {
            if !good
                .parameters
                .iter()
                .any(|parameter| parameter.name == name)
            {
                continue;
            }
            for (kind, value) in kinds.iter().filter(|(kind, _)| !own.contains(kind)) {
                let what = format!("{}: a {kind} as {name}", good.what);
                let body = good.body_with(name, Some(encode(value).as_bytes()));
                let request = good.with_body(body);
                if name == "token" {
                    let answer = storm.without_a_trace(&what, request);
                    let expected = match good.path {
                        "/revoke" => "",
                        _ => r#"{"active":false}"#,
                    };
                    assert_eq!(answer.response.status, 200, "{what}");
                    assert_eq!(answer.text(), expected, "{what}");
                } else {
                    storm.refuses(&what, request);
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 150, "{tried}");
    storm.still_works();
}

#[test]
fn a_bearer_token_of_another_kind_opens_nothing() {
    let storm = Storm::new();
    for (kind, value) in kinds(&storm) {
        let authorization = format!("Bearer {value}");
        let request = Request::get("/userinfo").header("authorization", authorization);
        let request = request.body(vec![]).unwrap();
        if kind != "access token" {
            storm.refuses(kind, request);
        }
    }
    storm.still_works();
}
