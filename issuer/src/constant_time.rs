//! A test of what no test can time well enough: that secrets are compared by what takes the same time
//! wherever they differ. What is looked for by its digest is not compared (`store/ids.rs`).

/// What compares, beginning with its name, and the file that has it.
const COMPARISONS: [(&str, &str, &str); 6] = [
    (
        "passwords",
        "fn matches(",
        include_str!("passwords/hashing.rs"),
    ),
    (
        "client secrets",
        "fn matches(&self, presented: &[u8]) -> bool",
        include_str!("protocol/client_secret.rs"),
    ),
    (
        "refresh tokens",
        "fn is_of(",
        include_str!("protocol/refresh_token.rs"),
    ),
    ("PKCE", "fn check(", include_str!("protocol/pkce.rs")),
    (
        "tokens of forms",
        "fn is_form_token(",
        include_str!("http/pages/secrets.rs"),
    ),
    (
        "cookies of known browsers",
        "fn is_browser_tag(",
        include_str!("http/pages/secrets.rs"),
    ),
];

#[test]
fn what_is_secret_is_compared_in_constant_time() {
    for (what, name, source) in COMPARISONS {
        let (_, rest) = source
            .split_once(name)
            .unwrap_or_else(|| panic!("{what}: no {name}"));
        // Functions are told apart by an empty line.
        let function = rest.split("\n\n").next().unwrap();
        assert!(
            function.contains("verify_slices_are_equal("),
            "{what}: {function}"
        );
        assert!(!function.contains("=="), "{what}: {function}");
    }
}
