//! Reads what a pack is made from out of the rooms that know it. All of it is owned, so that no reader is kept open while
//! typst works.

use super::content::PackContent;
use super::gather::{Letter, Sources};
use super::older_form::OlderForm;
use super::subject::{Order, PackSubject, Replacement, Unprintable};
use super::words::Words;
use super::{address, printable};
use sha2::{Digest, Sha256};
use startline_definition::{Definition, Definitions, Text};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AppointmentId, CallbackId, ClaimId, SiteId};
use startline_foundation::store::Db;
use startline_rooms::access::{self, Context};
use startline_rooms::callbacks;
use startline_rooms::claims::{self, Claim};
use startline_rooms::clients::{self, Client};
use startline_rooms::diary::{self, Appointment, Decision, Meeting};
use startline_rooms::followup;
use startline_rooms::scripts::{self, Walk};
use std::sync::Arc;

/// The script whose walk a claim pack sums up.
const START_UP: &str = "start-up";

pub struct Material {
    pub definition: Arc<Definition>,
    pub client: Client,
    pub site: SiteId,
    pub claim: Option<Claim>,
    pub answers: Vec<claims::Answer>,
    meeting: Option<(Appointment, String)>,
    decision: Option<Decision>,
    walk: Option<Walk>,
    adviser: String,
    letter: Letter,
    older: OlderForm,
}

/// What a pack says, and by which key it is known that it says nothing new.
pub struct Gathered {
    pub content: PackContent,
    /// Faults of the address, which stand beside those of the rest.
    pub faults: Vec<Unprintable>,
}

impl Material {
    pub async fn read(
        db: &mut Db<'_>,
        definitions: &Definitions,
        context: &Context,
        wanted: PackSubject,
    ) -> Result<Self> {
        match wanted {
            PackSubject::Claim(id) => Self::of_claim(db, definitions, context, id).await,
            PackSubject::Deferral(id) => Self::of_deferral(db, definitions, context, id).await,
            PackSubject::MissedMeeting(id) => Self::of_missed_meeting(db, definitions, context, id).await,
            PackSubject::NewTime(id) => Self::of_new_time(db, definitions, context, id).await,
            PackSubject::MeetingOff(id) => Self::of_meeting_off(db, definitions, context, id).await,
            PackSubject::MissedCallback(id) => Self::of_missed_callback(db, definitions, context, id).await,
        }
    }

    /// The claim, its client and who writes; nothing of its meeting.
    async fn about(db: &mut Db<'_>, definitions: &Definitions, context: &Context, id: ClaimId) -> Result<Self> {
        let claim = claims::get(db, id).await?;
        let definition = definitions.version(db, &claim.definition_version).await?;
        let client = clients::get(db, claim.client_id).await?;
        let adviser = access::user(db, claim.start_up_by.unwrap_or(context.user.id)).await?;
        let answers = claims::answers(db, id).await?;
        Ok(Self {
            older: OlderForm::of(&definition, definitions.current(), &client, &answers),
            definition,
            client,
            site: claim.site.clone(),
            claim: Some(claim),
            answers: Vec::new(),
            meeting: None,
            decision: None,
            walk: None,
            adviser: adviser.name,
            letter: Letter::default(),
        })
    }

    async fn of_claim(db: &mut Db<'_>, definitions: &Definitions, context: &Context, id: ClaimId) -> Result<Self> {
        let mut material = Self::about(db, definitions, context, id).await?;
        if !material.claim.as_ref().is_some_and(Claim::is_start_up_done) {
            return Err(Error::illegal("START_UP_NOT_DONE", "a pack is composed when the start-up call is done"));
        }
        material.answers = claims::answers(db, id).await?;
        match diary::meeting(db, id).await? {
            Meeting::Booked(met) | Meeting::Held(met) | Meeting::Missed(met) => {
                material.meeting = Some(with_adviser(db, met).await?);
            }
            Meeting::Deferred(decision) | Meeting::Waived(decision) => material.decision = Some(decision),
            Meeting::Open => {
                return Err(Error::illegal("NO_MEETING_BOOKED", "book the meeting with the personal adviser first"));
            }
        }
        material.walk = scripts::walk_of_claim(db, id, START_UP).await?;
        Ok(material)
    }

    async fn of_deferral(db: &mut Db<'_>, definitions: &Definitions, context: &Context, id: ClaimId) -> Result<Self> {
        let mut material = Self::about(db, definitions, context, id).await?;
        material.answers = claims::answers(db, id).await?;
        match diary::meeting(db, id).await? {
            Meeting::Deferred(decision) | Meeting::Waived(decision) => material.decision = Some(decision),
            Meeting::Open | Meeting::Booked(_) | Meeting::Missed(_) | Meeting::Held(_) => {
                return Err(Error::illegal("NOT_DEFERRED", "the claim's meeting is neither put off nor done without"));
            }
        }
        Ok(material)
    }

    async fn of_missed_meeting(
        db: &mut Db<'_>,
        definitions: &Definitions,
        context: &Context,
        id: AppointmentId,
    ) -> Result<Self> {
        let missed = diary::appointment(db, id).await?;
        let mut material = Self::about(db, definitions, context, missed.claim_id).await?;
        material.letter.earlier = Some(missed.starts_at);
        let words = followup::missed_letter(db, &material.definition, &missed, &material.client).await?;
        material.letter.paragraphs = paragraphs(&words);
        // What was arranged since is told with it.
        if let Meeting::Booked(next) = diary::meeting(db, missed.claim_id).await?
            && next.id != missed.id
        {
            material.meeting = Some(with_adviser(db, next).await?);
        }
        Ok(material)
    }

    async fn of_new_time(
        db: &mut Db<'_>,
        definitions: &Definitions,
        context: &Context,
        id: AppointmentId,
    ) -> Result<Self> {
        let moved = diary::appointment(db, id).await?;
        if moved.state != diary::State::Booked {
            return Err(Error::illegal("NOT_BOOKED", "this appointment is not booked: there is no new time to tell"));
        }
        let mut material = Self::about(db, definitions, context, moved.claim_id).await?;
        material.meeting = Some(with_adviser(db, moved).await?);
        Ok(material)
    }

    async fn of_meeting_off(
        db: &mut Db<'_>,
        definitions: &Definitions,
        context: &Context,
        id: AppointmentId,
    ) -> Result<Self> {
        let cancelled = diary::appointment(db, id).await?;
        let mut material = Self::about(db, definitions, context, cancelled.claim_id).await?;
        let words = followup::off_letter(&material.definition, &cancelled, &material.client);
        let words = words.ok_or_else(|| Error::illegal("NO_SUCH_LETTER", "this definition has no words for it"))?;
        material.letter.paragraphs = paragraphs(&words);
        Ok(material)
    }

    async fn of_missed_callback(
        db: &mut Db<'_>,
        definitions: &Definitions,
        context: &Context,
        id: CallbackId,
    ) -> Result<Self> {
        let (callback, letter) = callbacks::letter_of(db, id).await?;
        let time = letter.and_then(|letter| letter.time);
        let time = time.ok_or_else(|| Error::illegal("NO_NEW_TIME", "no time is kept that a letter could tell"))?;
        let client = clients::get(db, callback.client_id).await?;
        let at = (time.0, callback.phone.grouped());
        Ok(Self {
            definition: definitions.current().clone(),
            site: callback.site,
            client,
            claim: None,
            answers: Vec::new(),
            meeting: None,
            decision: None,
            walk: None,
            adviser: context.user.name.clone(),
            older: OlderForm::default(),
            letter: Letter { callback: Some(at), ..Letter::default() },
        })
    }

    pub fn sources<'a>(&'a self, order: &'a Order, words: &'a Words) -> Sources<'a> {
        Sources {
            definition: &self.definition,
            words,
            wanted: order.wanted,
            pack: order.pack_id,
            client: &self.client,
            site: &self.site,
            claim: self.claim.as_ref(),
            answers: &self.answers,
            meeting: self.meeting.as_ref().map(|(meeting, adviser)| (meeting, adviser.as_str())),
            decision: self.decision.as_ref(),
            walk: self.walk.as_ref(),
            adviser: &self.adviser,
            replaces: order.replaces.as_ref(),
            letter: &self.letter,
            older: &self.older,
        }
    }
}

/// What changes when there is something new to print: the sources, and what is printed in their place.
pub fn key(sources: &Sources<'_>, replacements: &[Replacement]) -> String {
    let key = sources.key();
    if replacements.is_empty() {
        return key;
    }
    let mut hash = Sha256::new().chain_update(key);
    for replacement in replacements {
        hash.update(format!("{}\0{}\0", replacement.place, replacement.text));
    }
    hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// The content with its replacements, and what is wrong with the address.
pub fn gather(sources: &Sources<'_>, order: &Order, context: &Context) -> Result<Gathered> {
    let replaced = order.replacements.iter().find(|replacement| replacement.place == "address");
    let address = match replaced {
        Some(replacement) => {
            let mut lines: Vec<String> = replacement.text.lines().map(str::to_owned).collect();
            let postcode = lines.pop().unwrap_or_default();
            address::check_address(&lines, &postcode)
        }
        None => sources.address(context.now),
    };
    let (address, faults) = match address {
        Ok(address) => (address, Vec::new()),
        Err(fault) => (Vec::new(), vec![fault]),
    };
    let mut content = sources.content(address, context.now)?;
    printable::replace(&mut content, &order.replacements);
    Ok(Gathered { content, faults })
}

async fn with_adviser(db: &mut Db<'_>, appointment: Appointment) -> Result<(Appointment, String)> {
    let adviser = access::user(db, appointment.personal_adviser).await?;
    Ok((appointment, adviser.name))
}

/// A letter's paragraphs without its greeting, which every letter has from its template.
pub fn paragraphs(words: &Text) -> Vec<Text> {
    let split = |text: &str| text.split("\n\n").skip(1).map(|one| one.trim().to_owned()).collect::<Vec<_>>();
    let welsh = words.cy.as_deref().map(split).unwrap_or_default();
    let welsh = welsh.into_iter().map(Some).chain(std::iter::repeat(None));
    split(&words.en).into_iter().zip(welsh).map(|(en, cy)| Text { en, cy }).collect()
}
