//! Signs access tokens by the ten thousand, for measurements in which each token may be used once.
//!
//! `mint_tokens ISSUER AUDIENCE SCOPE SUBJECT CLIENT` makes keys and writes their JWKS as one line. Then it reads
//! lines `ALGORITHM COUNT SECONDS`, and answers each with as many lines of one token, distinct by
//! `jti`, that expire in so many seconds (or did, when that is negative). It ends with its input.

use std::error::Error;
use std::io::{BufWriter, Write as _, stdin, stdout};

use dockgate_tests::forge::{Keys, header, now, sign};
use dockgate_token::Algorithm;
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, audience, scope, subject, client] = arguments.as_slice() else {
        return Err("usage: mint_tokens ISSUER AUDIENCE SCOPE SUBJECT CLIENT".into());
    };
    let keys = Keys::generate();
    let mut output = BufWriter::new(stdout().lock());
    writeln!(output, "{}", keys.jwks())?;
    output.flush()?;
    let mut minted = 0;
    for line in stdin().lines() {
        let (algorithm, count, seconds) = order(&line?)?;
        let claims = |number: u64| {
            json!({
                "iss": issuer, "sub": subject, "aud": audience, "client_id": client,
                "iat": now() - 7_200, "exp": now().saturating_add_signed(seconds),
                "jti": format!("{number:022x}"), "scope": scope,
            })
        };
        for token in in_parallel(&keys, algorithm, minted..minted + count, &claims) {
            writeln!(output, "{token}")?;
        }
        output.flush()?;
        minted += count;
    }
    Ok(())
}

fn order(line: &str) -> Result<(Algorithm, u64, i64), Box<dyn Error>> {
    let mut words = line.split_whitespace();
    let mut word = || words.next().ok_or("a line is ALGORITHM COUNT SECONDS");
    let name = word()?;
    let algorithm = Algorithm::ALL
        .into_iter()
        .find(|algorithm| algorithm.as_str() == name)
        .ok_or("no such algorithm")?;
    Ok((algorithm, word()?.parse()?, word()?.parse()?))
}

/// Signs on every core.
fn in_parallel(
    keys: &Keys,
    algorithm: Algorithm,
    numbers: std::ops::Range<u64>,
    claims: &(impl Fn(u64) -> Value + Sync),
) -> Vec<String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let header = header(algorithm);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|first| {
                let (numbers, header) = (numbers.clone(), &header);
                scope.spawn(move || {
                    let mine = numbers.skip(first).step_by(threads);
                    mine.map(|number| sign(keys, algorithm, header, &claims(number)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("signing works"))
            .collect()
    })
}
