//! A question with its control, what is known of it and what was wrong with what was typed: the same on every page that asks.

use super::control::{Control, How, Shape};
use super::read::mark;
use crate::screens::walks::words::FormWords;
use askama::Template;
use serde_json::Value as Json;
use startline_definition::{Question, Required};
use startline_foundation::formats::Language;

#[derive(Template)]
#[template(path = "walks/question.html")]
pub struct Asked {
    /// As the form names it: `B2`. Empty for a question of the script's own.
    pub code: String,
    /// As the adviser says it.
    pub say: String,
    pub hint: String,
    pub guidance: String,
    pub control: Control,
    pub wrong: Option<String>,
    pub is_optional: bool,
    pub is_for_adviser: bool,
    pub known: Known,
    /// What somebody else saved meanwhile.
    pub other: Option<Other>,
    /// On a page that saves: the revision that is shown, and by which what is shown is known again.
    pub seen: Option<(u32, String)>,
    /// When it was saved, if that was today.
    pub saved_at: String,
    pub talk: Language,
    pub w: &'static FormWords,
}

impl askama::filters::HtmlSafe for Asked {}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing, or what the client said in this call.
    Plain,
    /// It waits to be confirmed.
    ToConfirm,
    /// It is asked again; this was said before.
    AskAgain(String),
    /// There is an answer, and it is not for this work.
    Withheld,
}

pub struct Other {
    pub says: String,
    pub when: String,
}

impl Asked {
    /// Under `name`, with this value, as it stands or as it was typed.
    pub fn new(question: &Question, name: String, value: &Json, how: How) -> Self {
        let text = |text: Option<&startline_definition::Text>, language| {
            text.map(|text| text.in_language(language).to_owned()).unwrap_or_default()
        };
        let say = question.spoken().in_language(how.talk).to_owned();
        let mut asked = Self {
            code: question.id.to_string(),
            hint: text(question.hint.as_ref(), how.talk),
            guidance: text(question.guidance.as_ref(), how.page),
            control: Control::new(&question.kind, name, say.clone(), value, how),
            say,
            wrong: None,
            is_optional: question.required == Required::Never,
            is_for_adviser: question.adviser_only,
            known: Known::Plain,
            other: None,
            seen: None,
            saved_at: String::new(),
            talk: how.talk,
            w: FormWords::of(how.page),
        };
        asked.describe();
        asked
    }

    /// Whoever listens is told with the control all that stands beside it, in its order.
    fn describe(&mut self) {
        let id = &self.control.id;
        let is_asked_about = matches!(self.known, Known::ToConfirm | Known::AskAgain(_));
        let all = [
            (self.is_for_adviser, "for-you"),
            (!self.hint.is_empty(), "hint"),
            (!self.guidance.is_empty(), "guidance"),
            (is_asked_about, "known"),
            (self.wrong.is_some(), "error"),
        ];
        let described: Vec<String> =
            all.into_iter().filter(|(is_there, _)| *is_there).map(|(_, what)| format!("{id}-{what}")).collect();
        self.control.described = described.join(" ");
    }

    pub fn is_known(&mut self, known: Known) {
        self.known = known;
        self.describe();
    }

    /// Says what is wrong. `path`: where in the value, `[1].amount`.
    pub fn fault(&mut self, text: String, path: &str) {
        let cell: String =
            path.chars().filter(|c| *c != ']').map(|c| if matches!(c, '[' | '.') { '-' } else { c }).collect();
        let id = format!("{}{cell}", self.control.id);
        if !self.control.wrong_at(&id, &format!("{}-error", self.control.id)) {
            self.control.is_wrong = true;
        }
        self.wrong = Some(text);
        self.describe();
    }

    /// On a page that saves.
    pub fn seen(&mut self, question: &Question, revision: u32) {
        self.seen = Some((revision, mark(self.control.untouched(&question.kind).as_ref())));
    }

    pub fn is_table(&self) -> bool {
        matches!(self.control.shape, Shape::Rows { .. })
    }

    /// Where a summary of faults leads.
    pub fn anchor(&self) -> String {
        if self.control.is_group() { format!("q-{}", self.control.id) } else { self.control.id.clone() }
    }

    fn tag(&self) -> &'static str {
        self.talk.as_str()
    }

    fn describes(&self) -> &str {
        &self.control.described
    }
}
