// A typed client of Your Auth System. Written by `auth-codegen`; changes here are lost.

use auth_client::{
    Call, Connection, Error, Json,
    serde::{Deserialize, Serialize},
};

/// All operations, by plugin.
#[derive(Clone, Debug)]
pub struct Client {
    connection: Connection,
}

impl Client {
    /// Over a connection, which may be shared with other clients.
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// The connection, with its credentials.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// A book that guests sign.
    pub fn guest_book(&self) -> GuestBookApi<'_> {
        GuestBookApi {
            connection: &self.connection,
        }
    }
}

/// A book that guests sign.
#[derive(Clone, Copy, Debug)]
pub struct GuestBookApi<'a> {
    connection: &'a Connection,
}

impl GuestBookApi<'_> {
    /// One line.
    ///
    /// `GET /guest-book/line/{number}`
    pub async fn guest_book_line(
        &self,
        number: &str,
    ) -> Result<GuestBookLine, Error<GuestBookLineCode>> {
        let mut call = Call::get("/guest-book/line/");
        call.segment(number);
        self.connection.json(call).await
    }

    /// The lines.
    ///
    /// `GET /guest-book/lines`
    pub async fn lines(
        &self,
        query: &GuestBookLinesQuery,
    ) -> Result<GuestBookLines, Error<GuestBookLinesCode>> {
        let mut call = Call::get("/guest-book/lines");
        call.query(query);
        self.connection.json(call).await
    }

    /// Writes a line.
    ///
    /// `POST /guest-book/sign`
    pub async fn sign(
        &self,
        body: &GuestBookSign,
    ) -> Result<GuestBookLine, Error<SignGuestBookCode>> {
        let mut call = Call::post("/guest-book/sign");
        call.body(body);
        self.connection.json(call).await
    }
}

/// One line of the book.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
#[serde(rename_all = "camelCase")]
pub struct GuestBookLine {
    pub number: i64,
    pub text: String,
    pub signed_by: String,
    pub mood: Option<GuestBookMood>,
    pub marks: Vec<GuestBookMark>,
}

/// Why `GET /guest-book/line/{number}` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
pub enum GuestBookLineCode {
    /// 404: There is no such line.
    #[serde(rename = "NO_SUCH_LINE")]
    NoSuchLine,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
#[serde(rename_all = "camelCase")]
pub struct GuestBookLines {
    pub lines: Vec<GuestBookLine>,
}

/// Why `GET /guest-book/lines` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
pub enum GuestBookLinesCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 404: There is no such line.
    #[serde(rename = "NO_SUCH_LINE")]
    NoSuchLine,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

/// The query of `GET /guest-book/lines`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
#[serde(rename_all = "camelCase")]
pub struct GuestBookLinesQuery {
    /// Only lines of this mood.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mood: Option<GuestBookMood>,
    /// At most so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// The newest first. Any text counts as yes.
    #[serde(default)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub newest: bool,
}

/// Something beside the text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
#[serde(untagged)]
pub enum GuestBookMark {
    Stamp(GuestBookMarkStamp),
    Picture(GuestBookMarkPicture),
    /// Something that this client does not know.
    Other(Json),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
#[serde(rename_all = "camelCase")]
pub struct GuestBookMarkPicture {
    pub kind: GuestBookMarkPictureKind,
    pub address: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
pub enum GuestBookMarkPictureKind {
    #[default]
    #[serde(rename = "picture")]
    Picture,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
#[serde(rename_all = "camelCase")]
pub struct GuestBookMarkStamp {
    pub kind: GuestBookMarkStampKind,
    pub color: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
pub enum GuestBookMarkStampKind {
    #[default]
    #[serde(rename = "stamp")]
    Stamp,
}

/// How a guest felt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
pub enum GuestBookMood {
    #[serde(rename = "glad")]
    Glad,
    #[serde(rename = "sad")]
    Sad,
    /// Neither glad nor sad.
    #[serde(rename = "so-so")]
    SoSo,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
#[serde(rename_all = "camelCase")]
pub struct GuestBookSign {
    /// What to write.
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mood: Option<GuestBookMood>,
    /// `null` takes the picture of the guest's page away; absent leaves it.
    #[serde(default)]
    #[serde(deserialize_with = "auth_client::present")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub picture: Option<Option<String>>,
}

/// Why `POST /guest-book/sign` is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(crate = "auth_client::serde")]
pub enum SignGuestBookCode {
    /// 400: The body or the query is malformed.
    #[serde(rename = "VALIDATION_ERROR")]
    ValidationError,
    /// 400: A line needs text.
    #[serde(rename = "LINE_IS_EMPTY")]
    LineIsEmpty,
    /// 401: Unauthorized.
    #[serde(rename = "UNAUTHORIZED")]
    Unauthorized,
    /// Another one, which this client does not know.
    #[serde(untagged)]
    Other(String),
}
