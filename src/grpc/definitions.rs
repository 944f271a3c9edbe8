//! `DefinitionService`.

use super::pb;
use super::questions::{Languages, benefits, condition, question};
use crate::doors::DefinitionDoor;
use startline_definition::{Definition, Listed, Named, Script, Stage};
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::DefinitionVersion;
use startline_foundation::store::Db;
use startline_rooms::access::Context;

impl DefinitionDoor {
    pub async fn get_definition(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetDefinitionRequest,
    ) -> Result<pb::GetDefinitionResponse> {
        let in_force = self.0.definitions.current();
        let definition = match asked.version.as_str() {
            "" => in_force.clone(),
            version if version.len() > 64 => return Err(Error::invalid("version", "is no version of ours")),
            version => {
                let version = DefinitionVersion::new(version);
                self.0.definitions.version(db, &version).await?
            }
        };
        let language = match asked.language.as_str() {
            "" => context.language,
            given => Language::parse(given).map_err(|reason| Error::invalid("language", reason))?,
        };
        Ok(message(&definition, language, definition.version == in_force.version))
    }
}

fn message(definition: &Definition, language: Language, in_force: bool) -> pb::GetDefinitionResponse {
    let telephone = &definition.service.telephone;
    let named = |things: &[Named]| things.iter().map(|thing| named(thing, language)).collect();
    let listed = |things: &[Listed]| things.iter().map(|thing| listed(thing, language)).collect();
    pb::GetDefinitionResponse {
        version: definition.version.to_string(),
        name: definition.service.name.in_language(language).to_owned(),
        sites: definition
            .sites
            .iter()
            .map(|site| pb::Site {
                site_id: site.id.to_string(),
                name: site.name.in_language(language).to_owned(),
                phone: site.phone.e164().to_owned(),
            })
            .collect(),
        offices: definition
            .offices
            .iter()
            .map(|office| pb::Office {
                office_id: office.id.to_string(),
                name: office.name.clone(),
                site_id: office.site.to_string(),
            })
            .collect(),
        form_parts: definition
            .form
            .parts
            .iter()
            .map(|part| pb::FormPart {
                code: part.id.clone(),
                title: part.title.in_language(language).to_owned(),
                questions: part.questions.iter().map(|q| question(q, Languages::all(language))).collect(),
                guidance: part.guidance.as_ref().map(|text| text.in_language(language).to_owned()).unwrap_or_default(),
            })
            .collect(),
        language: language.as_str().to_owned(),
        in_force,
        skills: named(&telephone.skills),
        other_needs: named(&telephone.other_needs),
        lines: telephone
            .lines
            .iter()
            .map(|line| pb::DialledLine {
                phone: line.phone.e164().to_owned(),
                site_id: line.site.as_ref().map(ToString::to_string).unwrap_or_default(),
                needs: line.needs.clone(),
            })
            .collect(),
        outside_lines: telephone
            .outside_lines
            .iter()
            .map(|line| pb::OutsideLine {
                id: line.id.clone(),
                name: line.name.in_language(language).to_owned(),
                phone: line.phone.e164().to_owned(),
            })
            .collect(),
        scripts: definition.scripts.iter().map(|script| outline(script, language)).collect(),
        benefits: named(&definition.service.benefits),
        agencies: named(&definition.service.agencies),
        meeting_kinds: definition
            .diary
            .kinds
            .iter()
            .map(|kind| pb::MeetingKind {
                kind: kind.id.clone(),
                name: kind.name.in_language(language).to_owned(),
                minutes: kind.minutes,
                longest_minutes: kind.longest_minutes,
                follow_up: kind.follow_up,
                at_home: kind.at_home,
                voluntary: kind.obligation == startline_definition::Obligation::Voluntary,
            })
            .collect(),
        deferral_reasons: definition
            .diary
            .deferral_reasons
            .iter()
            .map(|reason| pb::DeferralReason {
                reason: reason.id.clone(),
                name: reason.name.in_language(language).to_owned(),
                needs_note: reason.needs_note,
                longest_weeks: reason.longest_weeks.unwrap_or_default(),
            })
            .collect(),
        good_causes: listed(&definition.followup.good_causes),
        life_events: listed(&definition.followup.life_events),
        evidence: definition
            .form
            .evidence
            .iter()
            .map(|rule| pb::EvidenceItem {
                evidence_id: rule.id.clone(),
                label: rule.label.in_language(language).to_owned(),
                substitutes: rule
                    .substitutes
                    .as_ref()
                    .map(|text| text.in_language(language).to_owned())
                    .unwrap_or_default(),
                reason: rule.reason.in_language(language).to_owned(),
                when: condition(rule.when.as_ref()),
                benefits: benefits(&rule.benefits),
                agencies: rule.agencies.clone(),
            })
            .collect(),
        languages: definition.service.languages.iter().map(|language| language.as_str().to_owned()).collect(),
    }
}

fn named(thing: &Named, language: Language) -> pb::NamedThing {
    pb::NamedThing { id: thing.id.clone(), name: thing.name.in_language(language).to_owned() }
}

fn listed(thing: &Listed, language: Language) -> pb::NamedThing {
    pb::NamedThing { id: thing.id.clone(), name: thing.name.in_language(language).to_owned() }
}

fn outline(script: &Script, language: Language) -> pb::ScriptOutline {
    let stage = |stage: &Stage| pb::ScriptStage {
        stage_id: stage.id.clone(),
        title: stage.title.in_language(language).to_owned(),
        expected_minutes: stage.expected_minutes,
        questions: stage.questions.iter().map(|q| question(q, Languages::all(language))).collect(),
        form_part_codes: stage.form_parts.clone(),
    };
    pb::ScriptOutline {
        script_id: script.id.clone(),
        title: script.title.in_language(language).to_owned(),
        limit_minutes: script.limit_minutes.unwrap_or_default(),
        key_areas: script.key_areas.iter().map(|area| named(area, language)).collect(),
        stages: script.stages.iter().map(stage).collect(),
    }
}
