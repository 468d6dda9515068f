//! The request around the token.

use dockgate_token::Algorithm;

use crate::{Case, Corpus, InEnvoy, PATH, Verdict};

const NONE: Verdict = Verdict::Refused(401, "no_credentials");
const SEVERAL: Verdict = Verdict::Refused(400, "several_credentials");
const MALFORMED: Verdict = Verdict::Refused(400, "malformed_credentials");

pub(crate) fn add(corpus: &mut Corpus<'_>) {
    let good = corpus.good(Algorithm::ES256);
    let bearer = format!("Bearer {good}");
    let bearer = bearer.as_bytes();
    several(corpus, bearer);
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let value = format!("{scheme} {good}");
        corpus.values(
            "N113",
            scheme,
            &[value.as_bytes()],
            Verdict::Passes,
            InEnvoy::Same,
        );
    }
    for (name, value, verdict) in [
        ("a tab", format!("Bearer\t{good}"), MALFORMED),
        ("nothing between", format!("Bearer{good}"), NONE),
        ("a colon", format!("Bearer: {good}"), MALFORMED),
        ("two spaces", format!("Bearer  {good}"), Verdict::Passes),
        ("another scheme", format!("DPoP {good}"), NONE),
        ("no scheme", good.clone(), NONE),
    ] {
        corpus.values("N114", name, &[value.as_bytes()], verdict, InEnvoy::Same);
    }
    let leading = format!(" Bearer {good}");
    let passes = InEnvoy::Decides(Verdict::Passes);
    // White space in front of a value is no part of it (RFC 9110 §5.5): Envoy takes it away.
    corpus.values(
        "N114",
        "a leading space",
        &[leading.as_bytes()],
        NONE,
        passes,
    );
    corpus.values(
        "N115",
        "the scheme alone",
        &[b"Bearer"],
        MALFORMED,
        InEnvoy::Same,
    );
    corpus.values("N01", "an empty value", &[b""], NONE, InEnvoy::Same);
    corpus.values("RS-015", "no header", &[], NONE, InEnvoy::Same);
    for bytes in [
        &b"Bearer \xc0\xa7"[..],
        b"Bearer \xff\xfe.\xff.\xff",
        b"Bearer a\xe9",
    ] {
        let name = format!("bytes {bytes:?}");
        corpus.values("RS-011", name, &[bytes], MALFORMED, InEnvoy::Same);
    }
    elsewhere(corpus, &good);
    paths(corpus, bearer);
}

/// Envoy joins values of one name with a comma before the filter sees them.
fn several(corpus: &mut Corpus<'_>, good: &[u8]) {
    let joined = InEnvoy::Decides(MALFORMED);
    corpus.values(
        "N110",
        "good and bad",
        &[good, b"Bearer x"],
        SEVERAL,
        joined,
    );
    corpus.values(
        "N110",
        "bad and good",
        &[b"Bearer x", good],
        SEVERAL,
        joined,
    );
    corpus.values("N110", "good twice", &[good, good], SEVERAL, joined);
    let listed = [good, b", ", good].concat();
    corpus.values(
        "N111",
        "two in a list",
        &[&listed],
        MALFORMED,
        InEnvoy::Same,
    );
    let tail = [good, b",b"].concat();
    corpus.values(
        "N112",
        "a list of tokens",
        &[&tail],
        MALFORMED,
        InEnvoy::Same,
    );
    corpus.values(
        "N116",
        "Basic, then good",
        &[b"Basic eDp5", good],
        SEVERAL,
        InEnvoy::Same,
    );
    corpus.values(
        "N116",
        "good, then Basic",
        &[good, b"Basic eDp5"],
        SEVERAL,
        joined,
    );
    let listed = [b"Basic eDp5, ", good].concat();
    corpus.values(
        "N116",
        "Basic and good in a list",
        &[&listed],
        SEVERAL,
        InEnvoy::Same,
    );
    corpus.values("N116", "Basic alone", &[b"Basic eDp5"], NONE, InEnvoy::Same);
}

/// A token anywhere but in `Authorization` is not looked at.
fn elsewhere(corpus: &mut Corpus<'_>, good: &str) {
    let mut case = |id, name: &str, target: String, headers: &[(&str, String)]| {
        let bytes =
            |(name, value): &(&str, String)| (name.as_bytes().to_vec(), value.clone().into());
        corpus.cases.push(Case {
            id,
            name: name.to_owned(),
            method: "GET",
            target: target.into(),
            headers: headers.iter().map(bytes).collect(),
            verdict: NONE,
            in_envoy: InEnvoy::Same,
        });
    };
    let bearer = format!("Bearer {good}");
    for name in ["proxy-authorization", "x-authorization", "authorization2"] {
        case("N117", name, PATH.to_owned(), &[(name, bearer.clone())]);
    }
    case(
        "N119",
        "in the query",
        format!("{PATH}?access_token={good}"),
        &[],
    );
    let cookie = format!("access_token={good}; authorization={good}");
    case(
        "N119",
        "in a cookie",
        PATH.to_owned(),
        &[("cookie", cookie)],
    );
    let protocol = format!("bearer, {good}");
    case(
        "N119",
        "as a websocket's protocol",
        PATH.to_owned(),
        &[("sec-websocket-protocol", protocol)],
    );
}

fn paths(corpus: &mut Corpus<'_>, bearer: &[u8]) {
    let scope = Verdict::Refused(403, "insufficient_scope");
    let ambiguous = Verdict::Refused(400, "ambiguous_path");
    let decides = |verdict| InEnvoy::Decides(verdict);
    // Envoy repairs or refuses most of these (envoy/envoy.yaml): whatever it makes of one, a token
    // without `api:admin` opens nothing there.
    for (target, verdict, in_envoy) in [
        ("/api/admin/x", scope, InEnvoy::Same),
        ("/api/admin", scope, InEnvoy::Same),
        ("/api/protected/../admin/x", ambiguous, decides(scope)),
        ("/api/protected/%2e%2e/admin/x", ambiguous, decides(scope)),
        ("/api//admin/x", ambiguous, decides(scope)),
        ("//api/admin/x", ambiguous, decides(scope)),
        ("/api/./admin/x", ambiguous, decides(scope)),
        ("/api\\admin\\x", ambiguous, decides(scope)),
        ("/api/protected/..;/admin/x", ambiguous, decides(scope)),
        ("/api/protected;x=y/data", ambiguous, InEnvoy::Same),
        ("/api/%61dmin/x", ambiguous, decides(scope)),
        (
            "/api/protected%2f..%2fadmin/x",
            ambiguous,
            InEnvoy::Answers(400),
        ),
        (
            "/api/protected%5c..%5cadmin/x",
            ambiguous,
            InEnvoy::Answers(400),
        ),
        ("/api/admin%00/x", ambiguous, InEnvoy::Answers(400)),
        ("/api/admin%zz", ambiguous, InEnvoy::Same),
        (
            "/api/protected/%c0%ae%c0%ae/admin/x",
            ambiguous,
            InEnvoy::Same,
        ),
        (
            "/api/protected%c0%af..%c0%afadmin/x",
            ambiguous,
            InEnvoy::Same,
        ),
        (
            "/api/protected%e0%80%af..%e0%80%afadmin/x",
            ambiguous,
            InEnvoy::Same,
        ),
        (
            "/api/protected/%f0%80%80%ae./admin/x",
            ambiguous,
            InEnvoy::Same,
        ),
        ("/api/protected/caf%e9", ambiguous, InEnvoy::Same),
        ("/api/protected/%ed%a0%80", ambiguous, InEnvoy::Same),
    ] {
        corpus.cases.push(Case {
            id: "N121",
            name: target.to_owned(),
            method: "GET",
            target: target.into(),
            headers: vec![(b"authorization".to_vec(), bearer.to_vec())],
            verdict,
            in_envoy,
        });
    }
    // A method that HTTP does not know is Envoy's to refuse.
    for (method, in_envoy) in [
        ("OPTIONS", InEnvoy::Same),
        ("DELETE", InEnvoy::Same),
        ("get", InEnvoy::Answers(400)),
    ] {
        corpus.cases.push(Case {
            id: "N120",
            name: format!("{method} without a token"),
            method,
            target: PATH.into(),
            headers: Vec::new(),
            verdict: NONE,
            in_envoy,
        });
    }
}
