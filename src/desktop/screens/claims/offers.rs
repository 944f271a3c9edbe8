//! Times that are free for a meeting, each with how it fares on what the client wishes for: on the meeting's own page, and in
//! the walk where the script reads times out.

use super::words::ClaimWords;
use crate::html::Frame;
use crate::refused::empty;
use crate::refused::said::Said;
use crate::seat::Seat;
use crate::visitor::{Fields, is_ours};
use askama::Template;
use startline_api as pb;
use startline_api::prost_types::Timestamp;
use startline_foundation::formats::parse_date;

/// Times that do not suit, on the form.
pub const UNSUITABLE: usize = 3;
/// What a page sends on with an offer, so that it is booked as it was found.
const CARRIED: &[&str] = &[
    "office",
    "kind",
    "minutes",
    "urgent",
    "skill",
    "welsh",
    "ground_floor",
    "private_room",
    "weekday-0",
    "from-0",
    "until-0",
    "weekday-1",
    "from-1",
    "until-1",
    "weekday-2",
    "from-2",
    "until-2",
    "insists",
    "pa",
];

/// What is asked of a meeting, as an address or a form says it.
#[derive(Default)]
pub struct Wishes {
    pub pairs: Vec<(String, String)>,
    pub not_before: String,
}

impl Wishes {
    pub fn of(fields: &Fields) -> Self {
        let carried = fields.iter().filter(|(name, value)| CARRIED.contains(name) && !value.trim().is_empty());
        Self {
            pairs: carried.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect(),
            not_before: fields.get("not_before").to_owned(),
        }
    }

    pub fn get(&self, name: &str) -> &str {
        self.pairs.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value)
    }

    pub fn all(&self, name: &str) -> Vec<String> {
        self.pairs.iter().filter(|(of, _)| of == name).map(|(_, value)| value.clone()).collect()
    }

    pub fn is_ticked(&self, name: &str) -> bool {
        self.get(name) == "yes"
    }

    pub fn message(&self) -> pb::MeetingWishes {
        let unsuitable = |at: usize| {
            let (day, start, end) =
                (self.get(&format!("weekday-{at}")), self.get(&format!("from-{at}")), self.get(&format!("until-{at}")));
            (!(day.is_empty() && start.is_empty() && end.is_empty())).then(|| pb::UnsuitableTime {
                weekday: day.parse().unwrap_or(0),
                start: start.to_owned(),
                end: end.to_owned(),
            })
        };
        pb::MeetingWishes {
            kind: self.get("kind").to_owned(),
            minutes: self.get("minutes").parse().unwrap_or(0),
            urgent: self.is_ticked("urgent"),
            personal_adviser_id: self.get("pa").to_owned(),
            insists: self.is_ticked("insists"),
            not_personal_adviser_ids: Vec::new(),
            skills: self.all("skill"),
            welsh: self.is_ticked("welsh"),
            ground_floor: self.is_ticked("ground_floor"),
            private_room: self.is_ticked("private_room"),
            unsuitable_times: (0..UNSUITABLE).filter_map(unsuitable).collect(),
        }
    }

    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.pairs {
            query.append_pair(name, value);
        }
        if !self.not_before.is_empty() {
            query.append_pair("not_before", &self.not_before);
        }
        query.finish()
    }
}

#[derive(Template)]
#[template(path = "claims/offers.html")]
pub struct OfferList<'a> {
    pub frame: Frame<'a>,
    pub t: &'static ClaimWords,
    pub claim: String,
    pub offers: Vec<Offer>,
    /// Why there is none.
    pub why_none: Said,
    pub next_page: String,
    pub wishes: Wishes,
    /// The page to come back to.
    pub back: String,
    /// The appointment that is moved to a time chosen here.
    pub moves: String,
}

impl askama::filters::HtmlSafe for OfferList<'_> {}

pub struct Offer {
    pub when: String,
    pub office: String,
    pub with: String,
    pub with_id: String,
    pub start: String,
    pub room: String,
    pub is_earliest: bool,
    pub in_standard: bool,
    /// What it is judged by, and whether it is as wished.
    pub fits: Vec<(String, bool)>,
}

impl Offer {
    pub fn of(seat: &Seat, slot: &pb::Slot, t: &ClaimWords) -> Self {
        let fit = |fit: &pb::WishFit| {
            let name = match fit.wish() {
                pb::WishKind::Skill => skill_name(t, &fit.skill),
                wish => t.wish(wish).to_owned(),
            };
            (name, fit.met)
        };
        let told = |fit: &&pb::WishFit| fit.wish() != pb::WishKind::Standard;
        Self {
            when: seat.span(slot.start_time.as_ref(), slot.end_time.as_ref()),
            office: slot.office_name.clone(),
            with: slot.personal_adviser_name.clone(),
            with_id: slot.personal_adviser_id.clone(),
            start: slot.start_time.as_ref().map(written).unwrap_or_default(),
            room: slot.room.clone(),
            is_earliest: slot.is_earliest,
            in_standard: slot.within_standard,
            fits: slot.fits.iter().filter(told).map(fit).collect(),
        }
    }
}

pub fn skill_name(t: &ClaimWords, skill: &str) -> String {
    let known = t.sentence(&format!("skill_{}", skill.replace('-', "_")));
    known.map_or_else(|| skill.to_owned(), |name| format!("{} {name}", t.skills))
}

/// A time as a form sends it back.
pub fn written(at: &Timestamp) -> String {
    format!("{}.{}", at.seconds, at.nanos)
}

pub fn read(text: &str) -> Option<Timestamp> {
    let (seconds, nanos) = text.split_once('.')?;
    Some(Timestamp { seconds: seconds.parse().ok()?, nanos: nanos.parse().ok()? })
}

/// The page to come back to, if it is one of ours.
pub fn way_back(fields: &Fields, claim: &str) -> String {
    match fields.get("back") {
        back if is_ours(back) => back.to_owned(),
        _ => format!("/claims/{claim}/meeting"),
    }
}

/// The times that are free, as far as they may ask.
pub async fn offer_list<'a>(
    seat: &'a Seat,
    claim: &str,
    wishes: &Wishes,
    size: i32,
    back: &str,
) -> Option<OfferList<'a>> {
    let t = ClaimWords::of(seat.language());
    let not_before_time = parse_date(&wishes.not_before).ok().and_then(|day| {
        let calendar = &seat.definition().calendar;
        // Local midnight, to the hour: where the clocks stand is the calendar's to know.
        let noon = day.and_hms_opt(0, 0, 0)?.and_utc();
        let shift = noon - calendar.local_date(noon).and_time(calendar.local_time(noon)).and_utc();
        Some(crate::seat::timestamp(noon + shift))
    });
    let asked = pb::FindSlotsRequest {
        claim_id: claim.to_owned(),
        office_id: wishes.get("office").to_owned(),
        not_before_time,
        page_size: size,
        page_token: seat.visitor.query.get("page").to_owned(),
        wishes: Some(wishes.message()),
    };
    let found = seat.ask(asked).await;
    let why_none = |why: Option<&pb::WhyEmpty>| empty::why(seat.language(), why).unwrap_or_default().into();
    let (slots, why_none, next_page) = match found {
        Ok(found) => (found.slots, why_none(found.why_empty.as_ref()), found.next_page_token),
        Err(refusal) if refusal.kind == startline_service::methods::RefusalKind::Invalid => {
            (Vec::new(), crate::refused::first(seat.language(), &refusal), String::new())
        }
        Err(_) => return None,
    };
    Some(OfferList {
        frame: seat.frame(),
        t,
        claim: claim.to_owned(),
        offers: slots.iter().map(|slot| Offer::of(seat, slot, t)).collect(),
        why_none,
        next_page,
        wishes: Wishes { pairs: wishes.pairs.clone(), not_before: wishes.not_before.clone() },
        back: back.to_owned(),
        moves: String::new(),
    })
}

impl OfferList<'_> {
    fn later(&self) -> String {
        let page: String = form_urlencoded::byte_serialize(self.next_page.as_bytes()).collect();
        let back: String = form_urlencoded::byte_serialize(self.back.as_bytes()).collect();
        format!("{}&page={page}&back={back}", self.wishes.query())
    }
}
