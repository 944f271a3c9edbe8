//! The JSON Schemas that editors use, held against the loader itself: each names exactly the attributes it reads.

use super::read_agency_order::RawAgencyOrder;
use super::read_form::{RawEvidenceList, RawPart};
use super::read_kind::{RawChoice, RawColumn};
use super::read_question::RawQuestion;
use super::read_reminders::{RawLine, RawPlan, RawReminders, RawWords};
use super::read_script::RawScript;
use super::*;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The attributes that the loader knows: it names them to whoever writes another.
fn read_by<T: DeserializeOwned>() -> BTreeSet<String> {
    let told = match serde_saphyr::from_str::<T>("no_such_attribute: 1") {
        Ok(_) => panic!("an attribute that nobody knows was taken"),
        Err(fault) => fault.without_snippet().to_string(),
    };
    let known = told.split("expected one of ").nth(1).and_then(|rest| rest.split(" at line ").next());
    let known = known.unwrap_or_else(|| panic!("{told}"));
    known.split(", ").map(str::to_owned).collect()
}

/// The same, of what has no more than two attributes: the loader words that differently.
fn read_by_two<T: DeserializeOwned>() -> BTreeSet<String> {
    let told = match serde_saphyr::from_str::<T>("no_such_attribute: 1") {
        Ok(_) => panic!("an attribute that nobody knows was taken"),
        Err(fault) => fault.without_snippet().to_string(),
    };
    let known = told.split("expected ").nth(1).and_then(|rest| rest.split(" at line ").next());
    let known = known.unwrap_or_else(|| panic!("{told}"));
    known
        .trim_start_matches("one of ")
        .split([',', ' '])
        .filter(|word| !word.is_empty() && *word != "or")
        .map(|word| word.trim_matches('`').to_owned())
        .collect()
}

fn described(schema: &str, pointer: &str) -> BTreeSet<String> {
    let schema: Json = serde_json::from_str(schema).unwrap_or_else(|fault| panic!("{fault}"));
    let place = schema.pointer(pointer).unwrap_or_else(|| panic!("there is no {pointer}"));
    assert_eq!(place["additionalProperties"], Json::Bool(false), "{pointer} takes anything");
    let properties = place["properties"].as_object().unwrap_or_else(|| panic!("{pointer} has no properties"));
    properties.keys().cloned().collect()
}

const PART: &str = include_str!("../../deploy/schemas/part.schema.json");
const SCRIPT: &str = include_str!("../../deploy/schemas/script.schema.json");
const EVIDENCE: &str = include_str!("../../deploy/schemas/evidence.schema.json");
const AGENCY: &str = include_str!("../../deploy/schemas/agency.schema.json");
const DIARY: &str = include_str!("../../deploy/schemas/diary.schema.json");
const FOLLOW_UP: &str = include_str!("../../deploy/schemas/followup.schema.json");
const SERVICE: &str = include_str!("../../deploy/schemas/service.schema.json");

const REMINDERS: &str = include_str!("../../deploy/schemas/reminders.schema.json");

#[test]
fn the_schemas_name_exactly_the_attributes_that_the_loader_reads() {
    assert_eq!(described(PART, ""), read_by::<RawPart>());
    assert_eq!(described(PART, "/$defs/column"), read_by::<RawColumn>());
    assert_eq!(described(PART, "/$defs/option"), read_by::<RawChoice>());
    assert_eq!(described(SCRIPT, ""), read_by::<RawScript>());
    assert_eq!(described(EVIDENCE, ""), read_by::<RawEvidenceList>());
    assert_eq!(described(AGENCY, ""), read_by::<RawAgencyOrder>());
    assert_eq!(described(DIARY, ""), read_by::<read_diary::RawDiary>());
    assert_eq!(described(DIARY, "/$defs/kind"), read_by::<read_diary::RawKind>());
    assert_eq!(described(DIARY, "/$defs/deferral_reason"), read_by::<read_deferral::RawReason>());
    assert_eq!(described(DIARY, "/$defs/same_day"), read_by::<read_diary::RawSameDay>());
    assert_eq!(described(DIARY, "/$defs/office"), read_by::<read_diary::RawOffice>());
    assert_eq!(described(DIARY, "/$defs/room"), read_by::<read_diary::RawRoom>());
    assert_eq!(described(FOLLOW_UP, ""), read_by::<read_followup::RawFollowUp>());
    assert_eq!(described(FOLLOW_UP, "/$defs/missed"), read_by::<MissedRules>());
    assert_eq!(described(FOLLOW_UP, "/$defs/referral"), read_by::<read_followup::RawReferral>());
    assert_eq!(described(FOLLOW_UP, "/$defs/listed"), read_by::<read_followup::RawListed>());
    assert_eq!(described(FOLLOW_UP, "/$defs/standby"), read_by_two::<StandbyRules>());
    assert_eq!(described(FOLLOW_UP, "/$defs/words"), read_by_two::<read_followup::RawStepWords>());
    assert_eq!(described(FOLLOW_UP, "/$defs/letters"), read_by::<read_followup::RawLetters>());
    assert_eq!(described(FOLLOW_UP, "/$defs/meeting"), read_by::<read_followup::RawProposal>());
    assert_eq!(described(FOLLOW_UP, "/$defs/when"), read_by::<read_followup::RawWhen>());
    assert_eq!(described(SERVICE, ""), read_by::<read_service::RawService>());
    assert_eq!(described(REMINDERS, ""), read_by::<RawReminders>());
    assert_eq!(described(REMINDERS, "/$defs/plan"), read_by::<RawPlan>());
    assert_eq!(described(REMINDERS, "/$defs/line"), read_by::<RawLine>());
    assert_eq!(described(REMINDERS, "/$defs/words"), read_by::<RawWords>());
    // What a question is read with, in the form and in a script: each schema leaves out what means nothing there.
    let of_form: BTreeSet<String> = &described(PART, "/$defs/question") | &BTreeSet::from(["fills".to_owned()]);
    assert_eq!(of_form, read_by::<RawQuestion>());
    let elsewhere = ["benefits", "agencies", "carry", "carry_days", "from_partner"].map(String::from);
    let of_script = &described(SCRIPT, "/$defs/question") | &BTreeSet::from(elsewhere);
    assert_eq!(of_script, read_by::<RawQuestion>());
}

#[test]
fn the_schema_of_a_part_knows_every_kind() {
    let schema: Json = serde_json::from_str(PART).unwrap_or_default();
    let text = schema.to_string();
    for kind in Definition::embedded().form.questions().map(|question| question.kind.name()).collect::<BTreeSet<_>>() {
        assert!(text.contains(&format!("\"{kind}\"")), "{kind}");
    }
}

/// Editors are told which schema a file follows in its first line.
#[test]
fn each_file_of_the_pilot_names_its_schema() {
    for (path, content) in Definition::embedded().files() {
        let name = match path.as_str() {
            "service.yaml" => "../../schemas/service.schema.json",
            "sites.yaml" => "../../schemas/sites.schema.json",
            "reminders.yaml" => "../../schemas/reminders.schema.json",
            "followup.yaml" => "../../schemas/followup.schema.json",
            "diary.yaml" => "../../schemas/diary.schema.json",
            "holidays.yaml" => "../../schemas/holidays.schema.json",
            "form/evidence.yaml" => "../../../schemas/evidence.schema.json",
            path if path.starts_with("form/") => "../../../schemas/part.schema.json",
            path if path.starts_with("scripts/") => "../../../schemas/script.schema.json",
            path if path.starts_with("agencies/") => "../../../schemas/agency.schema.json",
            _ => continue,
        };
        let expected = format!("# yaml-language-server: $schema={name}\n");
        assert!(content.starts_with(expected.as_bytes()), "{path}");
    }
}
