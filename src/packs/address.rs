//! The address in the envelope's window, by the rules for UK letters: three to seven lines, a postcode last, nothing at
//! the beginning of a line that a sorting machine takes for something else. Pure, so that an adviser can be told while the
//! client is still on the line.

use super::subject::Unprintable;
use chrono::NaiveDate;
use startline_foundation::formats::Postcode;
use startline_rooms::clients::{Client, Half};

/// As a fault and a replacement name it.
pub const PLACE: &str = "address";

/// Lines that the window shows, the postcode's among them.
const LINES: std::ops::RangeInclusive<usize> = 3..=7;

/// The window's 95.4 mm, in widths of a capital M at the 10 points in which a full window is printed.
const WIDTH_EM: f32 = 27.0;

/// What no line of an address may begin with.
const NOT_AT_THE_BEGINNING: &str = "@()=[]\"\\/,<>~";

/// Where a client's letters go on a day, as an envelope's window shows it.
pub fn window(client: &Client, day: NaiveDate) -> Result<Vec<String>, Unprintable> {
    let (lines, postcode) = client.facts.post_on(day);
    if let Some(half) = client.facts.half.filter(|_| client.facts.letters_address_on(day).is_none()) {
        let (given, mend) = match half {
            Half::Lines => (
                "a new address was given without its postcode",
                "Ask for the postcode of the new address, and write it into the form or the record, also when it is the same.",
            ),
            Half::Postcode => (
                "a new postcode was given without its address",
                "Ask for the address of the new postcode, and write it into the form or the record, also when it is the same.",
            ),
        };
        return Err(fault(given.into(), mend));
    }
    let lines: Vec<String> = [client.full_name()].into_iter().chain(lines.iter().cloned()).collect();
    check_address(&lines, postcode.map_or("", |postcode| postcode.as_str()))
}

/// The lines as they are printed, the postcode last: tidied, empty ones left out, one that is too long for the window
/// broken at a comma or a gap while there is room. `lines` begin with the name.
pub fn check_address(lines: &[String], postcode: &str) -> Result<Vec<String>, Unprintable> {
    let mut tidy: Vec<String> = lines.iter().map(|line| tidied(line)).filter(|line| !line.is_empty()).collect();
    if tidy.iter().any(|line| is_no_address(line)) {
        return Err(fault(
            "“no fixed abode” is no address that the post delivers to".into(),
            "Ask for an address where letters reach the client, or let them collect the pack.",
        ));
    }
    let postcode = Postcode::parse(postcode).map_err(|reason| {
        fault(format!("the postcode {reason}"), "Ask for the postcode: without one a letter cannot be sorted.")
    })?;
    tidy.retain(|line| Postcode::parse(line).ok().as_ref() != Some(&postcode));
    for (number, line) in (1..).zip(&tidy) {
        if let Some(first) = line.chars().next().filter(|first| NOT_AT_THE_BEGINNING.contains(*first)) {
            return Err(fault(
                format!("line {number} begins with “{first}”, which sorting machines do not accept"),
                "Begin the line with a letter or a figure.",
            ));
        }
    }
    let mut fitting = Vec::with_capacity(tidy.len() + 1);
    for line in &tidy {
        break_line(line, &mut fitting)?;
    }
    fitting.push(postcode.to_string());
    if !LINES.contains(&fitting.len()) {
        return Err(fault(
            format!("the address has {} lines; an envelope's window shows 3 to 7", fitting.len()),
            if fitting.len() < 3 {
                "Add the street or the town."
            } else {
                "Put two short lines together, or leave out the county."
            },
        ));
    }
    Ok(fitting)
}

fn fault(sentence: String, mend: &str) -> Unprintable {
    Unprintable { place: PLACE.into(), reason: "ADDRESS".into(), sentence, mend: mend.into() }
}

/// Single spaces, and no comma or full stop left over at the end.
fn tidied(line: &str) -> String {
    let spaced: Vec<&str> = line.split_whitespace().collect();
    spaced.join(" ").trim_end_matches([',', ';', ' ']).to_owned()
}

fn is_no_address(line: &str) -> bool {
    let letters: String = line.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    matches!(letters.as_str(), "nofixedabode" | "nofixedaddress" | "nfa" | "ofnofixedabode" | "homeless")
}

/// Puts a line down, in two or more when it is wider than the window.
fn break_line(line: &str, lines: &mut Vec<String>) -> Result<(), Unprintable> {
    if width_em(line) <= WIDTH_EM {
        lines.push(line.to_owned());
        return Ok(());
    }
    let is_good = |at: &usize| {
        width_em(&line[..*at]) <= WIDTH_EM
            && !line[*at..].trim_start().starts_with(|c| NOT_AT_THE_BEGINNING.contains(c))
    };
    let gaps: Vec<usize> = line.match_indices(' ').map(|(at, _)| at).filter(is_good).collect();
    // A comma is where people would break it themselves.
    let at_comma = gaps.iter().rev().find(|at| line[..**at].ends_with(','));
    let Some(at) = at_comma.or(gaps.last()) else {
        return Err(fault(
            "a line is wider than the envelope's window and has no gap at which it could be broken".into(),
            "Write it on two lines, or shorten it.",
        ));
    };
    lines.push(tidied(&line[..*at]));
    break_line(line[*at..].trim_start(), lines)
}

/// About how wide a line is, in ems: rather too wide than too narrow.
fn width_em(line: &str) -> f32 {
    line.chars().map(char_em).sum()
}

/// About how wide a letter is, in ems.
pub fn char_em(c: char) -> f32 {
    match c {
        ' ' | '.' | ',' | '\'' | 'i' | 'j' | 'l' | 'I' | ':' | ';' | '!' | '|' => 0.32,
        't' | 'f' | 'r' | '-' | '(' | ')' => 0.42,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.95,
        c if c.is_uppercase() => 0.72,
        _ => USUAL_EM,
    }
}

/// A letter as wide as most.
pub const USUAL_EM: f32 = 0.6;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(lines: &[&str], postcode: &str) -> Result<Vec<String>, Unprintable> {
        check_address(&lines.iter().map(ToString::to_string).collect::<Vec<_>>(), postcode)
    }

    #[test]
    fn an_address_is_tidied_and_ends_with_its_postcode() {
        assert_eq!(
            check(&["Ms Siân  Pryce", " Flat 2, ", "", "14 Castle Street", "Frome,", "ba111aa"], "ba11 1aa").unwrap(),
            ["Ms Siân Pryce", "Flat 2", "14 Castle Street", "Frome", "BA11 1AA"]
        );
    }

    #[test]
    fn no_fixed_abode_is_refused_however_it_is_written() {
        for line in ["No fixed abode", "NO FIXED ABODE.", "n.f.a.", "of no fixed abode"] {
            let fault = check(&["Mr J Ellis", line, "Frome"], "BA11 1AA").unwrap_err();
            assert!(fault.mend.contains("collect"), "{fault:?}");
        }
    }

    #[test]
    fn what_a_sorting_machine_misreads_at_the_beginning_of_a_line_is_refused() {
        for first in NOT_AT_THE_BEGINNING.chars() {
            let line = format!("{first}The Cottage");
            let fault = check(&["Mr J Ellis", &line, "Frome"], "BA11 1AA").unwrap_err();
            assert_eq!((fault.place.as_str(), fault.reason.as_str()), ("address", "ADDRESS"));
        }
        assert!(check(&["Mr J Ellis", "Flat 2/1", "c/o 3 High Street"], "BA11 1AA").is_ok());
    }

    #[test]
    fn a_wide_line_is_broken_at_a_comma_while_the_window_has_room() {
        let long = "The Old Coach House, Upper Wraxall Manor Farm, Wraxall Lane";
        let printed = check(&["Mr J Ellis", long, "Frome"], "BA11 1AA").unwrap();
        assert_eq!(
            printed[1..3],
            ["The Old Coach House, Upper Wraxall Manor Farm", "Wraxall Lane"].map(String::from)[..]
        );
        assert!(check(&["Mr J Ellis", &"W".repeat(45), "Frome"], "BA11 1AA").is_err());
        assert!(check(&["a", "b", "c", "d", "e", "f", "g"], "BA11 1AA").is_err());
        assert!(check(&["Mr J Ellis"], "BA11 1AA").is_err());
    }

    #[test]
    fn without_a_postcode_there_is_no_letter() {
        assert!(check(&["Mr J Ellis", "3 High Street", "Frome"], "").unwrap_err().sentence.contains("postcode"));
    }

    proptest! {
        #[test]
        fn what_is_accepted_obeys_the_rules_and_keeps_every_word(lines in prop::collection::vec("[A-Za-z0-9 ,'.()/-]{0,60}", 0..8)) {
            let Ok(printed) = check_address(&lines, "BA11 1AA") else { return Ok(()) };
            prop_assert!(LINES.contains(&printed.len()) && printed.last().map(String::as_str) == Some("BA11 1AA"));
            for line in &printed {
                prop_assert!(width_em(line) <= WIDTH_EM && !line.starts_with(|c| NOT_AT_THE_BEGINNING.contains(c)), "{}", line);
            }
            let letters = |lines: &[String]| lines.concat().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(letters(&printed), letters(&lines) + "BA111AA");
        }
    }
}
