//! Kinds of signatures: new keys, and JWKs made ready for signing and checking.

use josekit::{
    JoseError, Map, Value,
    jwk::{
        Jwk, KeyPair,
        alg::{ec::EcCurve, ec::EcKeyPair, rsa::RsaKeyPair},
    },
    jws::{self, JwsSigner, JwsVerifier},
};
use serde::{Deserialize, Serialize};

use super::{JwsError, SigningKey, VerifyingKey, eddsa};
use crate::rng::Rng;

/// Bits of a new RSA key.
const RSA_BITS: u32 = 2048;

/// How a key signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// Ed25519: small, fast, the default.
    #[default]
    #[serde(rename = "EdDSA")]
    EdDsa,
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "ES512")]
    Es512,
    #[serde(rename = "RS256")]
    Rs256,
    #[serde(rename = "PS256")]
    Ps256,
}

/// A new key: the JWKs of both halves.
pub struct Pair {
    pub public: Map<String, Value>,
    pub private: Map<String, Value>,
}

impl Algorithm {
    const ALL: [Self; 5] = [Self::EdDsa, Self::Es256, Self::Es512, Self::Rs256, Self::Ps256];

    /// The name in `alg`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es512 => "ES512",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    /// The one of this very name: no other spelling counts.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// `crv` of its keys.
    #[must_use]
    pub const fn curve(self) -> Option<&'static str> {
        match self {
            Self::EdDsa => Some("Ed25519"),
            Self::Es256 => Some("P-256"),
            Self::Es512 => Some("P-521"),
            Self::Rs256 | Self::Ps256 => None,
        }
    }

    /// A new key. Slow for RSA.
    pub fn generate(self, rng: &dyn Rng) -> Result<Pair, JwsError> {
        let (private, public) = match self {
            Self::EdDsa => return Ok(eddsa::generate(rng)?),
            Self::Es256 => halves(&EcKeyPair::generate(EcCurve::P256)?),
            Self::Es512 => halves(&EcKeyPair::generate(EcCurve::P521)?),
            Self::Rs256 | Self::Ps256 => halves(&RsaKeyPair::generate(RSA_BITS)?),
        };
        Ok(Pair { public: public.into(), private: private.into() })
    }

    /// Makes a private JWK ready for use.
    pub fn signing_key(self, kid: &str, jwk: &Map<String, Value>) -> Result<SigningKey, JwsError> {
        Ok(SigningKey(self.signer(kid, jwk)?))
    }

    /// Makes a public JWK ready for use.
    pub fn verifying_key(self, kid: &str, jwk: &Map<String, Value>) -> Result<VerifyingKey, JwsError> {
        Ok(VerifyingKey(self.verifier(kid, jwk)?))
    }

    fn signer(self, kid: &str, jwk: &Map<String, Value>) -> Result<Box<dyn JwsSigner>, JoseError> {
        macro_rules! from_jwk {
            ($algorithm:expr) => {{
                let mut signer = $algorithm.signer_from_jwk(&Jwk::from_map(material(jwk))?)?;
                signer.set_key_id(kid);
                Box::new(signer)
            }};
        }
        Ok(match self {
            Self::EdDsa => Box::new(eddsa::Signer::new(kid, jwk)?),
            Self::Es256 => from_jwk!(jws::ES256),
            Self::Es512 => from_jwk!(jws::ES512),
            Self::Rs256 => from_jwk!(jws::RS256),
            Self::Ps256 => from_jwk!(jws::PS256),
        })
    }

    fn verifier(self, kid: &str, jwk: &Map<String, Value>) -> Result<Box<dyn JwsVerifier>, JoseError> {
        macro_rules! from_jwk {
            ($algorithm:expr) => {{
                let mut verifier = $algorithm.verifier_from_jwk(&Jwk::from_map(material(jwk))?)?;
                verifier.set_key_id(kid);
                Box::new(verifier)
            }};
        }
        Ok(match self {
            Self::EdDsa => Box::new(eddsa::Verifier::new(kid, jwk)?),
            Self::Es256 => from_jwk!(jws::ES256),
            Self::Es512 => from_jwk!(jws::ES512),
            Self::Rs256 => from_jwk!(jws::RS256),
            Self::Ps256 => from_jwk!(jws::PS256),
        })
    }
}

fn halves(pair: &impl KeyPair) -> (Jwk, Jwk) {
    (pair.to_jwk_key_pair(), pair.to_jwk_public_key())
}

/// A JWK without what says how it may be used: JavaScript writes `key_ops` and `ext` of its own.
fn material(jwk: &Map<String, Value>) -> Map<String, Value> {
    let said = |name: &str| matches!(name, "use" | "key_ops" | "ext" | "alg" | "kid");
    jwk.iter().filter(|(name, _)| !said(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}
