//! Tokens, signed before anything is measured: a program of the tests' signs them on every core.

use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Write as _, pipe};
use std::process::Command;
use std::sync::Arc;

use dockgate_stack::{Process, target_dir};

use super::setup::ISSUER;
use crate::bench::algorithm::Algorithm;
use crate::failure::{Failure, Outcome};

/// Seconds from now to the end of a good token.
pub(super) const GOOD: i64 = 86_400;
/// The same of one that has expired, beyond any leeway.
pub(super) const EXPIRED: i64 = -3_600;

/// Whom every token is about, and who it was issued to.
pub(super) const SUBJECT: &str = "b3f1c6c2a94e4d0c8f7d";
pub(super) const CLIENT_ID: &str = "web";

/// Tokens, no two of them the same.
pub(super) type Pool = Arc<Vec<String>>;

/// The program that signs; it ends when this is dropped.
pub(super) struct Mint {
    /// The public keys, as one line of JSON.
    pub(super) jwks: String,
    orders: PipeWriter,
    tokens: BufReader<PipeReader>,
    /// The last pool: cases that follow one another use the same.
    last: Option<(Algorithm, i64, Pool)>,
    _process: Process,
}

impl Mint {
    /// Starts it. To be called before anything is pinned: it is to use every core.
    pub(super) fn open() -> Outcome<Self> {
        let mut command = Command::new(target_dir().join("release/examples/mint_tokens"));
        command.args([ISSUER, "api-gateway", "openid api:read", SUBJECT, CLIENT_ID]);
        let (input, orders) = pipe()?;
        let (output, stdout) = pipe()?;
        command.stdin(input).stdout(stdout);
        let process = Process::start_as_is("mint_tokens", command)
            .map_err(|error| Failure::new(format!("mint_tokens could not be started: {error}")))?;
        let mut mint = Self {
            jwks: String::new(),
            orders,
            tokens: BufReader::new(output),
            last: None,
            _process: process,
        };
        mint.jwks = mint.line()?;
        Ok(mint)
    }

    /// At least `count` tokens that expire in `seconds`.
    pub(super) fn pool(
        &mut self,
        algorithm: Algorithm,
        count: usize,
        seconds: i64,
    ) -> Outcome<Pool> {
        if let Some((last_algorithm, last_seconds, pool)) = &self.last
            && (*last_algorithm, *last_seconds) == (algorithm, seconds)
            && pool.len() >= count
        {
            return Ok(pool.clone());
        }
        self.last = None;
        let pool: Pool = Arc::new(self.fresh(algorithm, count, seconds)?);
        self.last = Some((algorithm, seconds, pool.clone()));
        Ok(pool)
    }

    /// `count` tokens that nobody has seen.
    pub(super) fn fresh(
        &mut self,
        algorithm: Algorithm,
        count: usize,
        seconds: i64,
    ) -> Outcome<Vec<String>> {
        writeln!(self.orders, "{} {count} {seconds}", algorithm.as_str())?;
        (0..count).map(|_| self.line()).collect()
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        if self.tokens.read_line(&mut line)? == 0 {
            return Err(Failure::new("mint_tokens ended"));
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }
}

/// The token with another signature of the same length: one character of its second half is changed,
/// so that a number remains one of the right size, and in EdDSA the point stays a point: half of all
/// changes to that would be found out before anything is computed.
pub(super) fn spoil(request: &mut [u8], token_length: usize) {
    let token_at = request.len().saturating_sub(token_length);
    let Some(token) = request.get_mut(token_at..) else {
        return;
    };
    let Some(dot) = token.iter().rposition(|byte| *byte == b'.') else {
        return;
    };
    let signature = token.get_mut(dot + 1..).unwrap_or_default();
    let at = signature.len() * 3 / 4;
    if let Some(byte) = signature.get_mut(at) {
        *byte = if *byte == b'A' { b'B' } else { b'A' };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spoiled_token_differs_in_its_signature_alone() {
        let mut request = b"Bearer h.p.ssssssss".to_vec();
        spoil(&mut request, "h.p.ssssssss".len());
        assert_eq!(request, b"Bearer h.p.ssssssAs");
        spoil(&mut request, "h.p.ssssssss".len());
        assert_eq!(request, b"Bearer h.p.ssssssBs");
    }
}
