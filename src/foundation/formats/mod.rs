//! The formats of what people say on the telephone and type into a form: telephone numbers, National Insurance numbers,
//! postcodes, dates, amounts of money, plain text. Pure values: a value that exists is well-formed.
//!
//! Each `parse` returns its reason as a plain sentence that says what would be right, fit to be read by an adviser with
//! a caller on the line. A reason never repeats what was typed: it may end up in a log.

pub mod caller;
pub mod date;
pub mod fold;
pub mod invisible;
pub mod language;
pub mod limits;
pub mod money;
pub mod nino;
pub mod phone;
mod plan;
pub mod postcode;
pub mod sms;
pub mod text;
pub mod typed;
pub mod words;

pub use caller::{CallerNumber, ForeignPhone};
pub use date::{day_in_words, parse_date, weekday_in_words};
pub use fold::{FOLD_VERSION, folded};
pub use invisible::without_parting;
pub use language::Language;
pub use money::Pence;
pub use nino::{Nino, NinoForm};
pub use phone::UkPhone;
pub use postcode::Postcode;
pub use sms::sms_parts;
pub use text::{long_text, person_name, plain_text};
pub use typed::{optional_line, optional_lines, required_line, required_lines};
pub use words::words;
