//! Stretches of a day as people type them: `9-12.30, 13:15 to 17:00`.

use chrono::NaiveTime;

pub type Stretch = (NaiveTime, NaiveTime);

/// One time: `9`, `9:30`, `9.30` or `0930`.
pub fn time(text: &str) -> Option<NaiveTime> {
    let text = text.trim();
    let (hours, minutes) = match text.split_once([':', '.']) {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return None,
        None if text.len() == 4 => text.split_at_checked(2)?,
        None => (text, "0"),
    };
    let figures = |part: &str| {
        (!part.is_empty() && part.len() <= 2 && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse().ok())
            .flatten()
    };
    NaiveTime::from_hms_opt(figures(hours)?, figures(minutes)?, 0)
}

/// All of a day, in their order; nothing when nothing is typed.
pub fn stretches(text: &str) -> Option<Vec<Stretch>> {
    let apart = text.replace(" to ", "-").replace(" i ", "-").replace(['\u{2013}', '\u{2014}'], "-");
    let parts = apart.split([',', ';']).map(str::trim).filter(|part| !part.is_empty());
    let mut all = Vec::new();
    for part in parts {
        let (start, end) = part.split_once('-')?;
        all.push((time(start)?, time(end)?));
    }
    Some(all)
}

pub fn written(stretches: &[Stretch]) -> String {
    let one = |(start, end): &Stretch| format!("{}-{}", start.format("%H:%M"), end.format("%H:%M"));
    stretches.iter().map(one).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_type_them() {
        for (typed, read) in [
            ("", ""),
            ("9-12.30, 13:15 to 17:00", "09:00-12:30, 13:15-17:00"),
            ("0830 \u{2013} 1200;13-14", "08:30-12:00, 13:00-14:00"),
            (" 9:05-9:10 ,", "09:05-09:10"),
        ] {
            assert_eq!(stretches(typed).map(|all| written(&all)).as_deref(), Some(read), "{typed}");
        }
        for typed in ["nine to five", "9", "9-", "25-26", "9:5-10", "9-10-11", "9.30.00-10", "\u{661}-2", "-"] {
            assert_eq!(stretches(typed), None, "{typed}");
        }
    }
}
