//! Access tokens: 256 random bits, shown once, kept only as their SHA-256. With that much randomness a slow password
//! hash would protect nothing more.

use sha2::{Digest, Sha256};
use std::fmt;

pub struct Token(String);

impl Token {
    pub fn random() -> Self {
        let bytes: [u8; 32] = rand::random();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("sl_{hex}"))
    }

    /// What a caller presented. Whether it is anybody's token is for the directory to say.
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Whether it is none of ours but a provider's: three parts, with points between them.
    pub fn is_of_a_provider(&self) -> bool {
        self.0.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The token itself, to show it once to whoever will use it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Never the token: what is printed for debugging ends up in logs.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_does_not_show_itself_when_debugged() {
        let token = Token::random();
        assert!(!format!("{token:?}").contains(&token.reveal()[3..10]));
    }

    #[test]
    fn two_tokens_differ_and_a_presented_one_hashes_alike() {
        let (one, other) = (Token::random(), Token::random());
        assert_ne!(one.hash(), other.hash());
        assert_eq!(one.hash(), Token::presented(one.reveal()).hash());
    }
}
