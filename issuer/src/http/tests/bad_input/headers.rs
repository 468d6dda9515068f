//! Methods, content types, credentials that contradict each other.

use super::good::basic;
use super::*;

const OTHER_TYPES: [&str; 6] = [
    "",
    "text/plain",
    "application/json",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencodedx",
    "\u{e9}",
];

#[test]
fn what_is_no_form_is_refused() {
    let storm = Storm::new();
    for good in good::all(&storm) {
        let pairs = good.parameters.iter();
        let json: serde_json::Map<_, _> = pairs
            .map(|parameter| (parameter.name.to_owned(), parameter.value.clone().into()))
            .collect();
        let json = Value::Object(json).to_string().into_bytes();
        for content_type in OTHER_TYPES {
            for body in [good.body(), json.clone()] {
                let what = format!("{} as {content_type:?}", good.what);
                let header = [("content-type", content_type)];
                storm.refuses(&what, good.headed(good.path, &header, body));
            }
        }
        storm.refuses(good.what, good.headed(good.path, &[], good.body()));
        storm.refuses(good.what, good.with_body(json));
        let gzip = [FORM, ("content-encoding", "gzip")];
        storm.refuses(good.what, good.headed(good.path, &gzip, good.body()));
    }
    storm.still_works();
}

#[test]
fn another_method_is_refused() {
    let storm = Storm::new();
    for good in good::all(&storm) {
        for method in ["GET", "PUT", "PATCH", "DELETE", "HEAD", "BREW"] {
            let mut request = good.request();
            *request.method_mut() = method.parse().unwrap();
            let what = format!("{}: {method}", good.what);
            if method == "HEAD" {
                let answer = storm.without_a_trace(&what, request);
                assert!(answer.response.status.is_client_error(), "{what}");
            } else {
                storm.refuses(&what, request);
            }
        }
    }
    storm.still_works();
}

fn headers() -> Vec<Vec<u8>> {
    use base64::Engine as _;
    let encode = |bytes: &[u8]| {
        let text = base64::engine::general_purpose::STANDARD.encode(bytes);
        format!("Basic {text}").into_bytes()
    };
    let mut all: Vec<Vec<u8>> = [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic zyxwv-canary",
        "Basic YQ",
        "Bearer",
        "Bearer zyxwv-canary",
        "Digest username=zyxwv-canary",
        "zyxwv-canary",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    let pairs: [&[u8]; 9] = [
        b"",
        b":",
        b"no colon",
        b"\xff:\xff",
        b"%ff:%ff",
        b"\0:\0",
        b"spa:zyxwv-canary",
        b"service:",
        b"a:b:c\r\n",
    ];
    all.extend(pairs.map(encode));
    all.push(encode(&b"A".repeat(16 * 1024)));
    all.push(b"Basic \xff\xfe".to_vec());
    all
}

#[test]
fn garbage_in_the_authorization_header_is_refused() {
    let storm = Storm::new();
    for good in good::all(&storm) {
        // What is no Bearer token is none of its business.
        let is_userinfo = good.path == "/userinfo";
        for header in headers() {
            let what = format!("{}: {:?}", good.what, String::from_utf8_lossy(&header));
            let mut request = good.request();
            let value = HeaderValue::from_bytes(&header).unwrap();
            request.headers_mut().insert("authorization", value.clone());
            if !is_userinfo || header.starts_with(b"Bearer") {
                storm.refuses(&what, request);
            }
            let mut twice = good.request();
            let mut first = basic("service");
            if let Some(own) = &good.authorization {
                first = own.clone();
            }
            twice
                .headers_mut()
                .insert("authorization", first.parse().unwrap());
            twice.headers_mut().append("authorization", value);
            let json = storm.refuses(&what, twice);
            assert_eq!(json["error"], "invalid_request", "{what}");
        }
    }
    storm.still_works();
}

#[test]
fn credentials_that_contradict_each_other_are_refused() {
    let storm = Storm::new();
    let assertion = format!(
        "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion={}",
        signer::robot("of nobody else")
    );
    for (client, extra) in [
        ("service", "client_id=web"),
        ("service", "client_id=nobody"),
        ("service", "client_id=service&client_secret=service-secret"),
        ("service", "client_secret=service-secret"),
        ("service", &assertion),
        (
            "",
            &format!("client_id=service&client_secret=service-secret&{assertion}"),
        ),
        ("", &format!("client_id=service&{assertion}")),
        ("", "client_id=robot&client_secret=x"),
        ("", "client_id=robot"),
        ("", "client_id=spa&client_secret=x"),
        ("", "client_secret=service-secret"),
        ("service", "client_assertion=x"),
        ("", "client_assertion=x"),
        ("", "client_assertion_type=x"),
        ("", &assertion.replace("jwt-bearer", "saml2-bearer")),
    ] {
        for (path, form) in [
            ("/token", "grant_type=client_credentials"),
            ("/par", "response_type=code"),
            ("/device_authorization", "scope=api:read"),
            ("/introspect", "token=x"),
            ("/revoke", "token=x"),
        ] {
            let mut request = Request::post(path).header(FORM.0, FORM.1);
            if !client.is_empty() {
                request = request.header("authorization", basic(client));
            }
            let body = format!("{form}&{extra}").into_bytes();
            let what = format!("{path} {client} {extra}");
            let json = storm.refuses(&what, request.body(body).unwrap());
            let expected = ["invalid_request", "invalid_client"];
            assert!(
                expected.contains(&json["error"].as_str().unwrap()),
                "{what}: {json}"
            );
        }
    }
    storm.still_works();
}

#[test]
fn requests_that_ask_for_two_things_are_refused() {
    let storm = Storm::new();
    let extras = [
        ("code", storm.code),
        ("refresh_token", storm.tokens.refresh_token.as_str()),
        ("device_code", storm.device_code),
        ("subject_token", storm.tokens.access_token.as_str()),
        ("assertion", "x"),
        ("password", "wonderland"),
    ];
    for good in good::all(&storm) {
        for (name, value) in extras {
            let has = good.parameters.iter().any(|own| own.name == name);
            if good.path == "/token" && !has {
                let body = [good.body(), format!("&{name}={value}").into()].concat();
                let what = format!("{} and {name}", good.what);
                storm.refuses(&what, good.with_body(body));
            }
        }
    }
    let par = good::par(&storm);
    for extra in [
        format!("&request_uri={}", storm.request_uri),
        "&request_uri=https://elsewhere.example/zyxwv-canary".to_owned(),
        "&request=eyJhbGciOiJub25lIn0.e30.".to_owned(),
        "&registration={}".to_owned(),
    ] {
        let body = [par.body(), extra.clone().into()].concat();
        storm.refuses(&extra, par.with_body(body));
    }
    storm.still_works();
}
