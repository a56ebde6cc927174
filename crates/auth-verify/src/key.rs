//! Keys, parsed once. A key knows its one algorithm; a token does not choose it.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Verifier as _;
use serde::Deserialize;
use serde_json::Value;

/// The algorithms that are known. Those with a shared secret (`HS256`) and none at all (`none`) are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519, the default of the server.
    EdDsa,
    /// ECDSA over P-256.
    Es256,
    /// ECDSA over P-521.
    Es512,
    /// RSA with PKCS #1 v1.5.
    #[cfg(feature = "rsa")]
    Rs256,
    /// RSA with PSS.
    #[cfg(feature = "rsa")]
    Ps256,
}

impl Algorithm {
    pub(crate) const ALL: &[Self] = &[
        Self::EdDsa,
        Self::Es256,
        Self::Es512,
        #[cfg(feature = "rsa")]
        Self::Rs256,
        #[cfg(feature = "rsa")]
        Self::Ps256,
    ];

    /// Its name in a header.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es512 => "ES512",
            #[cfg(feature = "rsa")]
            Self::Rs256 => "RS256",
            #[cfg(feature = "rsa")]
            Self::Ps256 => "PS256",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }
}

#[derive(Debug)]
pub(crate) enum Key {
    Ed25519(Box<ed25519_dalek::VerifyingKey>),
    P256(Box<p256::ecdsa::VerifyingKey>),
    P521(Box<p521::ecdsa::VerifyingKey>),
    #[cfg(feature = "rsa")]
    Rs256(Box<rsa::pkcs1v15::VerifyingKey<rsa::sha2::Sha256>>),
    #[cfg(feature = "rsa")]
    Ps256(Box<rsa::pss::VerifyingKey<rsa::sha2::Sha256>>),
}

impl Key {
    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::P256(_) => Algorithm::Es256,
            Self::P521(_) => Algorithm::Es512,
            #[cfg(feature = "rsa")]
            Self::Rs256(_) => Algorithm::Rs256,
            #[cfg(feature = "rsa")]
            Self::Ps256(_) => Algorithm::Ps256,
        }
    }

    pub(crate) fn is_signature_of(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            // The strict form also refuses signatures whose R is of small order.
            Self::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(signed, &signature).is_ok()),
            // `from_slice` refuses r and s that are zero or not below the order.
            Self::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(signed, &signature).is_ok()),
            Self::P521(key) => p521::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(signed, &signature).is_ok()),
            #[cfg(feature = "rsa")]
            Self::Rs256(key) => rsa::pkcs1v15::Signature::try_from(signature)
                .is_ok_and(|signature| key.verify(signed, &signature).is_ok()),
            #[cfg(feature = "rsa")]
            Self::Ps256(key) => rsa::pss::Signature::try_from(signature)
                .is_ok_and(|signature| key.verify(signed, &signature).is_ok()),
        }
    }
}

/// The keys of one answer of the server.
#[derive(Debug, Default)]
pub(crate) struct KeySet(HashMap<String, Key>);

impl KeySet {
    /// `None` where it is no key set at all. Keys that are unknown, weak or not for signatures are left
    /// out, so that a server may publish what this version does not know.
    pub(crate) fn parse(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Jwks {
            keys: Vec<Value>,
        }
        let published: Jwks = serde_json::from_slice(body).ok()?;
        let mut keys = HashMap::new();
        for value in published.keys {
            let Ok(jwk) = serde_json::from_value::<Jwk>(value) else { continue };
            if let Some(key) = jwk.key() {
                // The first of an id counts, whatever stands below it.
                keys.entry(jwk.kid).or_insert(key);
            }
        }
        Some(Self(keys))
    }

    pub(crate) fn get(&self, kid: &str) -> Option<&Key> {
        self.0.get(kid)
    }
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    kty: String,
    alg: Option<String>,
    crv: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    x: Option<String>,
    y: Option<String>,
    #[cfg(feature = "rsa")]
    n: Option<String>,
    #[cfg(feature = "rsa")]
    e: Option<String>,
    /// The private part. A key that everyone can sign with proves nothing.
    d: Option<Value>,
}

impl Jwk {
    fn key(&self) -> Option<Key> {
        let is_for_signatures = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !is_for_signatures || self.d.is_some() || self.kid.is_empty() {
            return None;
        }
        let key = match (self.kty.as_str(), self.crv.as_deref()) {
            ("OKP", Some("Ed25519")) => {
                let point: [u8; 32] = bytes(self.x.as_ref())?.try_into().ok()?;
                let key = ed25519_dalek::VerifyingKey::from_bytes(&point).ok()?;
                // A key of small order has signatures that fit every message.
                (!key.is_weak()).then(|| Key::Ed25519(Box::new(key)))?
            }
            ("EC", Some("P-256")) => {
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.point(32)?).ok()?;
                Key::P256(Box::new(key))
            }
            ("EC", Some("P-521")) => {
                let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(&self.point(66)?).ok()?;
                Key::P521(Box::new(key))
            }
            #[cfg(feature = "rsa")]
            ("RSA", _) => self.rsa()?,
            _ => return None,
        };
        self.alg.as_deref().is_none_or(|alg| alg == key.algorithm().name()).then_some(key)
    }

    /// Both coordinates in SEC 1's uncompressed form; the library checks that the point is on the curve.
    fn point(&self, size: usize) -> Option<Vec<u8>> {
        let (x, y) = (bytes(self.x.as_ref())?, bytes(self.y.as_ref())?);
        (x.len() == size && y.len() == size).then(|| [&[4][..], &x, &y].concat())
    }

    #[cfg(feature = "rsa")]
    fn rsa(&self) -> Option<Key> {
        use rsa::{BoxedUint, RsaPublicKey};

        let (n, e) = (bytes(self.n.as_ref())?, bytes(self.e.as_ref())?);
        if n.len() > 1024 || e.len() > 8 {
            return None;
        }
        let (n, e) = (BoxedUint::from_be_slice_vartime(&n), BoxedUint::from_be_slice_vartime(&e));
        let key = RsaPublicKey::new_with_size_limits(n, e, 2048..=8192).ok()?;
        match self.alg.as_deref() {
            // A key has one algorithm; one that does not say which has the common one.
            Some("RS256") | None => Some(Key::Rs256(Box::new(rsa::pkcs1v15::VerifyingKey::new(key)))),
            Some("PS256") => Some(Key::Ps256(Box::new(rsa::pss::VerifyingKey::new(key)))),
            _ => None,
        }
    }
}

fn bytes(text: Option<&String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(jwk: &str) -> bool {
        let set = KeySet::parse(format!("{{\"keys\":[{jwk}]}}").as_bytes()).unwrap();
        set.0.len() == 1
    }

    /// RFC 8037, appendix A.4.
    #[test]
    fn the_vector_of_rfc_8037() {
        let set = KeySet::parse(
            br#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
        )
        .unwrap();
        let signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = URL_SAFE_NO_PAD
            .decode("hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg")
            .unwrap();
        let key = set.get("1").unwrap();
        assert!(key.is_signature_of(signed, &signature));
        assert!(!key.is_signature_of(b"another", &signature));
        // The same signature with S + L in place of S.
        let order = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let mut other = signature.clone();
        let mut carry = 0;
        for (byte, add) in other[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + add + carry;
            (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        assert_eq!(carry, 0);
        assert!(!key.is_signature_of(signed, &other));
    }

    #[test]
    fn weak_and_foreign_keys_are_left_out() {
        // Case 163.
        let ed = |x: &str| key(&format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"1","x":"{x}"}}"#));
        assert!(ed("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
        for small_order in [
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "7P_______________________________________38",
            "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
        ] {
            assert!(!ed(small_order), "{small_order}");
        }
        let good =
            r#""kty":"OKP","crv":"Ed25519","kid":"1","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo""#;
        assert!(key(&format!(r#"{{{good},"use":"sig","alg":"EdDSA","key_ops":["verify"],"new":1}}"#)));
        for further in [
            r#""alg":"HS256""#,
            r#""alg":"ES256""#,
            r#""use":"enc""#,
            r#""key_ops":["sign"]"#,
            r#""d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A""#,
        ] {
            assert!(!key(&format!("{{{good},{further}}}")), "{further}");
        }
        for jwk in [
            r#"{"kty":"oct","kid":"1","k":"c2VjcmV0","alg":"HS256"}"#,
            // Not on the curve.
            r#"{"kty":"EC","crv":"P-256","kid":"1","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"}"#,
            r#"{"kty":"EC","crv":"P-256","kid":"1","x":"AQ","y":"AQ"}"#,
            r#"{"kty":"RSA","kid":"1","alg":"RS256","n":"AQAB","e":"AQAB"}"#,
            r#"{"kty":"RSA","kid":"1","alg":"RS256","n":"","e":""}"#,
            r#"{"kid":1}"#,
            "null",
        ] {
            assert!(!key(jwk), "{jwk}");
        }
        for body in ["", "[]", "{}", r#"{"keys":{}}"#, "<html>"] {
            assert!(KeySet::parse(body.as_bytes()).is_none(), "{body}");
        }
    }
}
