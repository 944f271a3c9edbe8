//! Reads what a pack is made from out of the rooms that know it. All of it is owned, so that no reader is kept open while
//! typst works.

use super::content::PackContent;
use super::gather::{Letter, Sources};
use super::key;
use super::older_form::OlderForm;
use super::subject::{Order, PackSubject, Replacement, Unprintable};
use super::words::Words;
use super::{address, printable};
use chrono::NaiveDate;
use startline_definition::{Definition, Definitions, Text};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AppointmentId, CallbackId, ClaimId, ClientId, SiteId};
use startline_foundation::store::Db;
use startline_rooms::access::{self, Context};
use startline_rooms::callbacks;
use startline_rooms::claims::{self, Claim};
use startline_rooms::clients::{self, Client, Facts, LetterTo};
use startline_rooms::diary::{self, Appointment, Decision, Meeting};
use startline_rooms::followup;
use startline_rooms::printing;
use startline_rooms::scripts::{self, START_UP, Walk};
use std::sync::Arc;

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
    /// The local day with whose post it leaves: an address may hold on some days only.
    pub post_day: NaiveDate,
}

/// How much is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Whom it goes to and what it names: enough to say whether a pack still holds.
    Envelope,
    Whole,
}

/// What a pack says, and by which key it is known that it says nothing new.
pub struct Gathered {
    pub content: PackContent,
    /// Faults of the address, which stand beside those of the rest.
    pub faults: Vec<Unprintable>,
}

impl Material {
    /// What there is to say about it now. Whoever composes a pack and whoever asks whether a stored one still holds reads it
    /// here, so that both go by the same rules.
    ///
    /// # Errors
    /// `Illegal` when there is nothing to say, with the reason: the client died, the claim was closed, the meeting does not
    /// stand.
    pub async fn read(
        db: &mut Db<'_>,
        definitions: &Definitions,
        context: &Context,
        wanted: PackSubject,
        depth: Depth,
    ) -> Result<Self> {
        let material = Self::of(db, definitions, context, wanted, depth).await?;
        if !wanted.is_of_death() {
            material.client.check_living()?;
        }
        Ok(material)
    }

    async fn of(
        db: &mut Db<'_>,
        definitions: &Definitions,
        context: &Context,
        wanted: PackSubject,
        depth: Depth,
    ) -> Result<Self> {
        match wanted {
            PackSubject::Claim(id) => Self::of_claim(db, definitions, context, id, depth).await,
            PackSubject::Deferral(id) => Self::of_deferral(db, definitions, context, id, depth).await,
            PackSubject::MissedMeeting(id) => Self::of_missed_meeting(db, definitions, context, id).await,
            PackSubject::Decision(id) => Self::of_decision(db, definitions, context, id).await,
            PackSubject::NewTime(id) => Self::of_new_time(db, definitions, context, id).await,
            PackSubject::MeetingOff(id) => Self::of_meeting_off(db, definitions, context, id).await,
            PackSubject::MissedCallback(id) => Self::of_missed_callback(db, definitions, context, id).await,
            PackSubject::Death(id) => Self::of_death(db, definitions, context, id).await,
        }
    }

    /// The claim, its client and who writes; nothing of its meeting.
    async fn about(db: &mut Db<'_>, definitions: &Definitions, context: &Context, id: ClaimId) -> Result<Self> {
        let claim = claims::get(db, id).await?;
        claim.check_not_closed()?;
        Self::about_any(db, definitions, context, claim).await
    }

    /// The same of a claim that may be closed.
    async fn about_any(db: &mut Db<'_>, definitions: &Definitions, context: &Context, claim: Claim) -> Result<Self> {
        let definition = definitions.version(db, &claim.definition_version).await?;
        let client = clients::get(db, claim.client_id).await?;
        let adviser = access::user(db, claim.start_up_by.unwrap_or(context.user.id)).await?;
        let in_force = definitions.current();
        let older = match definition.version == in_force.version {
            true => OlderForm::default(),
            false => OlderForm::of(&definition, in_force, &client, &claims::answers(db, claim.id).await?),
        };
        Ok(Self {
            older,
            post_day: post_day(in_force, &claim.site, context)?,
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

    async fn of_claim(
        db: &mut Db<'_>,
        definitions: &Definitions,
        context: &Context,
        id: ClaimId,
        depth: Depth,
    ) -> Result<Self> {
        let mut material = Self::about(db, definitions, context, id).await?;
        if !material.claim.as_ref().is_some_and(Claim::is_start_up_done) {
            return Err(Error::illegal("START_UP_NOT_DONE", "a pack is composed when the start-up call is done"));
        }
        match diary::meeting(db, id).await? {
            Meeting::Booked(met) => {
                check_stands(db, definitions.current(), &met).await?;
                material.meeting = Some(with_adviser(db, met).await?);
            }
            Meeting::Held(met) => material.meeting = Some(with_adviser(db, met).await?),
            Meeting::Deferred(decision) | Meeting::Waived(decision) => material.decision = Some(decision),
            // A pack that names the meeting that was missed would ask the client to come on a day that is over.
            Meeting::Open | Meeting::Missed(_) => {
                return Err(Error::illegal("NO_MEETING_BOOKED", "book the meeting with the personal adviser first"));
            }
        }
        if depth == Depth::Whole {
            material.answers = claims::answers(db, id).await?;
            material.walk = scripts::walk_of_claim(db, id, START_UP).await?;
        }
        Ok(material)
    }

    async fn of_deferral(
        db: &mut Db<'_>,
        definitions: &Definitions,
        context: &Context,
        id: ClaimId,
        depth: Depth,
    ) -> Result<Self> {
        let mut material = Self::about(db, definitions, context, id).await?;
        if depth == Depth::Whole {
            material.answers = claims::answers(db, id).await?;
        }
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
        if missed.state != diary::State::Failed {
            return Err(Error::illegal("NOT_MISSED", "this appointment was not missed: there is nothing to tell"));
        }
        let mut material = Self::about(db, definitions, context, missed.claim_id).await?;
        material.letter.earlier = Some(missed.starts_at);
        let words = followup::missed_letter(db, &material.definition, &missed, &material.client).await?;
        material.letter.paragraphs = paragraphs(&words);
        // What was arranged since is told with it.
        if let Meeting::Booked(next) = diary::meeting(db, missed.claim_id).await?
            && next.id != missed.id
            && stands(db, definitions.current(), &next).await?
        {
            material.meeting = Some(with_adviser(db, next).await?);
        }
        Ok(material)
    }

    async fn of_decision(
        db: &mut Db<'_>,
        definitions: &Definitions,
        context: &Context,
        id: AppointmentId,
    ) -> Result<Self> {
        let missed = diary::appointment(db, id).await?;
        let claim = claims::get(db, missed.claim_id).await?;
        let mut material = Self::about_any(db, definitions, context, claim).await?;
        // Nothing of the form is in it, and the letters of an older definition may know of no such letter.
        material.definition = definitions.current().clone();
        material.older = OlderForm::default();
        let words = followup::decision_letter(db, definitions.current(), &missed, &material.client).await?;
        material.letter.paragraphs = paragraphs(&words);
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
        check_stands(db, definitions.current(), &moved).await?;
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
        let is_off = matches!(cancelled.state, diary::State::Cancelled { .. })
            && matches!(diary::meeting(db, cancelled.claim_id).await?, Meeting::Open | Meeting::Missed(_));
        if !is_off {
            return Err(Error::illegal("NOT_OFF", "this appointment stands, or something was arranged since"));
        }
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
        let (callback, time) = callbacks::told_time(db, id, context.now).await?;
        let time = time.ok_or_else(|| Error::illegal("NO_NEW_TIME", "no time is kept that a letter could tell"))?;
        let client = clients::get(db, callback.client_id).await?;
        let at = (time, callback.phone.grouped());
        Ok(Self {
            post_day: post_day(definitions.current(), &callback.site, context)?,
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

    async fn of_death(db: &mut Db<'_>, definitions: &Definitions, context: &Context, id: ClientId) -> Result<Self> {
        let definition = definitions.current();
        let client = clients::get(db, id).await?;
        let letter_to = client.death.as_ref().and_then(|death| death.letter_to.clone());
        let words = letter_to.and_then(|to| Some((followup::death_letter(definition, &client, &to)?, to)));
        let Some((words, to)) = words else {
            return Err(Error::illegal("NO_LETTER_WANTED", "nobody who told us of a death would like a letter"));
        };
        Ok(Self {
            post_day: post_day(definition, &client.home_site, context)?,
            definition: definition.clone(),
            site: client.home_site.clone(),
            client: addressed_to(&client, &to),
            claim: None,
            answers: Vec::new(),
            meeting: None,
            decision: None,
            walk: None,
            adviser: context.user.name.clone(),
            older: OlderForm::default(),
            letter: Letter { paragraphs: paragraphs(&words), ..Letter::default() },
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
            post_day: self.post_day,
        }
    }

    /// Whom it goes to, if it leaves on that day, and what it names: as its key has them.
    pub fn envelope(&self, replacements: &[Replacement], post_day: NaiveDate) -> (String, String) {
        let to = key::to(&self.client, post_day, self.older.letters_go_elsewhere, replacements);
        let meeting = self.meeting.as_ref().map(|(met, _)| met);
        let (paragraphs, callback) = (&self.letter.paragraphs, self.letter.callback.as_ref());
        (to, key::about(meeting, self.decision.as_ref(), paragraphs, callback))
    }

    /// The window as the record has it: what an address that is given instead is given for.
    pub fn to_by_record(&self) -> String {
        key::to_by_record(&self.client, self.post_day, self.older.letters_go_elsewhere)
    }
}

/// With whose post what is composed now leaves.
fn post_day(definition: &Definition, site: &SiteId, context: &Context) -> Result<NaiveDate> {
    let site = definition.site_or_fault(site)?;
    Ok(printing::outlook(definition, site, context.now, None).post_day)
}

/// A letter names no meeting that has to be moved: the personal adviser is away then, or the office is closed.
async fn check_stands(db: &mut Db<'_>, definition: &Definition, met: &Appointment) -> Result<()> {
    match stands(db, definition, met).await? {
        true => Ok(()),
        false => {
            Err(Error::illegal("MEETING_NOT_STANDING", "the meeting has to be moved first: no letter may name it"))
        }
    }
}

pub async fn stands(db: &mut Db<'_>, definition: &Definition, met: &Appointment) -> Result<bool> {
    let whose = (met.personal_adviser, &met.office, met.kind.as_str());
    let bounds = (met.starts_at, met.ends_at);
    Ok(!diary::is_to_move(db, definition, whose, bounds).await?)
}

/// The content with its replacements, and what is wrong with the address.
pub fn gather(sources: &Sources<'_>, order: &Order, context: &Context) -> Result<Gathered> {
    let by_record = key::to_by_record(sources.client, sources.post_day, sources.older.letters_go_elsewhere);
    let address = match key::address_instead(&order.replacements, &by_record) {
        Some(replacement) => {
            let mut lines: Vec<String> = replacement.text.lines().map(str::to_owned).collect();
            let postcode = lines.pop().unwrap_or_default();
            address::check_address(&lines, &postcode)
        }
        None => sources.address(),
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

/// Whoever told us, in the place of the client whose record the letter is kept with: nothing of the client's own is on it.
pub fn addressed_to(client: &Client, to: &LetterTo) -> Client {
    let facts = Facts {
        last_name: to.name.clone(),
        address_lines: to.lines.clone(),
        postcode: Some(to.postcode.clone()),
        letter_language: to.language,
        talk_language: to.language,
        ..Facts::default()
    };
    Client { facts, ..client.clone() }
}

/// A letter's paragraphs without its greeting, which every letter has from its template.
pub fn paragraphs(words: &Text) -> Vec<Text> {
    let split = |text: &str| text.split("\n\n").skip(1).map(|one| one.trim().to_owned()).collect::<Vec<_>>();
    let welsh = words.cy.as_deref().map(split).unwrap_or_default();
    let welsh = welsh.into_iter().map(Some).chain(std::iter::repeat(None));
    split(&words.en).into_iter().zip(welsh).map(|(en, cy)| Text { en, cy }).collect()
}
