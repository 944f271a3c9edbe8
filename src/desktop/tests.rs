use crate::split;
use crate::words::PAIRS;

#[test]
fn everything_is_said_in_both_languages_and_not_twice_in_one() {
    for (word, english, welsh) in PAIRS {
        assert!(!english.trim().is_empty() && !welsh.trim().is_empty(), "{word}");
        assert_ne!(english, welsh, "{word} is in one language twice");
        assert_eq!(english.ends_with('.'), welsh.ends_with('.'), "{word}: a sentence in one, and none in the other");
    }
}

#[test]
fn pages_may_stand_below_a_path_of_a_proxys() {
    for (url, origin, base) in [
        ("https://desk.example.org", "https://desk.example.org", ""),
        ("https://Desk.Example.org/", "https://desk.example.org", ""),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
        ("https://example.org/start/line/", "https://example.org", "/start/line"),
    ] {
        assert_eq!(split(url), (origin.to_owned(), base.to_owned()), "{url}");
    }
}
