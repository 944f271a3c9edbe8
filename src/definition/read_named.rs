//! Reads what has an id and a name: benefits, agencies, skills, call needs, key areas.

use super::named::Named;
use super::report::Faults;
use super::text::Text;
use serde::Deserialize;
use serde_saphyr::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawNamed {
    pub(super) id: Spanned<String>,
    /// Of a benefit: the council decides it.
    #[serde(default)]
    council: bool,
    /// Of a call need: a call-back takes twice as long.
    #[serde(default)]
    double_length: bool,
    /// Of a skill: a call that rings now is taken by whoever is free.
    #[serde(default)]
    callbacks_only: bool,
    en: String,
    #[serde(default)]
    cy: Option<String>,
}

pub(super) fn named(raw: Vec<RawNamed>, what: &str, faults: &mut Faults<'_>) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for one in raw {
        if one.id.value.is_empty() || all.iter().any(|n| n.id == one.id.value) {
            faults.at(&one.id, format!("the {what} {} is there twice, or has no id", one.id.value));
        }
        if one.council && what != "benefit" {
            faults.at(&one.id, "only a benefit can be the council's");
        }
        if one.double_length && what != "skill" && what != "call need" {
            faults.at(&one.id, "only what a call needs makes it longer");
        }
        if one.callbacks_only && what != "skill" {
            faults.at(&one.id, "only a skill can be asked for in call-backs alone");
        }
        match Text::checked(&one.en, one.cy.as_deref()) {
            Ok(name) => {
                let RawNamed { council, double_length, callbacks_only, .. } = one;
                all.push(Named { id: one.id.value, name, council, double_length, callbacks_only });
            }
            Err(reason) => faults.at(&one.id, reason),
        }
    }
    all
}
