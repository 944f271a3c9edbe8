use super::*;
use crate::call::Priority;
use crate::floor::{Event, SiteSettings};
use crate::skills::SkillSet;
use crate::trunk::Lease;
use chrono::TimeDelta;
use startline_foundation::ids::SiteId;
use uuid::Uuid;

const CALL: CallId = CallId(Uuid::from_u64_pair(2, 1));
const OFFER: OfferId = OfferId(Uuid::from_u64_pair(4, 1));

/// A floor without advisers whose only call is offered to somebody at gwent.
fn floor_with_a_lent_adviser(now: DateTime<Utc>) -> (Floor, Arc<AdviserCard>) {
    let mut floor = Floor::new(SiteSettings::new("somerset".into()), 1);
    let enter = EnterCall {
        call: CALL,
        switch_call_id: "switch-1".into(),
        caller: None,
        dialled: String::new(),
        home: Some("somerset".into()),
        place: None,
        priority: Priority::Normal,
        needs: SkillSet::NONE,
        opening: Opening::Open,
        entered_at: now,
    };
    floor.apply(Event::Enter(enter), now, &mut Outbox::default()).unwrap();
    let id = UserId(Uuid::from_u64_pair(1, 9));
    let by = Arc::new(AdviserCard::new(id, "Nia", "sip:9", SiteId::new("gwent")));
    let lease = Lease { offer: OFFER, expires_at: now + TimeDelta::seconds(15) };
    tell(&mut floor, ToHost::Lent { call: CALL, by: by.clone(), lease }, now);
    (floor, by)
}

fn tell(floor: &mut Floor, message: ToHost, now: DateTime<Utc>) -> Outbox {
    let mut out = Outbox::default();
    floor.apply(Event::FromLender(message), now, &mut out).unwrap();
    floor.check_invariants().unwrap();
    out
}

#[test]
fn word_from_the_lender_may_come_in_any_order() {
    let now = DateTime::from_timestamp(986_040_000, 0).unwrap();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (mut floor, by) = floor_with_a_lent_adviser(now);
        let messages = [
            ToHost::Accepted { call: CALL, offer: OFFER, by },
            ToHost::TalkEnded { call: CALL, offer: OFFER },
            ToHost::WrappedUp { call: CALL, offer: OFFER, wrap_up_ms: 7, outcome: Some("booked".into()) },
        ];
        let mut said = Vec::new();
        for message in order {
            said.extend(tell(&mut floor, messages[message].clone(), now).effects);
        }
        let records: Vec<_> =
            said.iter().filter(|effect| matches!(effect, Effect::CallFinished(r) if r.how == How::Answered)).collect();
        assert_eq!((records.len(), floor.figures().answered, floor.figures().waiting()), (1, 1, 0), "{order:?}");
    }
}

#[test]
fn a_lender_who_falls_silent_loses_the_call_shortly_after_the_lease() {
    let now = DateTime::from_timestamp(986_040_000, 0).unwrap();
    let (mut floor, by) = floor_with_a_lent_adviser(now);
    let due = now + TimeDelta::seconds(15) + TAKE_BACK_AFTER;
    assert_eq!(floor.next_deadline(), Some(due));
    let mut out = Outbox::default();
    floor.apply(Event::Tick, due, &mut out).unwrap();
    assert_eq!(floor.call_view(CALL).unwrap().position, Some(1));
    // Their late word is refused, so that the adviser is free again.
    let refusal = tell(&mut floor, ToHost::Accepted { call: CALL, offer: OFFER, by: by.clone() }, due).trunk_requests;
    let withdraw = ToLender::Withdraw;
    let expected =
        TrunkRequest::TellLender { lender: by.site.clone(), adviser: by.id, offer: OFFER, message: withdraw };
    assert_eq!(refusal.as_slice(), [expected]);
}
