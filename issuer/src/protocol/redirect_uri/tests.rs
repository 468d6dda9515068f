use super::*;

fn parse(text: &str) -> Result<RedirectUri, RedirectUriError> {
    RedirectUri::parse(text, ApplicationType::Native)
}

#[test]
fn uris_that_may_be_registered() {
    for text in [
        "https://app.example/callback",
        "https://app.example/callback?tenant=1",
        "http://localhost:3000/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:8123/callback",
        "com.example.app:/callback",
    ] {
        assert!(parse(text).is_ok(), "{text}");
    }
}

#[test]
fn uris_that_may_not() {
    use RedirectUriError::*;
    for (text, reason) in [
        ("", NotAbsolute),
        ("/callback", NotAbsolute),
        ("//app.example/callback", NotAbsolute),
        ("https:app.example/callback", NotAbsolute),
        ("https:///app.example", NotAbsolute),
        ("https://app.example/cb#", Fragment),
        ("https://app.example/cb#x", Fragment),
        ("http://app.example/cb", InsecureHost),
        ("http://localhost.evil.example/cb", InsecureHost),
        ("http://localhost:80@evil.example/cb", NotPlain),
        ("https://user@app.example/cb", NotPlain),
        ("https://*.app.example/cb", NotPlain),
        ("https://app.example\\@evil.example/", NotPlain),
        ("https://app.example/a b", NotPlain),
        ("https://app.example/\tcb", NotPlain),
        ("javascript:alert(1)", Scheme),
        ("data:text/html,x", Scheme),
        ("file:///etc/passwd", Scheme),
        ("vbscript:x", Scheme),
        ("myapp:/callback", Scheme),
        ("ftp://app.example/", Scheme),
    ] {
        assert_eq!(parse(text), Err(reason), "{text:?}");
    }
}

#[test]
fn private_schemes_are_for_native_clients() {
    let web = RedirectUri::parse("com.example.app:/callback", ApplicationType::Web);
    assert_eq!(web, Err(RedirectUriError::Scheme));
}

fn goes(registered: &str, requested: &str, application: ApplicationType) -> bool {
    let registered = RedirectUri::parse(registered, application).unwrap();
    let target = registered.target(requested, application);
    assert!(
        target
            .as_ref()
            .is_none_or(|target| target.as_str() == requested)
    );
    target.is_some()
}

#[test]
fn a_request_goes_to_the_registered_text_and_native_clients_choose_a_loopback_port() {
    use ApplicationType::{Native, Web};
    for (registered, requested, native, web) in [
        ("https://a.example/cb", "https://a.example/cb", true, true),
        ("http://127.0.0.1/cb", "http://127.0.0.1/cb", true, true),
        ("http://127.0.0.1/cb", "http://127.0.0.1:1/cb", true, false),
        ("http://[::1]:9/cb?x=1", "http://[::1]/cb?x=1", true, false),
        ("http://[::1]/cb", "http://[::1]:65535/cb", true, false),
        ("http://localhost", "http://localhost:80", true, false),
        ("http://localhost?x", "http://localhost:80?x", true, false),
    ] {
        let case = format!("{registered} {requested}");
        assert_eq!(goes(registered, requested, Native), native, "{case}");
        assert_eq!(goes(registered, requested, Web), web, "{case}");
    }
}

#[test]
fn a_request_goes_nowhere_else() {
    for (registered, requested) in [
        ("https://a.example/cb", "https://a.example:444/cb"),
        ("https://a.example/cb", "https://a.example/cb/"),
        ("https://a.example/cb", "https://a.example/CB"),
        ("https://a.example/cb", "HTTPS://a.example/cb"),
        ("https://a.example/cb", "https://a.example/cb?x"),
        ("https://a.example/cb", ""),
        ("com.example.app:/cb", "com.example.app:1/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:+80/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80:80/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb"),
        (
            "http://127.0.0.1/cb",
            "http://127.0.0.1:80\\@evil.example/cb",
        ),
        (
            "http://127.0.0.1/cb",
            "http://127.0.0.1:80#@evil.example/cb",
        ),
        ("http://127.0.0.1/cb", "http://127.0.0.1.evil.example:80/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.2:80/cb"),
        ("http://127.0.0.1/cb", "http://localhost:80/cb"),
        ("http://127.0.0.1/cb", "https://127.0.0.1:80/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80/cb/../x"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80/cb?x"),
        ("http://[::1]/cb", "http://[::1:80]/cb"),
        ("http://[::1]/cb", "http://[::1]x:80/cb"),
        ("http://[::1]/cb", "http://[::2]:80/cb"),
    ] {
        let native = ApplicationType::Native;
        assert!(!goes(registered, requested, native), "{requested}");
    }
}
