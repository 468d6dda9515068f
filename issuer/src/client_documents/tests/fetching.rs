//! Fetching one document.

use super::*;

#[tokio::test]
async fn a_document_comes_over_tls_of_its_host_and_no_other() {
    let server = Server::with(&json("", "{}"), true).await;
    let url = server.url("https");
    let good = documents(here(), Some(&server.pem));
    assert_eq!(
        &*good
            .document(&url, About::Client, someone(), NOW)
            .await
            .unwrap(),
        b"{}"
    );
    let other = Server::with("", true).await;
    for trusted in [None, Some(other.pem.as_str())] {
        let documents = documents(here(), trusted);
        let refused = documents
            .document(&url, About::Client, someone(), NOW)
            .await;
        assert_eq!(refused, Err(DocumentError::Tls));
    }
    let by_address = format!("https://127.0.0.1:{}/client.json", server.address.port());
    let documents = documents(here(), Some(&server.pem));
    let refused = documents
        .document(&self::url(&by_address), About::Client, someone(), NOW)
        .await;
    assert_eq!(refused, Err(DocumentError::Tls));
}

fn chunked(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn hostile_answers_are_refused_each_for_its_reason() {
    let large = json("", &"x".repeat(MAX_DOCUMENT_BYTES + 1));
    let endless = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{}",
        "x".repeat(MAX_DOCUMENT_BYTES + 1)
    );
    let many_headers = answer(&format!("200 OK\r\nx: {}", "y".repeat(100_000)), "{}");
    for (answer, expected) in [
        (json("", "{}"), Ok(b"{}".to_vec())),
        (
            answer(
                "200 OK\r\ncontent-type: application/x+JSON; charset=utf-8",
                "{}",
            ),
            Ok(b"{}".to_vec()),
        ),
        (
            answer("301 Moved\r\nlocation: http://127.0.0.1/", ""),
            Err(DocumentError::Redirect),
        ),
        (
            answer("302 Found\r\nlocation: http://169.254.169.254/", ""),
            Err(DocumentError::Redirect),
        ),
        (answer("404 Not Found", ""), Err(DocumentError::Status(404))),
        (answer("503 Busy", ""), Err(DocumentError::Status(503))),
        (
            answer("204 No Content\r\ncontent-type: application/json", ""),
            Err(DocumentError::Status(204)),
        ),
        (
            answer("200 OK\r\ncontent-type: text/html", "{}"),
            Err(DocumentError::ContentType),
        ),
        (answer("200 OK", "{}"), Err(DocumentError::ContentType)),
        (
            json("\r\ncontent-encoding: gzip", "{}"),
            Err(DocumentError::ContentType),
        ),
        (large, Err(DocumentError::TooLarge)),
        (endless, Err(DocumentError::TooLarge)),
        (many_headers, Err(DocumentError::Broken)),
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"
                .to_owned(),
            Err(DocumentError::Broken),
        ),
        (
            chunked("3\r\n{ }\r\n0\r\n\r\n"),
            Ok(b"{ }".to_vec()),
        ),
        (
            chunked(&format!(
                "{:x}\r\n{}\r\n0\r\n\r\n",
                MAX_DOCUMENT_BYTES + 1,
                "x".repeat(MAX_DOCUMENT_BYTES + 1)
            )),
            Err(DocumentError::TooLarge),
        ),
        (
            chunked(&"1\r\nx\r\n".repeat(MAX_DOCUMENT_BYTES + 1)),
            Err(DocumentError::TooLarge),
        ),
        // A length that no body has.
        (
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999999999999999\r\n\r\n{}"
                .to_owned(),
            Err(DocumentError::Broken),
        ),
        (
            format!("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n{}", json("", "{}")),
            Ok(b"{}".to_vec()),
        ),
        (
            answer(&format!("200 OK{}", "\r\nx: y".repeat(200)), "{}"),
            Err(DocumentError::Broken),
        ),
        (
            answer("304 Not Modified\r\ncontent-type: application/json", ""),
            Err(DocumentError::Redirect),
        ),
        (
            json("\r\ncontent-encoding: br", "{}"),
            Err(DocumentError::ContentType),
        ),
        (
            answer("200 OK\r\ncontent-type: text/json", "{}"),
            Err(DocumentError::ContentType),
        ),
        (
            answer("200 OK\r\ncontent-type: application/jsonp", "{}"),
            Err(DocumentError::ContentType),
        ),
        ("SSH-2.0-OpenSSH\r\n".to_owned(), Err(DocumentError::Broken)),
        (String::new(), Err(DocumentError::Broken)),
    ] {
        assert_eq!(fetched(&answer).await, expected, "{answer:.80}");
    }
}

#[tokio::test]
async fn a_slow_answer_is_waited_for_no_longer_than_documented() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-then: wait\r\n";
    // In the middle of the head, before the body, in the middle of it, and between chunks.
    let (no_body, half, chunk) = (
        format!("{head}content-length: 9\r\n\r\n"),
        format!("{head}content-length: 9\r\n\r\n{{"),
        format!("{head}transfer-encoding: chunked\r\n\r\n1\r\n{{\r\n"),
    );
    let within = Duration::from_secs(4 * FETCH_SECONDS);
    let all = async {
        tokio::join!(
            fetched(head),
            fetched(&no_body),
            fetched(&half),
            fetched(&chunk)
        )
    };
    let (head, no_body, half, chunk) = tokio::time::timeout(within, all).await.unwrap();
    for answer in [head, no_body, half, chunk] {
        assert_eq!(answer, Err(DocumentError::TooSlow));
    }
}

#[tokio::test]
async fn what_is_asked_is_one_request_without_anything_of_the_user() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = vec![0; 4096];
        let length = stream.read(&mut head).await.unwrap();
        head.truncate(length);
        String::from_utf8(head).unwrap()
    });
    let documents = documents(here(), None);
    let url = url(&format!("http://localhost:{}/c?v=1", address.port()));
    let gone = documents
        .document(&url, About::Client, someone(), NOW)
        .await;
    assert_eq!(gone, Err(DocumentError::Broken));
    let host = format!("host: localhost:{}", address.port());
    let asked = asked.await.unwrap().to_ascii_lowercase();
    let lines: Vec<_> = asked.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(
        lines,
        [
            "get /c?v=1 http/1.1",
            &host,
            "accept: application/json",
            "accept-encoding: identity",
            "user-agent: dockgate"
        ]
    );
}

#[tokio::test]
async fn no_name_leads_to_an_address_that_is_not_public() {
    let server = Server::with(&json("", "{}"), false).await;
    let port = server.address.port();
    for addresses in [
        &["127.0.0.1"][..],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::7f00:1"],
        &["2002:7f00:1::"],
        // One that is public does not make up for another.
        &["192.0.2.0", "127.0.0.1"],
        &["1.1.1.1", "127.0.0.1"],
    ] {
        let documents = documents(resolver(addresses, addresses), None);
        let url = DocumentUrl::unchecked(&format!("https://app.example:{port}/client.json"));
        let refused = documents
            .document(&url, About::Client, someone(), NOW)
            .await;
        assert!(
            matches!(refused, Err(DocumentError::Address(_))),
            "{addresses:?}: {refused:?}"
        );
    }
    for id in [
        "https://10.0.0.1/c",
        "https://[fd00::1]/c",
        "https://169.254.169.254/c",
    ] {
        let refused = documents(here(), None)
            .document(&url(id), About::Client, someone(), NOW)
            .await;
        assert!(matches!(refused, Err(DocumentError::Address(_))), "{id}");
    }
    assert_eq!(server.asked(), 0, "nobody was connected to");
    let nowhere = documents(resolver(&[], &[]), None);
    let refused = nowhere
        .document(&url("https://app.example/c"), About::Client, someone(), NOW)
        .await;
    assert_eq!(refused, Err(DocumentError::Unresolved));
}

/// The connection is to the address that was looked at: a name that means another one when it is asked
/// for again is not asked for again.
#[tokio::test]
async fn a_name_that_changes_its_meaning_leads_nowhere_else() {
    let server = Server::with(&json("", "{}"), false).await;
    let (resolve, lookups) = counted(resolver(&["127.0.0.1"], &["127.0.0.2"]));
    let steady = documents(resolve, None);
    let url = server.url("http");
    let good = steady.document(&url, About::Client, someone(), NOW).await;
    assert_eq!(&*good.unwrap(), b"{}");
    assert_eq!(lookups.load(Ordering::SeqCst), 1);
    assert_eq!(server.asked(), 1);
    // What is public is not reachable here; what the name means then would be.
    let (resolve, lookups) = counted(resolver(&["240.0.0.1"], &["127.0.0.1"]));
    let rebinding = documents(resolve, None);
    let port = server.address.port();
    let url = DocumentUrl::unchecked(&format!("https://app.example:{port}/c"));
    let refused = rebinding
        .document(&url, About::Client, someone(), NOW)
        .await;
    assert_eq!(
        refused,
        Err(DocumentError::Address("240.0.0.1".parse().unwrap()))
    );
    assert_eq!(lookups.load(Ordering::SeqCst), 1);
    // And the loopback name is only ever loopback.
    let elsewhere = documents(resolver(&["1.1.1.1"], &["127.0.0.1"]), None);
    let url = server.url("http");
    let refused = elsewhere
        .document(&url, About::Client, someone(), NOW)
        .await;
    assert_eq!(
        refused,
        Err(DocumentError::Address("1.1.1.1".parse().unwrap()))
    );
    assert_eq!(server.asked(), 1);
}

fn counted(resolve: Resolve) -> (Resolve, Arc<AtomicUsize>) {
    let lookups = Arc::new(AtomicUsize::default());
    let count = lookups.clone();
    let counting: Resolve = Arc::new(move |host| {
        count.fetch_add(1, Ordering::SeqCst);
        resolve(host)
    });
    (counting, lookups)
}

/// Nobody can stop a lookup of the system's, which has a thread of its own: who goes away does not make
/// room for another.
#[tokio::test]
async fn names_that_nobody_says_the_meaning_of_take_up_no_more_than_their_part() {
    let (never, lookups) = counted(Arc::new(|_| Box::pin(std::future::pending())));
    let documents = Arc::new(documents(never, None));
    let tasks: Vec<_> = (0..MAX_AT_ONCE)
        .map(|number| {
            let documents = documents.clone();
            let url = url(&format!("https://slow{number}.example/c"));
            tokio::spawn(async move {
                let _gone = documents
                    .document(&url, About::Client, Asker::Us, NOW)
                    .await;
            })
        })
        .collect();
    while lookups.load(Ordering::SeqCst) < MAX_AT_ONCE {
        tokio::task::yield_now().await;
    }
    for task in tasks {
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    }
    let url = url("https://slow.example/another");
    let refused = documents
        .document(&url, About::Client, Asker::Us, NOW)
        .await;
    assert_eq!(refused, Err(DocumentError::Busy));
    assert_eq!(lookups.load(Ordering::SeqCst), MAX_AT_ONCE);
}
