//! Known answers: one good signature for each algorithm, made once with another library.
//!
//! A verifier that accepts one and refuses it for another message can be trusted with its
//! algorithm; the filter asks this of its host before it relies on it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dockgate_token::Algorithm;

use super::VerifySignature;
use crate::keys::KeySet;

/// Whether `verifier` gives the known answers for `algorithm`.
pub fn gives_known_answers(verifier: &impl VerifySignature, algorithm: Algorithm) -> bool {
    let Some((_, jwk, signature)) = KNOWN_ANSWERS.iter().find(|(own, _, _)| *own == algorithm)
    else {
        return false;
    };
    let Ok((set, _)) = KeySet::parse(format!("{{\"keys\":[{jwk}]}}").as_bytes()) else {
        return false;
    };
    let (Some(key), Ok(signature)) = (set.keys().first(), URL_SAFE_NO_PAD.decode(signature)) else {
        return false;
    };
    verifier.verify(key, MESSAGE, &signature) && !verifier.verify(key, OTHER_MESSAGE, &signature)
}

const MESSAGE: &[u8] = b"dockgate known answer";
const OTHER_MESSAGE: &[u8] = b"dockgate known answes";

/// Algorithm, public key, signature of [`MESSAGE`].
const KNOWN_ANSWERS: [(Algorithm, &str, &str); 7] = [
    (
        Algorithm::RS256,
        r#"{"kty":"RSA","e":"AQAB","n":"oCY73dkMuA7n3nRycnoSrfoTB_2-CSDmj18HExO9PxCmGnKBrzGmE_E81wc-GOWUGl9dxA2RQ58VYt0gVLm6O-0xuf19JegVdn2rRv4LT8V-YnzIVWG2Rj4vkvoS9toKsWPjGCMe-Innj7zDva8hCuNURf6HIefRbrO_2ELOMQxJWGOpEO2CAhYrWKQRZTq1tX9mi0lRv9P-S8jscGIPto7egYeXPiVNbcumOcS2OBTcA3tGYCS3OXP3TVBs7Qae3Zzgt--3uuuh21dejhWFnya5Z6RQzYxVAQEfPnhVXRiT1c1CCCh5WIl2eU_uv9KstYZnCoYizvMS3o0lor92kw","alg":"RS256"}"#,
        "l_Qls8gq1XWN3an1kkacXbwEhoEGH2teeYUlnFrmWeYgCLSYnrT4RVaM3TBQ3fWv4mFAOYqhTYCeLu9gb4OPhJBXOWsOliLeWPW0sfGoVIeaRSPBuX6K3yNKgfTdDr-5dMDuAhi9kVgMMRkeEczdZrAujgj0a8FWu4rG6OUXQls5SBt5fqHEN4m-6IGs2va6gWDg-q9oWFA9HwOrJ0nIwUA-dHjgV_E5361hLOhPT4e5nE3k0Tpw4UlKP6ntVJkyqMNTUxC8UZnOARB5z9YSAkAObVv8ga__q6_isRcoTRUv82DplsKXbOTKf498OuQkS7HUqhbYu0a7qstttk_tfA",
    ),
    (
        Algorithm::RS384,
        r#"{"kty":"RSA","e":"AQAB","n":"oCY73dkMuA7n3nRycnoSrfoTB_2-CSDmj18HExO9PxCmGnKBrzGmE_E81wc-GOWUGl9dxA2RQ58VYt0gVLm6O-0xuf19JegVdn2rRv4LT8V-YnzIVWG2Rj4vkvoS9toKsWPjGCMe-Innj7zDva8hCuNURf6HIefRbrO_2ELOMQxJWGOpEO2CAhYrWKQRZTq1tX9mi0lRv9P-S8jscGIPto7egYeXPiVNbcumOcS2OBTcA3tGYCS3OXP3TVBs7Qae3Zzgt--3uuuh21dejhWFnya5Z6RQzYxVAQEfPnhVXRiT1c1CCCh5WIl2eU_uv9KstYZnCoYizvMS3o0lor92kw","alg":"RS384"}"#,
        "gI9Vdbwc-nsf-kwnEEuzRItvn8PCMW4CDVlgbQuhmkf_rWom1Ylp9ly10C68Ah6XDB_oR34hNq03DNPBZlhQTeksEExLgfzpRSNz_VrOvWI_RO--8k2vMpL_P6LsMyC0stt0EKtdpYcS3ah-7Wue71lu92afIGvPhrvbN2T7lxizPeugNjej3lUi0g28kvP7ctNHewkT-pmLEhwJJkjRguV5GBney2O21IM_fi1wz9e1BJTpBITl-H9LPudBwarWXf62FNuiHCZb8wIlO-L2MmvtP7R89pgl_hMxgmk8yqqSz_zdubqlJ-4BcN8El_k5AsNE4YWLjf2NEP0cN4-i3Q",
    ),
    (
        Algorithm::RS512,
        r#"{"kty":"RSA","e":"AQAB","n":"oCY73dkMuA7n3nRycnoSrfoTB_2-CSDmj18HExO9PxCmGnKBrzGmE_E81wc-GOWUGl9dxA2RQ58VYt0gVLm6O-0xuf19JegVdn2rRv4LT8V-YnzIVWG2Rj4vkvoS9toKsWPjGCMe-Innj7zDva8hCuNURf6HIefRbrO_2ELOMQxJWGOpEO2CAhYrWKQRZTq1tX9mi0lRv9P-S8jscGIPto7egYeXPiVNbcumOcS2OBTcA3tGYCS3OXP3TVBs7Qae3Zzgt--3uuuh21dejhWFnya5Z6RQzYxVAQEfPnhVXRiT1c1CCCh5WIl2eU_uv9KstYZnCoYizvMS3o0lor92kw","alg":"RS512"}"#,
        "cQAQM9mJKB1BL2Q1NGFgSdYYYMJ7JvHnhEGCMX3vAFHpU7SMH3CT8WjjCkfEgycHfSldX-wB8_PDluAQkUoOD6f99JtB0chkWL7RRmeqlJhXzKrfIE-snGcya9PZz5ZTnyog8dHaTdcGugIn_tSCwT6CCrLsLOasnmcWf7PUUBlarNnOQ8neP2I5AcJQ5A1sDe3ZHrxXIn3ZtqSEBtPfMnXvcGjefRcUfwFRbwpLc2O-knRcjYj1dxC-ywQQTskrH7wwhCHVeOSpFliW_LtMUHijVDH3cSb6VQJOTA4JlzpEsRxo0VrDlemhb7j2ESYP26DPreEBdwFrV8HDrmiEsA",
    ),
    (
        Algorithm::PS256,
        r#"{"kty":"RSA","e":"AQAB","n":"oCY73dkMuA7n3nRycnoSrfoTB_2-CSDmj18HExO9PxCmGnKBrzGmE_E81wc-GOWUGl9dxA2RQ58VYt0gVLm6O-0xuf19JegVdn2rRv4LT8V-YnzIVWG2Rj4vkvoS9toKsWPjGCMe-Innj7zDva8hCuNURf6HIefRbrO_2ELOMQxJWGOpEO2CAhYrWKQRZTq1tX9mi0lRv9P-S8jscGIPto7egYeXPiVNbcumOcS2OBTcA3tGYCS3OXP3TVBs7Qae3Zzgt--3uuuh21dejhWFnya5Z6RQzYxVAQEfPnhVXRiT1c1CCCh5WIl2eU_uv9KstYZnCoYizvMS3o0lor92kw","alg":"PS256"}"#,
        "gzjVaop4s9qVjzEHVF_CPa8MpHB4PpbDKeF1qdcjtvMh0rj2Z_lipx1x_a0fIBnFm7-UZcYFrSv1sfoMPF3z0VPyXlp6muI7ax26uLxfcGKaGGKSVZ9RckZuTgg8TMoHOGSjsLVyUQM_dqKaYAL5OhYKKiMaFd1G1a_fFkjXMTVEQ5fNaMB_IbaNo6xlBARiaIspCN3MAM62evPA1kuTsF0w5TaFRF5hOBV-ESlVAW6gnmxE1TBUCy6LwDYHIiRn42tzm3gEgtoXswFoEwWodKi6yNjHyTixuLM-LXaqPnIYckgl1zQKCuT2bAtYUmShVnBFtCP0KEkVtdp-o8cx-g",
    ),
    (
        Algorithm::ES256,
        r#"{"kty":"EC","crv":"P-256","x":"vPtfGWcCMaSXElyuv1gT5zbsGJDd_K3oEgh-qwW3FCM","y":"EUjbkJbIAqBWk6tuOyk2Kaz4B3TvANOhsrOI05fKpV4"}"#,
        "rBK5s4P0SVAYMUJvuX04Npz_PZcGj91eqTv97NGRt5YmVJYDRaOdSl1G9J85WZST0Pv7YZAXlsvb9QeblQG0tw",
    ),
    (
        Algorithm::ES384,
        r#"{"kty":"EC","crv":"P-384","x":"kaOcyxKUrIhWeDeeyWPyYHRo_slgn0uAVQnxVZ6dOqW8bqjWwgWMdX1X4naX5fKi","y":"Oa_g-A9sPZYTndQU8RRcyZpp0Z7RbBojFc4DP6zWnXQES5wRl2NYYRSydh5lNj8W"}"#,
        "c9d9lPuHH0qJIPOsvIP9UX-CPwHGFCqzqQ600fP2ZQtr00v3sJyt2PhE7op6kFydddgVPJY0hgKovKSzV4Ucv9xK7KF8ZE9Dk9XIyOsNt4_Exj_mDbiaBgdcNRT0Y0z2",
    ),
    (
        Algorithm::EdDSA,
        r#"{"kty":"OKP","crv":"Ed25519","x":"FzNs8Pjlhjt2mXDoJuCj5lADiyElHDwibhzUsf6B35M"}"#,
        "XwPp5rpDDNfe20SWrq7KL0Z1ibu9E5ORF7XneFG99y0BO4U0qA3MOM2uUez6qhgpx-ZxJVmSxTmHsyPG5hNZDw",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::VerificationKey;
    use crate::signature::SoftwareVerifier;

    #[test]
    fn the_software_verifier_gives_them_all() {
        for algorithm in Algorithm::ALL {
            assert!(
                gives_known_answers(&SoftwareVerifier, algorithm),
                "{algorithm}"
            );
        }
    }

    #[test]
    fn a_verifier_that_always_answers_the_same_does_not() {
        struct Always(bool);
        impl VerifySignature for Always {
            fn verify(&self, _: &VerificationKey, _: &[u8], _: &[u8]) -> bool {
                self.0
            }
        }
        for answer in [true, false] {
            assert!(!gives_known_answers(&Always(answer), Algorithm::RS256));
        }
    }
}
