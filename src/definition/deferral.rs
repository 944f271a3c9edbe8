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
    /// What the letter about it says, which may be opened at home. Templates of before reasons were data have a wording of their
    /// own for each.
    pub letter: Text,
    /// Whoever decides has to say in a note what speaks for it.
    pub needs_note: bool,
    /// The review is at most so many weeks ahead; none: as far ahead as meetings are booked.
    pub longest_weeks: Option<u32>,
}

/// Those that there were before a definition could say. The Welsh is machine-drafted.
pub(super) fn usual() -> Vec<DeferralReason> {
    let text = |en: &str, cy: &str| Text { en: en.to_owned(), cy: Some(cy.to_owned()) };
    let reason = |(id, name, letter): (&str, Text, Text)| DeferralReason {
        id: id.to_owned(),
        name,
        letter,
        needs_note: false,
        longest_weeks: None,
    };
    [
        (
            "health",
            text("Cannot come for their health", "Ni all ddod oherwydd iechyd"),
            text(
                "As we agreed, your first meeting waits until your health allows it.",
                "Fel y cytunwyd, bydd eich cyfarfod cyntaf yn aros nes bydd eich iechyd yn caniatáu.",
            ),
        ),
        (
            "major_operation",
            text("A major operation", "Llawdriniaeth fawr"),
            text(
                "As we agreed, your first meeting waits until you have got over your operation.",
                "Fel y cytunwyd, bydd eich cyfarfod cyntaf yn aros nes byddwch wedi dod dros eich llawdriniaeth.",
            ),
        ),
        (
            "restrictive_treatment",
            text("Treatment that leaves no time", "Triniaeth nad yw'n gadael amser"),
            text(
                "As we agreed, your first meeting waits until your treatment leaves you room for it.",
                "Fel y cytunwyd, bydd eich cyfarfod cyntaf yn aros nes bydd eich triniaeth yn gadael lle iddo.",
            ),
        ),
        (
            "baby_due",
            text("A baby is due", "Mae babi ar y ffordd"),
            text(
                "As we agreed, your first meeting waits until after your baby is born.",
                "Fel y cytunwyd, bydd eich cyfarfod cyntaf yn aros tan ar ôl geni eich babi.",
            ),
        ),
        (
            "recently_bereaved",
            text("Bereaved lately", "Mewn profedigaeth yn ddiweddar"),
            text(
                "We are very sorry for your loss. As we agreed, your first meeting can wait.",
                "Mae'n ddrwg iawn gennym am eich colled. Fel y cytunwyd, gall eich cyfarfod cyntaf aros.",
            ),
        ),
    ]
    .map(reason)
    .to_vec()
}
