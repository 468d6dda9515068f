//! What is sent: the same request over and over but for its token.

use super::tokens::{Pool, spoil};

/// A source of requests.
pub(super) struct Requests {
    /// Up to the token.
    head: Vec<u8>,
    tokens: Tokens,
    /// How many were written.
    next: usize,
}

/// Which token a request has.
pub(super) enum Tokens {
    /// None: the request has no `Authorization`.
    None,
    /// The same bytes each time.
    Same(&'static str),
    /// Each once.
    Once(Pool),
    /// So many of them in rotation.
    Rotation(Pool, usize),
    /// Each once, with another signature.
    Spoiled(Pool),
}

impl Requests {
    pub(super) fn new(port: u16, path: &str, tokens: Tokens) -> Self {
        let mut head = format!("GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\n");
        if !matches!(tokens, Tokens::None) {
            head.push_str("authorization: Bearer ");
        }
        Self {
            head: head.into_bytes(),
            tokens,
            next: 0,
        }
    }

    /// Writes the next request; `false` when every token was used.
    pub(super) fn write(&mut self, request: &mut Vec<u8>) -> bool {
        request.clear();
        request.extend_from_slice(&self.head);
        let token = match &self.tokens {
            Tokens::None => {
                request.extend_from_slice(b"\r\n");
                return true;
            }
            Tokens::Same(token) => Some(*token),
            Tokens::Once(pool) | Tokens::Spoiled(pool) => pool.get(self.next).map(String::as_str),
            Tokens::Rotation(pool, length) => {
                let length = pool.len().min(*length).max(1);
                pool.get(self.next % length).map(String::as_str)
            }
        };
        let Some(token) = token else {
            return false;
        };
        self.next += 1;
        request.extend_from_slice(token.as_bytes());
        if matches!(self.tokens, Tokens::Spoiled(_)) {
            spoil(request, token.len());
        }
        request.extend_from_slice(b"\r\n\r\n");
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn sent(tokens: Tokens, count: usize) -> Vec<String> {
        let mut requests = Requests::new(1, "/a", tokens);
        let mut request = Vec::new();
        let mut next = || {
            let written = requests.write(&mut request);
            written.then(|| String::from_utf8(request.clone()).unwrap())
        };
        (0..count).map_while(|_| next()).collect()
    }

    fn with(token: &str) -> String {
        format!("GET /a HTTP/1.1\r\nhost: localhost:1\r\nauthorization: Bearer {token}\r\n\r\n")
    }

    #[test]
    fn tokens_are_used_once_or_in_rotation() {
        let pool: Pool = Arc::new(vec!["h.p.one".to_owned(), "h.p.two".to_owned()]);
        let [one, two] = ["h.p.one", "h.p.two"].map(with);
        assert_eq!(
            sent(Tokens::Once(pool.clone()), 5),
            [one.clone(), two.clone()]
        );
        assert_eq!(
            sent(Tokens::Rotation(pool.clone(), 2), 3),
            [one.clone(), two, one.clone()]
        );
        assert_eq!(
            sent(Tokens::Rotation(pool.clone(), 1), 2),
            [one.clone(), one]
        );
        assert_eq!(
            sent(Tokens::Spoiled(pool), 5),
            ["h.p.onA", "h.p.twA"].map(with)
        );
        assert_eq!(sent(Tokens::Same("x"), 2), [with("x"), with("x")]);
        let none = "GET /a HTTP/1.1\r\nhost: localhost:1\r\n\r\n";
        assert_eq!(sent(Tokens::None, 1), [none]);
    }
}
