//! Who works on a walk or its claim, for the second desk that opens it. Pure. Nothing is locked: it is for people to know.

use crate::claims::Answer;
use chrono::{DateTime, TimeDelta, Utc};
use startline_foundation::ids::UserId;

/// What somebody did last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastStep {
    pub user: UserId,
    pub at: DateTime<Utc>,
}

/// Who moved a walk last, and whether they parked it then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    pub step: LastStep,
    pub parked: bool,
}

/// Somebody else than `viewer` whose step is the last, within `held`. Whoever has parked the walk has let go of it and of
/// its claim.
pub fn holder(
    walks: &[Moved],
    answers: &[Answer],
    viewer: UserId,
    now: DateTime<Utc>,
    held: TimeDelta,
) -> Option<LastStep> {
    let let_go = |step: &LastStep| {
        walks.iter().any(|walk| walk.parked && walk.step.user == step.user && walk.step.at >= step.at)
    };
    let saved = answers.iter().map(|answer| LastStep { user: answer.saved_by, at: answer.saved_at });
    let steps = walks.iter().map(|walk| walk.step).chain(saved).filter(|step| !let_go(step));
    let last = steps.max_by_key(|step| step.at)?;
    (last.user != viewer && now - last.at <= held).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::Carried;
    use serde_json::json;

    const HELD: TimeDelta = TimeDelta::minutes(15);

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn moved(user: UserId, minute: i64, parked: bool) -> Moved {
        Moved { step: LastStep { user, at: at(minute) }, parked }
    }

    fn saved(user: UserId, minute: i64) -> Answer {
        let (saved_by, saved_at) = (user, at(minute));
        let (value, stage) = (json!("yes"), "B8".to_owned());
        Answer { question_id: "A6".into(), value, revision: 1, stage, saved_by, saved_at, carried: Carried::No }
    }

    #[test]
    fn the_second_desk_is_told_until_the_first_parks_or_is_long_gone() {
        let (asha, colin) = (UserId::fresh(at(0)), UserId::fresh(at(0)));
        let told = |walks: &[Moved], answers: &[Answer], viewer, minute| {
            holder(walks, answers, viewer, at(minute), HELD).map(|step| step.user)
        };
        assert_eq!(told(&[moved(asha, 0, false)], &[], colin, 15), Some(asha));
        assert_eq!(told(&[moved(asha, 0, false)], &[], colin, 16), None);
        assert_eq!(told(&[moved(asha, 0, false)], &[], asha, 1), None);
        assert_eq!(told(&[moved(asha, 0, false)], &[saved(asha, 10)], colin, 20), Some(asha));
        assert_eq!(told(&[moved(asha, 12, true)], &[saved(asha, 10)], colin, 13), None, "she has let go");
        assert_eq!(told(&[moved(asha, 12, true)], &[saved(asha, 13)], colin, 14), Some(asha), "she types on");
        // Colin takes it up: now Asha is told, and Colin is not.
        assert_eq!(told(&[moved(colin, 12, false)], &[saved(asha, 10)], colin, 13), None);
        assert_eq!(told(&[moved(colin, 12, false)], &[saved(asha, 10)], asha, 13), Some(colin));
        assert_eq!(told(&[], &[], asha, 0), None);
    }
}
