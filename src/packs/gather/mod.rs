//! Gathers what a pack says from the rooms that know it, in words. Pure but for what it is given.

pub mod form;
mod summary;

use super::content::{self, Look, NoMeeting, PackContent, Said, Sender};
use super::key::{self, Key};
use super::older_form::OlderForm;
use super::subject::{PackSubject, Replaced, Replacement};
use super::words::{Words, Writer};
use super::{Layout, address};
use crate::Unprintable;
use chrono::{DateTime, NaiveDate, Utc};
use startline_definition::{Bearing, Definition, Site, Text};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{PackId, SiteId};
use startline_rooms::claims::{self, Claim};
use startline_rooms::clients::Client;
use startline_rooms::diary::{self, Decided};
use startline_rooms::followup;
use startline_rooms::scripts::Walk;
use uuid::Uuid;

/// Everything a pack is made from.
pub struct Sources<'a> {
    pub definition: &'a Definition,
    pub words: &'a Words,
    pub wanted: PackSubject,
    pub pack: PackId,
    pub client: &'a Client,
    pub site: &'a SiteId,
    /// None of a client who has not claimed yet.
    pub claim: Option<&'a Claim>,
    pub answers: &'a [claims::Answer],
    /// The meeting, with the personal adviser's name. None while it is deferred or waived.
    pub meeting: Option<(&'a diary::Appointment, &'a str)>,
    /// That it is put off or done without.
    pub decision: Option<&'a diary::Decision>,
    /// The start-up call, for its summary.
    pub walk: Option<&'a Walk>,
    /// Who held the start-up call, or who writes.
    pub adviser: &'a str,
    pub replaces: Option<&'a Replaced>,
    pub letter: &'a Letter,
    pub older: &'a OlderForm,
    /// The local day with whose post it leaves.
    pub post_day: NaiveDate,
}

/// What a letter says beside what every pack says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Letter {
    /// Its paragraphs, where the definition's rules word them.
    pub paragraphs: Vec<Text>,
    /// When the meeting was that was missed or moved.
    pub earlier: Option<DateTime<Utc>>,
    /// When the client is rung, and on which number.
    pub callback: Option<(DateTime<Utc>, String)>,
}

impl Sources<'_> {
    /// What another pack would come of. `replacements` is what is printed instead.
    pub fn key(&self, replacements: &[Replacement]) -> Key {
        let calendar = &self.definition.calendar;
        Key {
            to: key::to(self.client, self.post_day, self.older.letters_go_elsewhere, replacements),
            about: key::about(
                self.meeting.map(|(met, _)| met),
                self.decision,
                &self.letter.paragraphs,
                self.letter.callback.as_ref(),
            ),
            rest: key::rest(self.client, self.site, self.answers, calendar, replacements),
        }
    }

    /// How many answers had been given and changed: each counts from 1.
    pub fn claim_revision(&self) -> u32 {
        self.answers.iter().map(|answer| u32::try_from(answer.revision).unwrap_or(0)).sum()
    }

    pub fn look(&self) -> Look {
        let facts = &self.client.facts;
        Look { layout: Layout::of(facts.letter_language, facts.letter_layout), large_print: facts.large_print }
    }

    /// The lines of the envelope's window: the home's, or those of the place to which the client wants letters sent.
    pub fn address(&self) -> Result<Vec<String>, Unprintable> {
        if self.older.letters_go_elsewhere {
            return Err(Unprintable {
                place: address::PLACE.into(),
                reason: "ADDRESS".into(),
                sentence: "the client wants letters sent to another address, which the client record does not have"
                    .into(),
                mend: "Write it, with its postcode, into the client record as the address for letters.".into(),
            });
        }
        address::window(self.client, self.post_day)
    }

    /// `address` is what [`Self::address`] or a replacement came to.
    pub fn content(&self, address: Vec<String>, now: DateTime<Utc>) -> Result<PackContent> {
        let definition = self.definition;
        let writer = Writer { words: self.words, layout: self.look().layout };
        let calendar = &definition.calendar;
        let site = definition.site_or_fault(self.site)?;
        let facts = &self.client.facts;
        let salutation = match (facts.title.as_str(), facts.last_name.as_str()) {
            ("", _) => self.client.full_name(),
            (title, last) => format!("{title} {last}"),
        };
        let day = |at| writer.day(calendar.local_date(at));
        let evaluated = claims::evaluated(definition, self.client, self.answers);
        let whole = self.wanted.is_claim_pack();
        let claimed = whole || matches!(self.wanted, PackSubject::Deferral(_));
        Ok(PackContent {
            kind: self.wanted.kind(),
            pack: self.pack,
            look: self.look(),
            reference: reference(self.claim.map_or(self.client.id.0, |claim| claim.id.0)),
            composed_at: now,
            client_name: self.client.full_name(),
            salutation,
            address,
            service_name: writer.text(&definition.service.name),
            letter_date: day(now),
            site: sender(&writer, site, self.adviser),
            replaces: self.replaces.map(|older| writer.day(older.composed_on)),
            appointment: self.meeting.map(|(met, adviser)| self.appointment(&writer, met, adviser)).transpose()?,
            no_meeting: self.decision.map(|decision| no_meeting(&writer, definition, decision)),
            paragraphs: self.letter.paragraphs.iter().map(|text| writer.text(text)).collect(),
            earlier_day: self.letter.earlier.map(day),
            callback: self.letter.callback.as_ref().map(|(at, phone)| content::CallBack {
                date: day(*at),
                time: writer.time(calendar.local_time(*at)),
                phone: phone.clone(),
            }),
            claimed_benefits: if claimed { benefits(&writer, definition, &evaluated) } else { Vec::new() },
            evidence: if whole { form::evidence(&writer, definition, &evaluated) } else { Vec::new() },
            summary: self
                .walk
                .filter(|_| whole)
                .and_then(|walk| summary::summary(&writer, definition, walk, &evaluated)),
            form: whole.then(|| {
                form::form(
                    &writer,
                    definition,
                    &evaluated,
                    &self.older.withheld,
                    (writer.date(calendar.local_date(now)), self.claim_revision()),
                )
            }),
            definition_version: definition.version.to_string(),
        })
    }

    fn appointment(
        &self,
        writer: &Writer<'_>,
        meeting: &diary::Appointment,
        personal_adviser: &str,
    ) -> Result<content::Appointment> {
        let definition = self.definition;
        let office =
            definition.office(&meeting.office).ok_or_else(|| Error::not_found("office", meeting.office.clone()))?;
        let calendar = &definition.calendar;
        let minutes = (meeting.ends_at - meeting.starts_at).num_minutes();
        let rooms = definition.diary.rooms_of(&office.id);
        let room = meeting.room.as_ref().and_then(|id| rooms.rooms.iter().find(|room| room.id == *id));
        Ok(content::Appointment {
            date: writer.day(calendar.local_date(meeting.starts_at)),
            time: writer.time(calendar.local_time(meeting.starts_at)),
            office_id: office.id.to_string(),
            office: office.name.clone(),
            address: office.address.iter().cloned().chain([office.postcode.to_string()]).collect(),
            phone: office.phone.grouped(),
            room: room.map(|room| room.name.clone()),
            ground_floor: room.map_or(rooms.desks_on_ground_floor, |room| room.ground_floor),
            personal_adviser: personal_adviser.to_owned(),
            minutes: u32::try_from(minutes).unwrap_or(0),
            follows: match self.bearing(&meeting.kind) {
                Bearing::Binding => "binding",
                Bearing::Referred => "referred",
                Bearing::Free => "free",
            },
        })
    }

    /// Of the claim's own pack, which comes before it is handed over; no other letter says it.
    fn bearing(&self, kind: &str) -> Bearing {
        let answers = claims::values(self.answers);
        let is_optional = |claim| claims::is_optional(self.definition, claim, self.client, &answers) == Some(true);
        let chooses = self.claim.is_some_and(is_optional);
        followup::bearing_of(self.definition, kind, chooses, &self.definition.form.claimed(&answers), false)
    }
}

/// Of why it was put off, the reason's letter and nothing else: neither its name nor the note.
fn no_meeting(writer: &Writer<'_>, definition: &Definition, decision: &diary::Decision) -> NoMeeting {
    let (kind, letter) = match &decision.what {
        Decided::Deferred { reason, .. } => ("deferred", definition.diary.deferral_reason(reason)),
        Decided::Waived { .. } => ("waived", None),
    };
    NoMeeting {
        kind,
        reason: decision.what.reason().to_owned(),
        said: letter.map(|reason| writer.text(&reason.letter)),
        review_day: decision.what.review_day().map(|day| writer.day(day)),
    }
}

/// What the client quotes on the phone: 40 random bits of the claim's id, in letters and digits that are not mistaken for
/// each other.
pub fn reference(id: Uuid) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let random = id.as_u128() & 0xff_ffff_ffff;
    let digit = |i: u32| char::from(DIGITS[usize::try_from((random >> (5 * i)) & 31).unwrap_or(0)]);
    let text: String = (0..8).rev().map(digit).collect();
    format!("ONE-{}-{}", &text[..4], &text[4..])
}

pub fn sender(writer: &Writer<'_>, site: &Site, adviser: &str) -> Sender {
    Sender {
        name: writer.text(&site.name),
        address: site.address.iter().cloned().chain([site.postcode.to_string()]).collect(),
        phone: site.phone.grouped(),
        hours: writer.hours(&site.opening),
        adviser: adviser.to_owned(),
    }
}

/// The names of the benefits claimed.
pub fn benefits(writer: &Writer<'_>, definition: &Definition, evaluated: &claims::Evaluated) -> Vec<Said> {
    let claimed = definition.form.claimed(&evaluated.answers);
    let named = definition.service.benefits.iter().filter(|benefit| claimed.contains(&benefit.id.as_str()));
    named.map(|benefit| writer.text(&benefit.name)).collect()
}
