//! Why somebody was not let in: for the log and the figures. Whoever was refused is told always the same.

use startline_foundation::error::Error;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refused {
    /// More bytes than any provider's token has.
    TooLong,
    /// No token, or one that says a thing twice, or that is signed with `none`.
    Malformed,
    /// A kind of signature that the settings do not name.
    Algorithm,
    /// It asks for something that must be understood, and is not.
    Critical,
    /// A token for another purpose: a sign-out, a proof.
    Kind,
    /// Signed with a key that the provider does not name.
    UnknownKey,
    /// Its key is of another kind than its signature.
    OtherKey,
    /// Its key is not known yet, and the provider could not be asked in time.
    ProviderAway,
    Signature,
    Issuer,
    Audience,
    Expired,
    /// Not valid yet, or made in the future.
    Early,
    /// Something is missing that a user is known by.
    Claims,
    /// Made for another sign-in than the one that this browser began.
    OtherSignIn,
    /// The sign-in was begun too long ago.
    Late,
    /// The provider did not take the code.
    Code,
}

impl Refused {
    /// A word for figures.
    pub fn word(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Algorithm => "algorithm",
            Self::Critical => "critical",
            Self::Kind => "kind",
            Self::UnknownKey => "unknown_key",
            Self::OtherKey => "other_key",
            Self::ProviderAway => "provider_away",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::Early => "early",
            Self::Claims => "claims",
            Self::OtherSignIn => "other_sign_in",
            Self::Late => "late",
            Self::Code => "code",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Nothing of the reason goes to the caller: each would help somebody who tries.
impl From<Refused> for Error {
    fn from(_: Refused) -> Self {
        Self::Unauthenticated
    }
}
