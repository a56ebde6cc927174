//! `POST /two-factor/qr`: the same address as a picture. Better Auth leaves that to the page.

use auth_core::{
    Body, Cx, Failure, Key,
    endpoint::{Endpoint, EndpointDoc, IntoReply, Reply, ReplyBody, ReplyDoc, post},
    http::StatusCode,
};
use schemars::JsonSchema;
use serde::Deserialize;

use super::totp_uri::{TotpUriError, uri};
use crate::{TwoFactor, owner::PasswordGiven, qr};

pub const TOTP_QR: Key<TotpQr, ()> = Key::new("getTOTPQRCode");

pub(crate) fn endpoint() -> Endpoint {
    post(TOTP_QR, "/two-factor/qr", totp_qr)
        .tag(super::SECOND_FACTOR)
        .no_store()
        .summary("The address for authenticator apps, as a QR code")
}

#[derive(Deserialize, JsonSchema)]
pub struct TotpQr {
    pub password: Option<String>,
    /// `svg` where it is left out.
    pub format: Option<Format>,
    /// The name in the authenticator app, as it was given to `enable`.
    #[schemars(length(max = 200))]
    pub issuer: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Svg,
    Png,
}

/// A picture.
pub struct Picture {
    kind: &'static str,
    bytes: Vec<u8>,
}

impl IntoReply for Picture {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(Reply::new(StatusCode::OK, ReplyBody::Text(self.kind, self.bytes.into())))
    }

    fn describe(doc: &mut EndpointDoc) {
        for content_type in ["image/svg+xml", "image/png"] {
            doc.facts.replies.push(ReplyDoc {
                status: 200,
                content_type: Some(content_type),
                schema: None,
                description: "A QR code",
            });
        }
    }
}

async fn totp_qr(
    cx: Cx<TwoFactor>,
    Body(input): Body<TotpQr>,
    _: PasswordGiven,
) -> Result<Picture, TotpUriError> {
    let uri = uri(&cx, input.password.as_deref(), input.issuer.as_deref()).await?;
    let code = qr::encode(&uri)?;
    Ok(match input.format.unwrap_or(Format::Svg) {
        Format::Svg => Picture { kind: "image/svg+xml", bytes: qr::svg(&code).into_bytes() },
        Format::Png => Picture { kind: "image/png", bytes: qr::png(&code)? },
    })
}
