//! What nobody may see, and whether two such are the same.

use std::fmt;
use std::path::Path;

#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// From a file, or from a variable of the environment when there is no file. None when neither is there.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub fn read(file: Option<&Path>, variable: &str) -> Result<Option<Self>, String> {
        let text = match file {
            Some(file) => {
                std::fs::read_to_string(file).map_err(|fault| format!("{} cannot be read: {fault}", file.display()))?
            }
            None => std::env::var(variable).unwrap_or_default(),
        };
        match (text.trim(), file) {
            ("", Some(file)) => Err(format!("{} holds no secret", file.display())),
            ("", None) => Ok(None),
            (secret, _) => Ok(Some(Self(secret.to_owned()))),
        }
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Whether both are the same, in the same time however much of it is.
pub fn same(one: &str, other: &str) -> bool {
    same_bytes(one.as_bytes(), other.as_bytes())
}

/// What differs is gathered before anybody looks at it; `black_box` keeps a compiler from looking earlier.
pub fn same_bytes(one: &[u8], other: &[u8]) -> bool {
    let differs = one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differs) == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn only_the_same_is_the_same() {
        assert!(same("", "") && same("abc", "abc"));
        assert!(!same("abc", "abd") && !same("abc", "ab") && !same("", "a"));
    }

    #[test]
    fn a_secret_is_read_from_its_file_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, " word\n").unwrap();
        let secret = Secret::read(Some(&file), "STARTLINE_NOT_SET").unwrap().unwrap();
        assert_eq!(secret.reveal(), "word");
        let mut shown = String::new();
        write!(shown, "{secret:?}").unwrap();
        assert!(!shown.contains("word"));
        std::fs::write(&file, " \n").unwrap();
        assert!(Secret::read(Some(&file), "STARTLINE_NOT_SET").is_err_and(|fault| fault.contains("holds no secret")));
        assert!(Secret::read(None, "STARTLINE_NOT_SET").unwrap().is_none());
    }
}
