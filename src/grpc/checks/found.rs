//! What was found at meetings, for those whose start-up calls they came after.

use crate::diary::parse_day;
use crate::doors::CheckDoor;
use crate::paging::Page;
use crate::withheld::{Veil, hides_notes};
use crate::{clients, convert, pb};
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::{ClaimId, QuestionId};
use startline_foundation::store::Db;
use startline_rooms::access::{Context, Kind, Sees};
use startline_rooms::claims::{self, Finding, Found};
use startline_rooms::records::{Look, Looked};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Whether whoever asks reaches the claim now, and what of it they see.
struct Seen {
    is_reached: bool,
    veil: Veil,
    sees: Sees,
}

impl CheckDoor {
    pub async fn list_my_findings(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListMyFindingsRequest,
    ) -> Result<pb::ListMyFindingsResponse> {
        let definition = self.0.definitions.current();
        let days = (parse_day("first_day", &asked.first_day)?, parse_day("last_day", &asked.last_day)?);
        let page = Page::of(&asked, 50, 200)?;
        let (start_ups, found) = claims::found_of_own(db, context, definition, days).await?;
        let (found, next_page_token) = page.cut_whole(found, |one| (one.at, one.key.clone()));
        let mut seen: HashMap<ClaimId, Seen> = HashMap::new();
        let mut findings = Vec::with_capacity(found.len());
        for one in found {
            let of = match seen.entry(one.claim_id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(self.seen(db, context, one.claim_id).await?),
            };
            findings.push(finding(definition, context.language, of, one));
        }
        let start_ups = u32::try_from(start_ups).unwrap_or(u32::MAX);
        Ok(pb::ListMyFindingsResponse { findings, next_page_token, start_ups })
    }

    pub async fn get_findings_report(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetFindingsReportRequest,
    ) -> Result<pb::GetFindingsReportResponse> {
        let definition = self.0.definitions.current();
        let site = clients::site_asked_for(definition, context, &asked.site_id)?;
        let days = (parse_day("first_day", &asked.first_day)?, parse_day("last_day", &asked.last_day)?);
        let found = claims::found_at_site(db, definition, &site, days).await?;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let questions = found.questions.iter().map(|(question, of)| pb::QuestionFindings {
            question_id: question.as_ref().map(ToString::to_string).unwrap_or_default(),
            label: label(definition, question.as_ref(), context.language),
            amended: count(of.amended),
            asked: count(of.asked),
        });
        Ok(pb::GetFindingsReportResponse {
            site_id: site.to_string(),
            start_ups: count(found.start_ups),
            with_findings: count(found.with_findings),
            questions: questions.collect(),
            too_few_people: found.too_few_people,
        })
    }

    async fn seen(&self, db: &mut Db<'_>, context: &Context, id: ClaimId) -> Result<Seen> {
        let reached = match self.0.reach(db, context, Kind::Claim, id.0).await {
            Ok(reached) => reached,
            // They work elsewhere now.
            Err(Error::OutsideWork(_)) => None,
            Err(fault) => return Err(fault),
        };
        if let Some(reached) = &reached {
            let looked = Looked { kind: Kind::Claim, record: id.to_string(), client: reached.client };
            self.0.looks.note(&[Look::new(context, "CheckService.ListMyFindings", reached.right, looked)])?;
        }
        let sees = reached.as_ref().map_or(Sees::NOTHING, |reached| reached.sees);
        let (_, veil) = Veil::of_claim(&self.0, db, sees, id).await?;
        Ok(Seen { is_reached: reached.is_some(), veil, sees })
    }
}

/// Without anything that names the client; what the claim says, as far as whoever asks sees it.
fn finding(definition: &Definition, language: Language, seen: &Seen, found: Finding) -> pb::Finding {
    let question = found.question_id.as_ref();
    let is_hidden = !seen.is_reached || question.is_some_and(|question| seen.veil.hides(question));
    let mut told = pb::Finding {
        claim_id: if seen.is_reached { found.claim_id.to_string() } else { String::new() },
        question_id: question.map(ToString::to_string).unwrap_or_default(),
        label: label(definition, question, language),
        day: definition.calendar.local_date(found.at).to_string(),
        ..Default::default()
    };
    match found.what {
        Found::Amended { said, says } => {
            told.kind = pb::FindingKind::Amended.into();
            told.withheld = is_hidden;
            if !is_hidden {
                told.said = Some(convert::value(&said));
                told.says = Some(convert::value(&says));
            }
        }
        Found::Asked { text, outcome } => {
            told.kind = pb::FindingKind::Asked.into();
            told.withheld = is_hidden || hides_notes(seen.sees);
            if !told.withheld {
                (told.text, told.outcome) = (text, outcome);
            }
        }
    }
    told
}

fn label(definition: &Definition, question: Option<&QuestionId>, language: Language) -> String {
    let found = question.and_then(|question| definition.form.question(question));
    found.map(|question| question.label.in_language(language).to_owned()).unwrap_or_default()
}
