use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use super::*;

#[test]
fn references_are_resolved_against_the_page() {
    let origin = Origin { port: 1 };
    let table = [
        ("/consent?x=1", "/consent?x=1"),
        ("http://localhost:1/login", "/login"),
        ("login?r=2", "/a/login?r=2"),
        ("./login", "/a/login"),
        ("?again", "/a/b?again"),
        ("", "/a/b?c=d"),
    ];
    for (reference, expected) in table {
        assert_eq!(resolved(&origin, "/a/b?c=d", reference), expected);
    }
}

#[test]
fn a_cookie_goes_where_it_belongs_until_it_is_taken_back() {
    let mut cookies = Vec::new();
    keep(&mut cookies, "a=1; Path=/x; HttpOnly", "/x/y");
    keep(&mut cookies, "b=2", "/x/y?z");
    keep(&mut cookies, "a=3; Path=/x", "/x/y");
    let seen: Vec<_> = cookies
        .iter()
        .map(|c| (c.name.as_str(), c.value.as_str(), c.path.as_str()))
        .collect();
    assert_eq!(seen, [("b", "2", "/x"), ("a", "3", "/x")]);
    keep(&mut cookies, "a=; Path=/x; Max-Age=0", "/x/y");
    assert_eq!(cookies.len(), 1);
}

#[test]
fn the_code_is_found_among_the_parameters() {
    assert_eq!(
        parameter("?state=s&code=c-1&iss=i", "code").as_deref(),
        Some("c-1")
    );
    assert_eq!(parameter("?error=access_denied", "code"), None);
}

/// A server with a login page and a consent page, which are asked for only once.
fn pages() -> Origin {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || serve(&stream.unwrap()));
        }
    });
    Origin { port }
}

fn serve(stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let length = head
            .lines()
            .find_map(|l| l.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        reader.read_exact(&mut body).unwrap();
        let answer = answer(&head, std::str::from_utf8(&body).unwrap());
        let mut stream = stream;
        stream.write_all(answer.as_bytes()).unwrap();
    }
}

fn answer(head: &str, body: &str) -> String {
    let request = head.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let (request, _) = request.split_once('?').unwrap_or((&request, ""));
    let has = |cookie: &str| head.contains(cookie);
    let redirect = |to: &str, more: &str| {
        format!("HTTP/1.1 303 See Other\r\nlocation: {to}\r\n{more}content-length: 0\r\n\r\n")
    };
    let page = |text: &str| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}",
            text.len()
        )
    };
    match request {
        "GET /authorize" if has("consent=1") => redirect(&format!("{REDIRECT_URI}?code=c"), ""),
        "GET /authorize" if has("session=1") => redirect("/consent?r=1", ""),
        "GET /authorize" => redirect("/login?r=1", ""),
        "GET /login" => page(
            "<form method=post action='login?r=1'><input type=hidden name=csrf value=x>\
             <input name=username><input name=password type=password><button>Log in</button></form>",
        ),
        "POST /login" if body == "csrf=x&username=alice&password=wonderland" => {
            redirect("/authorize?again", "set-cookie: session=1; Path=/\r\n")
        }
        "GET /consent" => page(
            "<form method=post><input type=checkbox name=scope value=api:read checked>\
             <button name=decision value=allow>Allow</button></form>",
        ),
        "POST /consent" if body == "scope=api%3Aread&decision=allow" => {
            redirect("/authorize?again", "set-cookie: consent=1; Path=/\r\n")
        }
        _ => format!(
            "HTTP/1.1 400 Bad\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ),
    }
}

#[test]
fn the_pages_are_filled_in_and_their_outcome_remembered() {
    let mut browser = Browser::open(&pages()).unwrap();
    assert_eq!(browser.authorize().unwrap(), "c");
    let mut window = browser.window().unwrap();
    assert!(window.cookies.iter().any(|cookie| cookie.name == "consent"));
    assert_eq!(window.authorize().unwrap(), "c");
}
