//! What one signature costs when nothing is around it, by algorithm: the floor under the cost of a
//! token. One JSON object per line, for `cargo xtask bench issuer`.
#![expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures wall time and its own CPU time"
)]

use std::error::Error;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};

/// Long enough to even out the scheduler.
const RUN: Duration = Duration::from_secs(2);
/// As long as the signing input of the demo's access tokens, about.
const INPUT: [u8; 400] = [b'x'; 400];

fn main() -> Result<(), Box<dyn Error>> {
    let random = SystemRandom::new();

    let rsa = RsaKeyPair::generate(KeySize::Rsa2048)?;
    let mut signature = vec![0; rsa.public_modulus_len()];
    measure("RS256", || {
        Ok(rsa.sign(&RSA_PKCS1_SHA256, &random, &INPUT, &mut signature)?)
    })?;

    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    measure("ES256", || {
        std::hint::black_box(ec.sign(&random, &INPUT)?);
        Ok(())
    })?;

    let ed = Ed25519KeyPair::generate()?;
    measure("EdDSA", || {
        std::hint::black_box(ed.sign(&INPUT));
        Ok(())
    })
}

fn measure(
    algorithm: &str,
    mut sign: impl FnMut() -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    for _ in 0..200 {
        sign()?;
    }
    let mut signed = 0u32;
    let (begun, cpu) = (Instant::now(), cpu_time());
    while begun.elapsed() < RUN {
        for _ in 0..100 {
            sign()?;
        }
        signed += 100;
    }
    let (wall, signed) = (begun.elapsed(), f64::from(signed));
    let cpu = match (cpu, cpu_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => wall,
    };
    println!(
        "{{\"algorithm\":\"{algorithm}\",\"per_second\":{},\"cpu_us\":{}}}",
        signed / wall.as_secs_f64(),
        1e6 * cpu.as_secs_f64() / signed
    );
    Ok(())
}

/// What this one thread has used, to the nanosecond, where the system is Linux and says so.
fn cpu_time() -> Option<Duration> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = statistics.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}
