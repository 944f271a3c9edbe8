//! The fixed wording of the letters, `letters/words.yaml`: a section a document, each key in English and Welsh. The
//! templates read the same file; here stands what is put together before a template sees it.

use super::content::{Layout, Said};
use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};
use startline_definition::{Definition, Text, yaml_text};
use startline_foundation::formats::{Language, weekday_in_words};
use std::collections::BTreeMap;

/// Where it stands in a definition.
pub const WORDS: &str = "letters/words.yaml";

/// In which languages a pack is written, and the wording for it.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    pub words: &'a Words,
    pub layout: Layout,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Words(BTreeMap<String, BTreeMap<String, Text>>);

impl Words {
    /// # Errors
    /// What is wrong with the file, with its line.
    pub fn read(yaml: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(yaml).map_err(|_| "is not UTF-8 text".to_owned())?;
        yaml_text(text).map(Self).map_err(|(line, reason)| format!("line {line}: {reason}"))
    }

    /// The wordings by their sections.
    pub(super) fn sections(&self) -> &BTreeMap<String, BTreeMap<String, Text>> {
        &self.0
    }

    /// Wordings that want a language: `section.key`.
    pub fn untranslated(&self) -> Vec<String> {
        let keys = self.0.iter().flat_map(|(section, keys)| keys.iter().map(move |(key, text)| (section, key, text)));
        keys.filter(|(.., text)| text.cy.is_none()).map(|(section, key, _)| format!("{section}.{key}")).collect()
    }

    /// Every wording with its section and key.
    #[cfg(test)]
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, &Text)> {
        self.0
            .iter()
            .flat_map(|(section, keys)| keys.iter().map(move |(key, text)| (section.as_str(), key.as_str(), text)))
    }

    /// Empty when there is no such wording: a definition may have none for what it never prints.
    pub(super) fn get(&self, section: &str, key: &str, language: Language) -> &str {
        self.0.get(section).and_then(|keys| keys.get(key)).map_or("", |text| text.in_language(language))
    }
}

impl Writer<'_> {
    /// Makes a wording in each language that is written.
    pub fn make(&self, make: impl Fn(Language) -> String) -> Said {
        match self.layout {
            Layout::English => Said::One(make(Language::English)),
            Layout::SideBySide | Layout::Facing => Said::both(make(Language::Welsh), make(Language::English)),
        }
    }

    pub fn text(&self, text: &Text) -> Said {
        self.make(|language| text.in_language(language).to_owned())
    }

    /// A fixed wording with its `{places}` filled in.
    pub fn word(&self, section: &str, key: &str) -> Said {
        self.make(|language| self.words.get(section, key, language).to_owned())
    }

    pub fn day(&self, day: NaiveDate) -> Said {
        self.make(|language| day_in_words(day, language))
    }

    /// Without the day of the week, as on the form: `6 April 2000`.
    pub fn date(&self, day: NaiveDate) -> Said {
        self.make(|language| startline_foundation::formats::day_in_words(day, language))
    }

    pub fn time(&self, time: NaiveTime) -> Said {
        self.make(|language| time_in_words(time, language))
    }

    /// `8.30am to 6pm, Monday to Friday`; nothing when the days differ.
    pub fn hours(&self, opening: &[Option<(NaiveTime, NaiveTime)>; 7]) -> Said {
        let [monday, tuesday, wednesday, thursday, friday, ..] = *opening;
        let Some((from, to)) = monday.filter(|_| [tuesday, wednesday, thursday, friday].iter().all(|d| *d == monday))
        else {
            return Said::default();
        };
        self.make(|language| {
            let wording = self.words.get("site", "hours", language);
            wording.replace("{from}", &time_in_words(from, language)).replace("{to}", &time_in_words(to, language))
        })
    }

    /// What was said, in words: in one language, or in both with a stroke between them when they differ.
    pub fn value(&self, show: impl Fn(Language) -> String) -> String {
        match self.make(show) {
            Said::One(text) => text,
            Said::Both { cy, en } => format!("{cy} / {en}"),
        }
    }
}

/// `Thursday 6 April 2000`, `dydd Iau 6 Ebrill 2000`.
pub fn day_in_words(day: NaiveDate, language: Language) -> String {
    format!("{} {}", weekday_in_words(day, language), day.year())
}

/// `10.15am`, `2pm`; `10.15yb`, `2yp`.
pub fn time_in_words(time: NaiveTime, language: Language) -> String {
    let (afternoon, hour) = time.hour12();
    let half = match (language, afternoon) {
        (Language::English, false) => "am",
        (Language::English, true) => "pm",
        (Language::Welsh, false) => "yb",
        (Language::Welsh, true) => "yp",
    };
    match time.minute() {
        0 => format!("{hour}{half}"),
        minute => format!("{hour}.{minute:02}{half}"),
    }
}

/// The wording of a definition's letters. Definitions written before there was such a file have the pilot's.
pub fn of_files(files: &BTreeMap<String, Vec<u8>>) -> Result<Words, String> {
    let embedded = Definition::embedded();
    let yaml = files.get(WORDS).or_else(|| embedded.files().get(WORDS));
    yaml.map_or_else(|| Err("is missing".into()), |yaml| Words::read(yaml))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wording_of_the_pilots_letters_stands_in_both_languages() {
        let words = of_files(Definition::embedded().files()).expect("the file can be read");
        assert_eq!(words.untranslated(), [] as [String; 0]);
        assert!(words.0.len() > 5, "{:?}", words.0.keys());
    }

    #[test]
    fn days_and_times_are_written_as_a_letter_says_them() {
        let day: NaiveDate = "2000-04-06".parse().unwrap();
        assert_eq!(day_in_words(day, Language::English), "Thursday 6 April 2000");
        assert_eq!(day_in_words(day, Language::Welsh), "dydd Iau 6 Ebrill 2000");
        let at = |text: &str| time_in_words(text.parse().unwrap(), Language::English);
        assert_eq!([at("10:15:00"), at("14:00:00"), at("12:05:00")], ["10.15am", "2pm", "12.05pm"].map(String::from));
        assert_eq!(time_in_words("14:30:00".parse().unwrap(), Language::Welsh), "2.30yp");
    }
}
