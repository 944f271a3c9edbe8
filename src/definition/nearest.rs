//! What somebody meant who wrote a name that is none.

use strsim::osa_distance;

/// Names that are few are all told when none is near.
const FEW: usize = 14;

/// How a sentence about an unknown name ends: with the nearest one there is, with all where they are few, or not at all.
pub fn did_you_mean<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(written, known.iter().copied()) {
        Some(near) => format!("; did you mean {near}?"),
        None if known.is_empty() || known.len() > FEW => String::new(),
        None => format!("; there is {}", known.join(", ")),
    }
}

/// The nearest of these names, if one is near enough to be meant: the same but for capitals, hyphens and the like, or but
/// for a letter or two where there are enough of them. Figures are told apart: B11 is not meant by B12.
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let plain = |name: &str| name.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let figures = |name: &str| name.chars().filter(char::is_ascii_digit).collect::<String>();
    let meant = plain(written);
    let wrong = match meant.chars().filter(|c| c.is_alphabetic()).count() {
        0 | 1 => 0,
        2..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    let near = known.into_iter().filter(|name| figures(name) == figures(written)).filter_map(|name| {
        let name_plain = plain(name);
        let distance = osa_distance(&meant, &name_plain);
        // B2 and B2x: too short for a letter that is wrong, but not for one too many.
        let goes_on = distance <= 1 && (name_plain.starts_with(&meant) || meant.starts_with(&name_plain));
        let is_near = distance <= wrong || goes_on && meant.len().min(name_plain.len()) > 1;
        (is_near && !meant.is_empty()).then_some((distance, name))
    });
    near.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_told_and_none_that_is_far() {
        let near = |written, known: &[&'static str]| nearest(written, known.iter().copied());
        assert_eq!(near("guidence", &["label", "guidance", "kind"]), Some("guidance"));
        assert_eq!(near("yes-no", &["yes_no", "text"]), Some("yes_no"));
        assert_eq!(
            near("cleint", &["client", "adviser"]),
            Some("client"),
            "two letters that changed places are one slip"
        );
        assert_eq!(near("a3", &["A1", "A3"]), Some("A3"));
        assert_eq!(near("B11", &["B12", "B1"]), None);
        assert_eq!(near("B2", &["A2", "B2x", "C2"]), Some("B2x"));
        assert_eq!(near("colour", &["label", "guidance", "kind"]), None);
        assert_eq!(near("", &["a"]), None);
        assert_eq!(did_you_mean("XX", ["BA", "ES"]), "; there is BA, ES");
        assert_eq!(did_you_mean("nowhere", []), "");
    }
}
