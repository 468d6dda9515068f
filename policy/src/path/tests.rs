use super::*;

#[test]
fn dot_segments_behind_encoded_slashes_are_dot_segments() {
    for target in [
        "/files/..%2fstrict",
        "/files/a%2f..%2f..%2fstrict",
        "/files/%2e%2e%5cstrict",
        "/a%2f.",
        "/a%5C..;x%2fb",
    ] {
        let fault = CanonicalPath::parse(target.as_bytes()).unwrap_err();
        assert_eq!(fault, PathFault::DotSegment, "{target}");
    }
    for target in ["/files/a%2fb", "/files/..a%2fb", "/a%2f.b"] {
        assert!(CanonicalPath::parse(target.as_bytes()).is_ok(), "{target}");
    }
}

#[test]
fn the_query_is_no_part_of_the_path() {
    for (target, path) in [
        ("/a?b", "/a"),
        ("/a?/../b", "/a"),
        ("/", "/"),
        ("/a/?x?y", "/a/"),
    ] {
        assert_eq!(
            CanonicalPath::parse(target.as_bytes()).unwrap().bytes(),
            path.as_bytes()
        );
    }
}

#[test]
fn ambiguous_paths_are_refused() {
    for (target, fault) in [
        ("", PathFault::NotAbsolute),
        ("*", PathFault::NotAbsolute),
        ("http://x/", PathFault::NotAbsolute),
        ("host:443", PathFault::NotAbsolute),
        ("?/x", PathFault::NotAbsolute),
        ("/a/../b", PathFault::DotSegment),
        ("/a/..", PathFault::DotSegment),
        ("/./a", PathFault::DotSegment),
        ("/a/%2e%2E/b", PathFault::DotSegment),
        ("/a/.%2e/b", PathFault::DotSegment),
        ("/a/..;/b", PathFault::DotSegment),
        ("/a/.;x=y/b", PathFault::DotSegment),
        ("/a/..%3bx/b", PathFault::DotSegment),
        ("//a", PathFault::EmptySegment),
        ("/a//b", PathFault::EmptySegment),
        ("/a//", PathFault::EmptySegment),
        ("/a\\b", PathFault::Backslash),
        ("/a#b", PathFault::Fragment),
        ("/a b", PathFault::ControlByte),
        ("/a%00", PathFault::ControlByte),
        ("/a%0d%0a", PathFault::ControlByte),
        ("/a%", PathFault::BadEscape),
        ("/a%2", PathFault::BadEscape),
        ("/a%zz", PathFault::BadEscape),
        ("/..%c0%af", PathFault::Overlong),
        ("/%c0%ae%c0%ae/b", PathFault::Overlong),
        ("/a%C1%9Cb", PathFault::Overlong),
        ("/a%e0%80%afb", PathFault::Overlong),
        ("/a%F0%80%80%AEb", PathFault::Overlong),
        ("/a%f8%80%80%80%ae", PathFault::Overlong),
        ("/a%fc%80%80%80%80%ae", PathFault::Overlong),
        ("/%c0n%c0n%c0o", PathFault::Overlong),
        ("/a%C0%2fb", PathFault::Overlong),
        ("/a%c0.b", PathFault::Overlong),
        ("/a%c0%ee", PathFault::Overlong),
        ("/a%c0%ef", PathFault::Overlong),
        ("/a%c1%5cb", PathFault::Overlong),
        ("/a%c1%dcb", PathFault::Overlong),
        ("/..%c0/b", PathFault::Overlong),
        ("/a%e0@ob", PathFault::Overlong),
        ("/a%e0A%5cb", PathFault::Overlong),
        ("/a%f0@%80n", PathFault::Overlong),
        ("/%61pi", PathFault::NeedlessEscape),
        ("/api%2dx", PathFault::NeedlessEscape),
    ] {
        assert_eq!(
            CanonicalPath::parse(target.as_bytes()),
            Err(fault),
            "{target:?}"
        );
    }
}

#[test]
fn what_a_rule_may_allow_is_reported() {
    let spellings = |target: &[u8]| CanonicalPath::parse(target).unwrap().tolerated();
    let none = Spellings::default();
    assert_eq!(spellings(b"/a%20b/c+d/%7B"), none);
    assert_eq!(
        spellings(b"/a%2Fb"),
        Spellings {
            encoded_slash: true,
            ..none
        }
    );
    assert_eq!(
        spellings(b"/a%5cb"),
        Spellings {
            encoded_slash: true,
            ..none
        }
    );
    assert_eq!(
        spellings(b"/a;x=y/b"),
        Spellings {
            semicolon: true,
            ..none
        }
    );
    assert_eq!(
        spellings(b"/caf\xc3\xa9"),
        Spellings {
            non_ascii: true,
            ..none
        }
    );
    for latin_1 in [
        "/caf%e9",
        "/%FC/b",
        "/%c0%20propos",
        "/%c1lvarez",
        "/voil%e0/b",
        "/a/b%c0",
        "/%e9%2fb",
        "/a%80",
        "/%ed%a0%80",
        "/%e0%a4",
    ] {
        assert!(spellings(latin_1.as_bytes()).non_utf8, "{latin_1}");
    }
    for utf_8 in [
        "/caf%c3%a9",
        "/%F0%9F%98%80",
        "/%e0%a4%a0",
        "/%ED%9F%BF",
        "/%f4%8f%bf%bf",
    ] {
        assert_eq!(spellings(utf_8.as_bytes()), none, "{utf_8}");
    }
}

#[test]
fn an_overlong_form_is_found_in_plain_bytes_too() {
    for target in [
        &b"/\xc0\xae\xc0\xae/b"[..],
        b"/a\xe0%80%afb",
        b"/\xc1%81",
        b"/\xc0n\xc0n/b",
        b"/..\xc0/b",
    ] {
        let fault = CanonicalPath::parse(target).unwrap_err();
        assert_eq!(fault, PathFault::Overlong, "{target:?}");
    }
}
