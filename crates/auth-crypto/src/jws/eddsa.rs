//! Ed25519 under josekit: the signature itself is made and checked by aws-lc, three times as fast as
//! by josekit's own way.

use std::sync::Arc;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    JoseError, Map, Value,
    jws::{JwsAlgorithm, JwsSigner, JwsVerifier, alg::eddsa::EddsaJwsAlgorithm},
};
use zeroize::Zeroizing;

use super::algorithm::Pair;
use crate::rng::Rng;

const SIGNATURE_LEN: usize = 64;

fn unusable(source: impl std::error::Error + Send + Sync + 'static) -> JoseError {
    JoseError::InvalidKeyFormat(source.into())
}

fn missing(what: &'static str) -> JoseError {
    unusable(std::io::Error::new(std::io::ErrorKind::InvalidData, what))
}

pub(super) fn generate(rng: &dyn Rng) -> Result<Pair, JoseError> {
    let mut seed = Zeroizing::new([0_u8; 32]);
    rng.fill(seed.as_mut());
    let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).map_err(unusable)?;
    let x = Value::from(URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()));
    let d = Value::from(URL_SAFE_NO_PAD.encode(*seed));
    let member = |name: &str, value: Value| (name.to_owned(), value);
    let public = [member("crv", "Ed25519".into()), member("x", x), member("kty", "OKP".into())];
    let mut private = vec![member("d", d)];
    private.extend(public.iter().cloned());
    Ok(Pair { public: public.into_iter().collect(), private: private.into_iter().collect() })
}

/// The bytes of a member, of a key of this kind.
fn bytes(jwk: &Map<String, Value>, name: &str) -> Result<Zeroizing<Vec<u8>>, JoseError> {
    let is = |name: &str, wanted: &str| jwk.get(name).and_then(Value::as_str) == Some(wanted);
    if !is("kty", "OKP") || !is("crv", "Ed25519") {
        return Err(missing("no Ed25519 key"));
    }
    let text =
        jwk.get(name).and_then(Value::as_str).ok_or_else(|| missing("a part of the key is missing"))?;
    URL_SAFE_NO_PAD.decode(text).map(Zeroizing::new).map_err(unusable)
}

#[derive(Clone, Debug)]
pub(super) struct Signer {
    kid: String,
    pair: Arc<Ed25519KeyPair>,
}

impl Signer {
    pub(super) fn new(kid: &str, jwk: &Map<String, Value>) -> Result<Self, JoseError> {
        let (seed, public) = (bytes(jwk, "d")?, bytes(jwk, "x")?);
        let pair = Ed25519KeyPair::from_seed_and_public_key(&seed, &public).map_err(unusable)?;
        Ok(Self { kid: kid.to_owned(), pair: Arc::new(pair) })
    }
}

impl JwsSigner for Signer {
    fn algorithm(&self) -> &dyn JwsAlgorithm {
        &EddsaJwsAlgorithm::Eddsa
    }

    fn key_id(&self) -> Option<&str> {
        Some(&self.kid)
    }

    fn signature_len(&self) -> usize {
        SIGNATURE_LEN
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, JoseError> {
        let signature = self.pair.try_sign(message).map_err(|e| JoseError::InvalidSignature(e.into()))?;
        Ok(signature.as_ref().to_vec())
    }

    fn box_clone(&self) -> Box<dyn JwsSigner> {
        Box::new(self.clone())
    }
}

#[derive(Clone, Debug)]
pub(super) struct Verifier {
    kid: String,
    key: Arc<ParsedPublicKey>,
}

impl Verifier {
    pub(super) fn new(kid: &str, jwk: &Map<String, Value>) -> Result<Self, JoseError> {
        let key = ParsedPublicKey::new(&ED25519, bytes(jwk, "x")?.as_slice()).map_err(unusable)?;
        Ok(Self { kid: kid.to_owned(), key: Arc::new(key) })
    }
}

impl JwsVerifier for Verifier {
    fn algorithm(&self) -> &dyn JwsAlgorithm {
        &EddsaJwsAlgorithm::Eddsa
    }

    fn key_id(&self) -> Option<&str> {
        Some(&self.kid)
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JoseError> {
        self.key.verify_sig(message, signature).map_err(|e| JoseError::InvalidSignature(e.into()))
    }

    fn box_clone(&self) -> Box<dyn JwsVerifier> {
        Box::new(self.clone())
    }
}
