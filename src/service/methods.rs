//! The methods of the API, for whoever asks them within the process: a door whose pages are made here asks as any other
//! client does, so that roles, walls, looks, replays and limits are kept where every method keeps them.
//!
//! Messages pass as bytes, as they go over the wire. The gRPC door answers; nobody else knows how.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use startline_foundation::formats::Language;
use startline_foundation::ids::SiteId;

/// A request of somebody who has signed in with a browser.
#[derive(Debug, Clone)]
pub struct Asking {
    /// `/startline.v1.ClaimService/OpenClaim`.
    pub path: &'static str,
    pub message: Bytes,
    /// The hash of what their cookie holds.
    pub session: [u8; 32],
    /// In which a sentence of the answer is read.
    pub language: Language,
    /// The site from which somebody asks who works at several.
    pub site: Option<SiteId>,
}

/// Why a method did not do what it was asked for, as every client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub kind: RefusalKind,
    /// A value of `startline.v1.ErrorReason`, without its prefix.
    pub reason: String,
    /// A sentence.
    pub message: String,
    /// The fields that are at fault by their paths, and what is wrong with each.
    pub fields: Vec<(String, String)>,
    /// The messages of ours beside it: their full names, and their bytes.
    pub details: Vec<(String, Bytes)>,
}

/// What whoever asked can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// Nobody is signed in any more.
    SignedOut,
    /// They may not.
    Denied,
    /// What they typed cannot be.
    Invalid,
    /// There is no such thing.
    NotFound,
    /// Somebody else was first, or it has changed since it was looked at.
    Race,
    /// It cannot be done as things stand.
    Illegal,
    /// Too much at once.
    Limit,
    /// Not at this moment; the same again may do.
    Away,
    /// A fault of ours.
    Internal,
}

impl Refusal {
    /// A fault of ours, which the log has under an id.
    pub fn internal(message: impl Into<String>) -> Self {
        Self {
            kind: RefusalKind::Internal,
            reason: "INTERNAL".into(),
            message: message.into(),
            fields: Vec::new(),
            details: Vec::new(),
        }
    }

    /// What is wrong with this field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(path, _)| path == field).map(|(_, what)| what.as_str())
    }

    /// The bytes of the message of this name among the details: `startline.v1.FreshOffers`.
    pub fn detail(&self, name: &str) -> Option<&Bytes> {
        self.details.iter().find(|(of, _)| of == name).map(|(_, bytes)| bytes)
    }
}

pub type Asked = BoxFuture<'static, Result<Bytes, Refusal>>;
pub type Listened = BoxStream<'static, Result<Bytes, Refusal>>;

/// Who answers.
pub trait Methods: Send + Sync {
    fn ask(&self, asking: Asking) -> Asked;

    /// Each message as it comes, and why there are no more if nobody wanted it to end.
    fn listen(&self, asking: Asking) -> BoxFuture<'static, Result<Listened, Refusal>>;
}
