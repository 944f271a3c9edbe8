//! What a question is answered with: one control a kind, tables and groups made of the others. All of it works as plain
//! fields of a form.

use super::read::{BANK, Typed};
use crate::screens::walks::words::FormWords;
use askama::Template;
use serde_json::Value as Json;
use startline_definition::{Choice as Offered, Column, Kind, PERIODS};
use startline_foundation::formats::{Language, Nino, Pence, UkPhone, day_in_words, parse_date};

/// More than these are chosen from a list that opens.
const MOST_SHOWN: usize = 9;
/// Room for one more row than there are.
const SPARE_ROWS: usize = 1;

#[derive(Template)]
#[template(path = "walks/control.html")]
pub struct Control {
    /// Its name, and its id.
    pub id: String,
    pub label: String,
    pub shape: Shape,
    /// Of a cell of a table or a field of a group.
    pub is_wrong: bool,
    pub described: String,
    /// Whoever comes to the page begins here.
    pub is_first: bool,
    /// In which the client is talked to.
    pub talk: Language,
    pub w: &'static FormWords,
}

impl askama::filters::HtmlSafe for Control {}

pub enum Shape {
    Line {
        value: String,
        class: &'static str,
        mode: &'static str,
        most: usize,
    },
    Lines {
        value: String,
        rows: usize,
        most: usize,
    },
    Radios(Vec<Choice>),
    Select(Vec<Choice>),
    Ticks(Vec<Choice>),
    Money {
        value: String,
        periods: Vec<Choice>,
    },
    Fields(Vec<Control>),
    Rows {
        rows: Vec<Vec<Control>>,
        none: Option<bool>,
    },
    /// Worked out, or filled in on paper: not answered here.
    Shown(String),
}

pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// In which words, and how it stands on its page.
#[derive(Clone, Copy)]
pub struct How {
    /// In which the client is talked to.
    pub talk: Language,
    /// In which the page is read.
    pub page: Language,
    /// A cell or a field, beside others.
    pub is_inner: bool,
    /// More rows than it has.
    pub more_rows: usize,
}

impl Control {
    pub fn new(kind: &Kind, id: String, label: String, value: &Json, how: How) -> Self {
        let w = FormWords::of(how.page);
        let shape = shape(kind, &id, value, how, w);
        Self { id, label, shape, is_wrong: false, described: String::new(), is_first: false, talk: how.talk, w }
    }

    /// What a browser would send of it, untouched.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let chosen = |choices: &[Choice], name: &str, pairs: &mut Vec<(String, String)>| {
            let chosen = choices.iter().filter(|choice| choice.chosen);
            pairs.extend(chosen.map(|choice| (name.to_owned(), choice.value.clone())));
        };
        match &self.shape {
            Shape::Line { value, .. } | Shape::Lines { value, .. } => pairs.push((self.id.clone(), value.clone())),
            Shape::Radios(choices) | Shape::Select(choices) | Shape::Ticks(choices) => {
                chosen(choices, &self.id, &mut pairs);
            }
            Shape::Money { value, periods } => {
                pairs.push((self.id.clone(), value.clone()));
                chosen(periods, &format!("{}-period", self.id), &mut pairs);
            }
            Shape::Fields(fields) => pairs.extend(fields.iter().flat_map(Control::pairs)),
            Shape::Rows { rows, none } => {
                pairs.extend(rows.iter().flatten().flat_map(Control::pairs));
                if *none == Some(true) {
                    pairs.push((format!("{}-none", self.id), "yes".to_owned()));
                }
            }
            Shape::Shown(_) => {}
        }
        pairs
    }

    /// What it would be read as, untouched.
    pub fn untouched(&self, kind: &Kind) -> Option<Json> {
        Typed::pairs(&self.pairs()).read(kind, &self.id)
    }

    /// Whether it is several controls under one name, and so a group for whoever hears the page.
    pub fn is_group(&self) -> bool {
        !matches!(self.shape, Shape::Line { .. } | Shape::Lines { .. } | Shape::Select(_))
            && !matches!(&self.shape, Shape::Money { periods, .. } if periods.is_empty())
    }

    pub fn is_shown_only(&self) -> bool {
        matches!(self.shape, Shape::Shown(_))
    }

    /// The first thing that can be typed into or chosen.
    pub fn begin(&mut self) {
        match &mut self.shape {
            Shape::Fields(fields) => fields.first_mut().map_or((), Control::begin),
            Shape::Rows { rows, none: None } => {
                if let Some(cell) = rows.first_mut().and_then(|row| row.first_mut()) {
                    cell.begin();
                }
            }
            _ => self.is_first = true,
        }
    }

    /// Marks the cell of this id, or itself. `error`: what tells of it.
    pub fn wrong_at(&mut self, id: &str, error: &str) -> bool {
        if self.id == id {
            self.is_wrong = true;
            error.clone_into(&mut self.described);
            return true;
        }
        match &mut self.shape {
            Shape::Fields(fields) => fields.iter_mut().any(|field| field.wrong_at(id, error)),
            Shape::Rows { rows, .. } => rows.iter_mut().flatten().any(|cell| cell.wrong_at(id, error)),
            _ => false,
        }
    }

    /// What is said to the client is in their language, whatever the page is in.
    fn in_talk(&self) -> &'static str {
        match (self.talk == self.w.language, self.talk) {
            (true, _) => "",
            (false, Language::English) => " lang=en",
            (false, Language::Welsh) => " lang=cy",
        }
    }

    fn after_amount(&self) -> String {
        format!("{}-period", self.id)
    }
}

fn choices(offered: &[Offered], value: &Json, talk: Language) -> Vec<Choice> {
    let is_chosen = |id: &str| match value {
        Json::String(text) => text == id,
        Json::Array(all) => all.iter().any(|one| one == id),
        _ => false,
    };
    let choice = |option: &Offered| Choice {
        value: option.id.clone(),
        label: option.label.in_language(talk).to_owned(),
        chosen: is_chosen(&option.id),
    };
    offered.iter().map(choice).collect()
}

fn nothing(label: &str, chosen: bool) -> Choice {
    Choice { value: String::new(), label: label.to_owned(), chosen }
}

/// Any of what stands or was typed as a line of text.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string()),
        _ => String::new(),
    }
}

fn shape(kind: &Kind, id: &str, value: &Json, how: How, w: &'static FormWords) -> Shape {
    let line = |value: String, class, mode, most| Shape::Line { value, class, mode, most };
    match kind {
        Kind::Text { max_chars } => {
            let class = if *max_chars > 60 { "long" } else { "" };
            line(plain(value), class, "text", *max_chars)
        }
        Kind::LongText { max_chars } => {
            Shape::Lines { value: plain(value), rows: if how.is_inner { 2 } else { 4 }, most: *max_chars }
        }
        Kind::YesNo | Kind::Flag => {
            let is = |word: &str, truth: bool| *value == word || *value == truth;
            let two = vec![
                Choice { value: "yes".into(), label: w.yes_in(how.talk).into(), chosen: is("yes", true) },
                Choice { value: "no".into(), label: w.no_in(how.talk).into(), chosen: is("no", false) },
            ];
            one_of(two, how, w, MOST_SHOWN)
        }
        Kind::Choice(offered) => one_of(choices(offered, value, how.talk), how, w, MOST_SHOWN),
        Kind::Multi(offered) => Shape::Ticks(choices(offered, value, how.talk)),
        Kind::Date => {
            let day = plain(value);
            // A day that stands is shown as people read it, and is read again so.
            let day = match parse_date(&day) {
                Ok(parsed) => day_in_words(parsed, how.page),
                Err(_) => day,
            };
            line(day, "day", "text", 100)
        }
        Kind::Money { with_period } => {
            let (amount, period) = match value {
                Json::Object(money) => {
                    let pence = money.get("pence").and_then(Json::as_i64);
                    let typed = money.get("amount").map(plain).unwrap_or_default();
                    let amount = pence.map_or(typed, |pence| Pence(pence).to_string().replace('£', ""));
                    (amount, money.get("period").map(plain).unwrap_or_default())
                }
                other => (plain(other), String::new()),
            };
            let mut periods = Vec::new();
            if *with_period {
                periods.push(nothing(w.how_often, period.is_empty()));
                periods.extend(PERIODS.iter().map(|id| Choice {
                    value: (*id).to_owned(),
                    label: w.sentence(&format!("every_{id}")).unwrap_or(id).to_owned(),
                    chosen: period == *id,
                }));
            }
            Shape::Money { value: amount, periods }
        }
        Kind::Number { .. } => line(plain(value), "few", "numeric", 20),
        Kind::Hours => line(plain(value), "few", "decimal", 20),
        Kind::Nino => {
            let number = plain(value);
            line(Nino::parse(&number).map_or(number, |nino| nino.to_string()), "short", "text", 40)
        }
        Kind::Postcode => line(plain(value), "short", "text", 20),
        Kind::Phone => {
            let number = plain(value);
            line(UkPhone::parse(&number).map_or(number, |phone| phone.grouped()), "", "tel", 60)
        }
        Kind::Address => {
            let lines = match value.get("lines").and_then(Json::as_array) {
                Some(lines) => lines.iter().map(plain).collect::<Vec<_>>().join("\n"),
                None => plain(value),
            };
            Shape::Lines { value: lines, rows: if how.is_inner { 3 } else { 4 }, most: 500 }
        }
        Kind::Bank => {
            let part = |part: &&str| {
                let label = FormWords::of(how.talk).sentence(&format!("bank_{part}")).unwrap_or(part).to_owned();
                let value = plain(value.get(*part).unwrap_or(&Json::Null));
                let class = if matches!(*part, "sort_code" | "account_number") { "short" } else { "" };
                let shape = Shape::Line { value, class, mode: "text", most: 100 };
                let id = format!("{id}-{part}");
                Control {
                    id,
                    label,
                    shape,
                    is_wrong: false,
                    described: String::new(),
                    is_first: false,
                    talk: how.talk,
                    w,
                }
            };
            Shape::Fields(BANK.iter().map(part).collect())
        }
        Kind::Group { fields } => Shape::Fields(cells(fields, id, value, how)),
        Kind::Table { columns, min_rows, max_rows } => {
            let none = Vec::new();
            let given = value.as_array().unwrap_or(&none);
            let says_none = value.is_array() && given.is_empty();
            let count = (given.len() + SPARE_ROWS + how.more_rows).max(*min_rows).min(*max_rows);
            let row = |row: usize| {
                let value = given.get(row).unwrap_or(&Json::Null);
                cells(columns, &format!("{id}-{row}"), value, how)
            };
            Shape::Rows { rows: (0..count).map(row).collect(), none: (*min_rows == 0).then_some(says_none) }
        }
        Kind::Computed(_) => Shape::Shown(kind.show(value, how.page)),
        Kind::Paper(_) => Shape::Shown(w.on_paper.to_owned()),
    }
}

fn one_of(mut all: Vec<Choice>, how: How, w: &'static FormWords, most: usize) -> Shape {
    let is_chosen = all.iter().any(|choice| choice.chosen);
    if how.is_inner || all.len() > most {
        all.insert(0, nothing("", !is_chosen));
        return Shape::Select(all);
    }
    // What was chosen by mistake can be taken back.
    if is_chosen {
        all.push(nothing(w.no_answer, false));
    }
    Shape::Radios(all)
}

fn cells(columns: &[Column], id: &str, value: &Json, how: How) -> Vec<Control> {
    let cell = |column: &Column| {
        let value = value.get(&column.id).unwrap_or(&Json::Null);
        let label = column.label.in_language(how.talk).to_owned();
        Control::new(&column.kind, format!("{id}-{}", column.id), label, value, How { is_inner: true, ..how })
    };
    columns.iter().map(cell).collect()
}
