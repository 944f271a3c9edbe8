//! Makes a document's content safe to set: no character that steers the page, no answer that does not suit its box, no
//! word that cannot be broken. Pure, and nothing a client said is ever dropped: what a box cannot hold goes to the
//! continuation sheet.

use super::address::{USUAL_EM, char_em};
use super::content::{Answer, FormQuestion, Look, Printable};
use serde_json::{Value, json};

/// Characters that surely fit on a line of an answer's box, by the size of print and where the box stands.
struct Widths {
    /// Of a box as wide as the page.
    wide: usize,
    /// Of a box beside its question. In large print no box is.
    narrow: usize,
    /// A longer word is given places to break, so that it cannot run off its box or its page.
    word: usize,
}

/// A table of more columns is printed as cards.
const MOST_COLUMNS: usize = 5;

impl Widths {
    /// The longest word in a table. Up to five columns are each as wide as their longest word; more stand in cards, four
    /// fields beside each other at most, and in large print each field has a line.
    fn of_column(&self, columns: usize) -> usize {
        if columns > MOST_COLUMNS { self.of_field(columns.div_ceil(2).min(4)) } else { self.of_field(3) }
    }

    /// The longest word in a group of short answers, of which up to four stand beside each other.
    fn of_group(&self, fields: usize) -> usize {
        self.of_field(match fields {
            0..=4 => fields,
            5 | 6 => 3,
            _ => 4,
        })
    }

    /// Of so many fields beside each other.
    fn of_field(&self, beside: usize) -> usize {
        if self.wide == self.narrow { self.word } else { [30, 30, 30, 20, 15][beside.min(4)] }
    }

    fn of(look: Look) -> Self {
        if look.large_print { Self { wide: 50, narrow: 50, word: 22 } } else { Self { wide: 74, narrow: 38, word: 30 } }
    }
}

/// A box grows to this many lines before its answer is continued elsewhere: a form whose boxes each grow without limit
/// can no longer be read at a desk.
const GROWN_LINES: usize = 4;

/// How much of a line a letter takes, in letters as wide as most: a capital W takes more than one.
fn letters(c: char) -> f32 {
    (char_em(c) / USUAL_EM).max(1.0)
}

/// How many letters of usual width a number of characters stands for.
fn room(characters: usize) -> f32 {
    f32::from(u16::try_from(characters).unwrap_or(u16::MAX))
}

/// A place where a line may break, of no width.
const BREAK: char = '\u{200b}';

/// The content as JSON, cleaned, with `continued` on each question whose answer goes on, and the rest of those answers
/// in `continuations`.
pub fn sanitize<C: Printable>(content: &C) -> Value {
    let mut content = content.clone();
    let widths = Widths::of(content.look());
    let mut continuations = Vec::new();
    let mut continued = Vec::new();
    let parts = content.form_mut().map(|form| form.parts.as_mut_slice()).unwrap_or_default();
    for (part_index, part) in parts.iter_mut().enumerate() {
        for (index, question) in part.questions.iter_mut().enumerate() {
            suit_box(&mut question.answer);
            if let Some(rest) = divide(question, &widths) {
                continued.push((part_index, index));
                continuations.push(json!({ "id": question.id, "label": question.label, "text": rest }));
            }
        }
    }
    let mut data = serde_json::to_value(&content).unwrap_or_default();
    for (part_index, index) in continued {
        data["form"]["parts"][part_index]["questions"][index]["continued"] = json!(true);
    }
    data["continuations"] = Value::Array(continuations);
    each_text(&mut data, &widths, widths.word, &mut |text, width| {
        *text = break_words(&with_curly_apostrophes(&clean(text)), width);
    });
    data
}

/// What was typed with a straight apostrophe, in a definition, by a client or by an adviser, is set as the curly one that stands
/// beside it. Here and not in a template: a rule there would part the word into pieces, for whoever has it read aloud.
pub fn with_curly_apostrophes(text: &str) -> String {
    text.replace('\'', "\u{2019}")
}

/// Visits every text, with the longest word that fits where it stands.
fn each_text(value: &mut Value, widths: &Widths, width_here: usize, visit: &mut impl FnMut(&mut String, usize)) {
    match value {
        Value::String(text) => visit(text, width_here),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, widths, width_here, visit)),
        Value::Object(fields) => {
            let count = |name: &str| fields.get(name).and_then(Value::as_array).map(Vec::len);
            let width = count("columns").map(|all| widths.of_column(all));
            let width = width.or_else(|| count("fields").map(|all| widths.of_group(all))).unwrap_or(width_here);
            // `kind` and `captions` are words of ours, which the templates compare.
            let said = fields.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "kind" | "captions"));
            said.for_each(|(_, field)| each_text(field, widths, width.min(widths.word), visit));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Takes away what would steer the page instead of standing on it: control characters, the marks that turn the
/// direction of writing, and invisible ones. Line ends stay.
pub fn clean(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', " ");
    unified.chars().filter(|c| *c == '\n' || !(c.is_control() || is_unseen(*c))).collect()
}

fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Gives words longer than `width` places to break.
fn break_words(text: &str, width: usize) -> String {
    let mut broken = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        if word.trim_end().chars().map(letters).sum::<f32>() <= room(width) {
            broken.push_str(word);
            continue;
        }
        let mut taken = 0.0;
        for c in word.chars() {
            if taken > 0.0 && taken + letters(c) > room(width) {
                broken.push(BREAK);
                taken = 0.0;
            }
            taken += letters(c);
            broken.push(c);
        }
    }
    broken
}

/// An answer that does not suit the shape of its box gets another box; it is printed all the same.
fn suit_box(answer: &mut Answer) {
    match answer {
        Answer::Comb { value, groups, .. } => {
            let boxes: usize = groups.iter().map(|g| usize::from(*g)).sum();
            let spoken = clean(value);
            if spoken.chars().count() > boxes || !spoken.chars().all(|c| c.is_ascii_graphic()) {
                *answer = Answer::line(spoken);
            }
        }
        Answer::Table { columns, rows, .. } => {
            if columns.is_empty() {
                let said: Vec<String> = rows.iter().map(|row| row.join(", ")).collect();
                *answer = Answer::Text { value: said.join("\n"), lines: 2 };
                return;
            }
            for row in rows {
                if row.len() > columns.len() {
                    let extra = row.split_off(columns.len() - 1).join("; ");
                    row.push(extra);
                }
                row.resize(columns.len(), String::new());
            }
        }
        Answer::Text { .. } | Answer::Choice { .. } | Answer::Group { .. } => {}
    }
}

/// Leaves in the box what it holds, and returns the rest.
fn divide(question: &mut FormQuestion, widths: &Widths) -> Option<String> {
    let Answer::Text { value, lines } = &mut question.answer else { return None };
    *value = clean(value);
    // What fills more than two lines beside its question stands below it, in longer ones.
    if *lines <= 1 && end_of_lines(value, widths.narrow, 2) < value.len() {
        *lines = 2;
    }
    let characters = if *lines <= 1 { widths.narrow } else { widths.wide };
    let cut = end_of_lines(value, characters, usize::from(*lines).max(GROWN_LINES));
    (cut < value.len()).then(|| value.split_off(cut))
}

/// Where, in bytes, the first `lines` lines of `characters` each end, between two words when there is a gap near.
fn end_of_lines(text: &str, characters: usize, lines: usize) -> usize {
    let mut line = 0;
    let mut column = 0.0;
    let mut last_gap = 0;
    for (at, c) in text.char_indices() {
        if c == '\n' {
            line += 1;
            column = 0.0;
        } else {
            if column > 0.0 && column + letters(c) > room(characters) {
                line += 1;
                column = 0.0;
            }
            column += letters(c);
        }
        if line >= lines {
            // A word longer than half a line is cut rather than moved.
            return if at - last_gap <= characters / 2 { last_gap } else { at };
        }
        if c.is_whitespace() {
            last_gap = at + c.len_utf8();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn question(value: &str, lines: u8) -> FormQuestion {
        let answer = Answer::Text { value: value.into(), lines };
        FormQuestion { id: "G5".into(), label: "What happened?".into(), hint: "".into(), answer }
    }

    const USUAL: Look = Look { layout: crate::content::Layout::English, large_print: false };
    const LARGE: Look = Look { layout: crate::content::Layout::English, large_print: true };

    #[test]
    fn marks_that_turn_the_direction_of_writing_are_taken_away() {
        assert_eq!(clean("Ann\u{202e}a \u{2066}Lee\u{0}\u{7}\r\nnext\u{feff}"), "Anna Lee\nnext");
    }

    #[test]
    fn wide_capitals_are_given_places_to_break_before_they_run_over_the_next_column() {
        let longest = |text: &str| text.split(BREAK).map(|part| part.chars().count()).max().unwrap_or(0);
        assert_eq!(longest(&break_words(&"a".repeat(60), 30)), 30);
        assert_eq!(longest(&break_words(&"W".repeat(60), 30)), 18, "as wide as thirty of the usual ones");
        assert_eq!(break_words("Short", 30), "Short");
        let cut = |text: &str| end_of_lines(text, 50, 4);
        assert!(cut(&"W".repeat(300)) < cut(&"a".repeat(300)));
    }

    #[test]
    fn a_long_answer_is_cut_between_words() {
        let mut long = question(&"seven ch ".repeat(100), 4);
        let rest = divide(&mut long, &Widths::of(USUAL)).expect("900 characters do not fit in four lines");
        let Answer::Text { value, .. } = &long.answer else { panic!("the answer stays a text") };
        assert!(value.len() <= 4 * Widths::of(USUAL).wide && value.ends_with(' '));
        assert_eq!(format!("{value}{rest}"), "seven ch ".repeat(100));
    }

    #[test]
    fn many_short_lines_count_as_lines() {
        let mut listed = question(&"a\n".repeat(50), 4);
        assert!(divide(&mut listed, &Widths::of(USUAL)).is_some());
    }

    #[test]
    fn a_number_too_long_for_its_boxes_is_printed_as_text() {
        let mut answer = Answer::no_date();
        let Answer::Comb { value, .. } = &mut answer else { panic!("it has boxes") };
        *value = "6 April 2000 or thereabouts".into();
        suit_box(&mut answer);
        assert_eq!(answer, Answer::line("6 April 2000 or thereabouts"));
    }

    #[test]
    fn a_row_with_too_many_cells_keeps_every_cell() {
        let mut answer = Answer::Table {
            columns: vec!["a".into(), "b".into()],
            rows: vec![vec!["1".into(), "2".into(), "3".into()], vec!["4".into()]],
            empty_rows: 0,
        };
        suit_box(&mut answer);
        let Answer::Table { rows, .. } = answer else { panic!("the answer stays a table") };
        assert_eq!(rows, [["1", "2; 3"], ["4", ""]]);
    }

    proptest! {
        #[test]
        fn dividing_an_answer_loses_no_character(text in "[ a-zŵ\\n]{0,900}", lines in 1u8..8) {
            let mut divided = question(&text, lines);
            let rest = divide(&mut divided, &Widths::of(LARGE)).unwrap_or_default();
            let Answer::Text { value, .. } = divided.answer else { panic!("the answer stays a text") };
            prop_assert_eq!(format!("{value}{rest}"), text);
        }

        #[test]
        fn breaking_words_adds_nothing_but_places_to_break(text in "\\PC{0,200}", width in 1usize..40) {
            let broken = break_words(&clean(&text), width);
            prop_assert!(broken.split(|c: char| c.is_whitespace() || c == BREAK).all(|w| w.chars().count() <= width));
            prop_assert_eq!(broken.replace(BREAK, ""), clean(&text));
        }
    }
}
