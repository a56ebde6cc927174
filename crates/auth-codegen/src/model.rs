//! What a client consists of, whatever its language.

/// A whole client.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) title: String,
    pub(crate) groups: Vec<Group>,
    /// Sorted by name.
    pub(crate) types: Vec<Named>,
}

/// The operations of one plugin.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) tag: String,
    pub(crate) docs: String,
    pub(crate) operations: Vec<Operation>,
}

#[derive(Debug)]
pub(crate) struct Operation {
    /// The method's name, in words with `-` between them.
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) docs: String,
    /// The path in its pieces.
    pub(crate) parts: Vec<Part>,
    /// The structure of its query.
    pub(crate) query: Option<String>,
    pub(crate) body: Option<Body>,
    pub(crate) reply: Reply,
    /// The choice of its declared error codes.
    pub(crate) codes: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Literal(String),
    Parameter(String),
}

#[derive(Debug)]
pub(crate) struct Body {
    pub(crate) ty: Ty,
    pub(crate) required: bool,
}

/// What a success brings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Empty,
    Json(Ty),
    Text,
    Bytes,
    Redirect,
    JsonOrRedirect(Ty),
    TextOrRedirect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ty {
    /// The document allows every JSON value.
    Any,
    Bool,
    /// `true`, and nothing else.
    True,
    Integer,
    Number,
    Text,
    List(Box<Ty>),
    Map(Box<Ty>),
    Named(String),
    Nullable(Box<Ty>),
}

impl Ty {
    pub(crate) fn nullable(self) -> Self {
        match self {
            Self::Any | Self::Nullable(_) => self,
            other => Self::Nullable(Box::new(other)),
        }
    }
}

/// A type with a name.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) shape: Shape,
}

#[derive(Debug)]
pub(crate) enum Shape {
    /// Properties; `open` where further ones may be sent.
    Structure {
        fields: Vec<Field>,
        open: bool,
    },
    /// One of these texts, or one that is not known yet; each with its description.
    Choice(Vec<(String, String)>),
    /// This text: what tells one variant of a union from the others.
    Only(String),
    Union(Vec<Ty>),
    Alias(Ty),
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) wire: String,
    pub(crate) docs: String,
    pub(crate) ty: Ty,
    pub(crate) required: bool,
    /// A switch of a query: any text turns it on, so that off means absent.
    pub(crate) switch: bool,
}
