//! Enums that are kept, and told, as words.

/// An enum of which each variant has its word: `as_str` writes it, `parse` reads it, `ALL` has all of them in order. The
/// words are in the database and in what others read: a new name for a variant leaves its word as it is.
#[macro_export]
macro_rules! words {
    ($(#[$about:meta])* $vis:vis enum $name:ident { $($(#[$of_one:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        $vis enum $name {
            $($(#[$of_one])* $variant,)+
        }

        impl $name {
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|one| one.as_str() == word)
            }
        }
    };
}
pub use crate::words;

#[cfg(test)]
mod tests {
    words! {
        /// What became of it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        enum End {
            #[default]
            Good = "good",
            /// Nobody came.
            NobodyThere = "nobody_there",
        }
    }

    #[test]
    fn each_word_is_read_as_what_it_was_written_for() {
        assert_eq!(End::ALL.map(End::as_str), ["good", "nobody_there"]);
        assert!(End::ALL.into_iter().all(|end| End::parse(end.as_str()) == Some(end)));
        assert_eq!(End::parse("bad"), None);
        assert_eq!(End::default(), End::Good);
    }
}
