//! RSA moduli that can be factored though they are long enough. Neither side uses such a key: the filter
//! passes it over, and the issuer does not take it.

/// Whether the big-endian modulus has a small factor, or the mark of the keys of one maker whose
/// factors can be found (ROCA, CVE-2017-15361; Nemec et al., "The Return of Coppersmith's Attack", CCS
/// 2017, §5.1): their primes are powers of 65537 modulo each small
/// prime, and so is the modulus. Of good keys fewer than one in a hundred million has that mark by
/// chance.
#[must_use]
pub fn is_weak_modulus(modulus: &[u8]) -> bool {
    let is_even = modulus.last().is_none_or(|last| last % 2 == 0);
    let remainders = || {
        MARKERS
            .into_iter()
            .map(|prime| (remainder(modulus, prime), prime))
    };
    let has_small_factor = remainders().any(|(rest, _)| rest == 0);
    is_even || has_small_factor || remainders().all(|(rest, prime)| is_power(rest, prime))
}

fn remainder(modulus: &[u8], prime: u32) -> u32 {
    let digit = |rest: u32, byte: &u8| (rest * 256 + u32::from(*byte)) % prime;
    modulus.iter().fold(0, digit)
}

/// Whether a number is a power of 65537 modulo a prime.
fn is_power(number: u32, prime: u32) -> bool {
    let powers = std::iter::successors(Some(1), |power| Some(power * (65_537 % prime) % prime));
    // They repeat before there are as many as the prime.
    powers
        .take(usize::try_from(prime).unwrap_or_default())
        .any(|power| power == number)
}

/// The odd primes up to 167, of which all but a few powers of 65537 miss some numbers.
const MARKERS: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_told_from_other_numbers() {
        // 65537 is 10 modulo 11, whose powers are 1 and 10.
        assert!(is_power(1, 11) && is_power(10, 11) && !is_power(2, 11));
        // It is 2 modulo 3 and 5, of which every number but 0 is a power.
        assert!((1..5).all(|number| is_power(number, 5)) && !is_power(0, 5));
        assert_eq!(remainder(&[1, 0, 1], 7), 65_537 % 7);
    }

    #[test]
    fn a_modulus_without_a_mark_or_a_small_factor_is_not_weak() {
        // 2^127 - 1 and 2^89 - 1, which are prime.
        let mersenne = |bits: u32| ((1u128 << bits) - 1).to_be_bytes();
        for bits in [89, 127] {
            assert!(!is_weak_modulus(&mersenne(bits)), "{bits}");
        }
        // 2^83 - 1 has the factor 167; the others are even, one, and nothing.
        for weak in [&mersenne(83)[..], &[0x80, 0], &[1], &[]] {
            assert!(is_weak_modulus(weak), "{weak:?}");
        }
    }

    /// What a good modulus leaves modulo small primes is anything but 0, and so it is here.
    #[test]
    fn no_good_modulus_is_taken_for_a_marked_one() {
        let mut state = 1u64;
        let mut byte = || {
            // Knuth's generator: which numbers they are does not matter.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            state.to_be_bytes()[0]
        };
        let mut good = 0;
        while good < 200 {
            let mut modulus: Vec<_> = (0..256).map(|_| byte()).collect();
            modulus[255] |= 1;
            if MARKERS.iter().any(|prime| remainder(&modulus, *prime) == 0) {
                continue;
            }
            assert!(!is_weak_modulus(&modulus), "{modulus:?}");
            good += 1;
        }
    }
}
