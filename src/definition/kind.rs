//! The kinds of answer a question can have, and how each is stored.
//!
//! | kind | stored as |
//! |---|---|
//! | text, long_text | `"..."` |
//! | yes_no | `"yes"` or `"no"` |
//! | choice | the option's id |
//! | multi | a list of option ids, in the definition's order |
//! | date | `"1999-12-31"` |
//! | money | `{"pence": 1250}`, with `"period": "week"` when it recurs |
//! | number, hours | a number |
//! | nino | `"AB123456C"` (or incomplete or temporary, see [`startline_foundation::formats::Nino`]) |
//! | postcode | `"BA11 1AA"` |
//! | address | `{"lines": ["1 High Street", "Frome"]}` |
//! | phone | E.164, `"+441373000123"` |
//! | bank | `{"account_holder", "bank", "sort_code": "12-34-56", "account_number", "roll_number"}` |
//! | table | a list of rows, each an object by column id; an empty list says "none" |
//! | group | an object by field id |
//! | computed | whatever its expression comes to; never given from outside |
//! | flag | `true` or `false` |
//! | signature, consent, amendments, stamp | nothing: they are filled in on paper, at the meeting |

use super::bounds::Bounds;
use super::condition::Condition;
use super::text::Text;
use serde_json::{Value as Json, json};

/// One option of a choice.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub id: String,
    pub label: Text,
}

/// A column of a table or a field of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub id: String,
    pub label: Text,
    pub kind: Kind,
    /// Whether a row (or the group) is incomplete without it.
    pub required: bool,
    /// Of a day.
    pub bounds: Bounds,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Text {
        max_chars: usize,
    },
    LongText {
        max_chars: usize,
    },
    YesNo,
    Choice(Vec<Choice>),
    Multi(Vec<Choice>),
    Date,
    /// `with_period`: the amount recurs, and how often belongs to the answer.
    Money {
        with_period: bool,
    },
    /// Whole numbers.
    Number {
        min: i64,
        max: i64,
    },
    /// Hours a week, in quarters.
    Hours,
    Nino,
    Postcode,
    Address,
    Phone,
    Bank,
    /// An empty table is an answer, "none", unless it must have rows.
    Table {
        columns: Vec<Column>,
        min_rows: usize,
        max_rows: usize,
    },
    Group {
        fields: Vec<Column>,
    },
    Computed(Condition),
    Flag,
    Paper(Paper),
}

/// What is filled in on paper at the meeting, and never on the telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    Signature,
    Consent,
    /// The list of changes, each with the client's initials.
    Amendments,
    /// The day the claim was handed over, and by whom.
    Stamp,
}

/// How often money comes or goes.
pub const PERIODS: [&str; 6] = ["day", "week", "fortnight", "four_weeks", "month", "year"];

impl Kind {
    /// The word for it in definition files.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::LongText { .. } => "long_text",
            Self::YesNo => "yes_no",
            Self::Choice(_) => "choice",
            Self::Multi(_) => "multi",
            Self::Date => "date",
            Self::Money { .. } => "money",
            Self::Number { .. } => "number",
            Self::Hours => "hours",
            Self::Nino => "nino",
            Self::Postcode => "postcode",
            Self::Address => "address",
            Self::Phone => "phone",
            Self::Bank => "bank",
            Self::Table { .. } => "table",
            Self::Group { .. } => "group",
            Self::Computed(_) => "computed",
            Self::Flag => "flag",
            Self::Paper(Paper::Signature) => "signature",
            Self::Paper(Paper::Consent) => "consent",
            Self::Paper(Paper::Amendments) => "amendments",
            Self::Paper(Paper::Stamp) => "stamp",
        }
    }

    /// Whether anybody is asked: not what is worked out, nor what is signed on paper.
    pub fn is_asked(&self) -> bool {
        !matches!(self, Self::Computed(_) | Self::Paper(_))
    }

    /// Whether a missing answer is an empty list in conditions.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::Multi(_) | Self::Table { .. })
    }

    /// Answers of this kind, for trying conditions out when a definition is loaded. Each passes [`Kind::check`].
    pub fn samples(&self) -> Vec<Json> {
        match self {
            Self::Text { .. } | Self::LongText { .. } => vec![json!("text")],
            Self::YesNo => vec![json!("yes"), json!("no")],
            Self::Choice(options) => options.iter().map(|o| json!(o.id)).collect(),
            Self::Multi(options) => {
                let all: Vec<&str> = options.iter().map(|o| o.id.as_str()).collect();
                vec![json!([]), json!(all)]
            }
            Self::Date => vec![json!("1970-01-31"), json!("2000-04-03")],
            Self::Money { with_period: false } => vec![json!({"pence": 1250})],
            Self::Money { with_period: true } => vec![json!({"pence": 1250, "period": "week"})],
            Self::Number { min, max } => vec![json!(min), json!(max)],
            Self::Hours => vec![json!(0.0), json!(37.5)],
            Self::Nino => vec![json!("AB123456C")],
            Self::Postcode => vec![json!("BA11 1AA")],
            Self::Address => vec![json!({"lines": ["1 High Street", "Frome"]})],
            Self::Phone => vec![json!("+441632960123")],
            Self::Bank => vec![json!({"account_holder": "A Client", "bank": "A Bank", "sort_code": "12-34-56",
                "account_number": "12345678"})],
            Self::Table { columns, min_rows: 0, .. } => vec![json!([]), json!([sample_record(columns)])],
            Self::Table { columns, min_rows, .. } => vec![json!(vec![sample_record(columns); *min_rows])],
            Self::Group { fields } => vec![sample_record(fields)],
            Self::Computed(_) => vec![Json::Bool(true), Json::Bool(false)],
            Self::Flag => vec![json!(true), json!(false)],
            Self::Paper(_) => Vec::new(),
        }
    }
}

fn sample_record(columns: &[Column]) -> Json {
    let sample = |column: &Column| Some((column.id.clone(), column.kind.samples().pop()?));
    Json::Object(columns.iter().filter_map(sample).collect())
}

#[cfg(test)]
#[path = "kind_tests.rs"]
mod tests;
