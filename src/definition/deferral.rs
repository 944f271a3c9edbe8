//! Why a first meeting may be put off, and for how long: `deferral_reasons` of `diary.yaml`.

use super::text::Text;

/// A reason for which a first meeting is put off. Every one is of the client's health or their private life: who sees those
/// sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeferralReason {
    /// As decisions keep it: `baby_due`.
    pub id: String,
    /// For those who decide, and for reports.
    pub name: Text,
    /// What the letter about it says, which may be opened at home. None in definitions of before reasons were data: their
    /// letters have a wording of their own for each.
    pub letter: Option<Text>,
    /// Whoever decides has to say in a note what speaks for it.
    pub needs_note: bool,
    /// The review is at most so many weeks ahead; none: as far ahead as meetings are booked.
    pub longest_weeks: Option<u32>,
}

/// Those that there were before a definition could say. The Welsh is machine-drafted.
pub(super) fn usual() -> Vec<DeferralReason> {
    let reason = |(id, en, cy): (&str, &str, &str)| DeferralReason {
        id: id.to_owned(),
        name: Text { en: en.to_owned(), cy: Some(cy.to_owned()) },
        letter: None,
        needs_note: false,
        longest_weeks: None,
    };
    [
        ("health", "Cannot come for their health", "Ni all ddod oherwydd iechyd"),
        ("major_operation", "A major operation", "Llawdriniaeth fawr"),
        ("restrictive_treatment", "Treatment that leaves no time", "Triniaeth nad yw'n gadael amser"),
        ("baby_due", "A baby is due", "Mae babi ar y ffordd"),
        ("recently_bereaved", "Bereaved lately", "Mewn profedigaeth yn ddiweddar"),
    ]
    .map(reason)
    .to_vec()
}
