//! What is said of rosters and absences.

use crate::words::words;
use chrono::Weekday;
use startline_api::{AbsenceKind, RosterActivity};
use startline_foundation::formats::Language;

words! { pub RosterWords {
    title: "Roster", "Rota";
    absences: "Absences", "Absenoldebau";
    floor: "The floor", "Y llawr";
    wall: "Wallboard", "Bwrdd wal";
    lost_sites: "Lost sites", "Safleoedd a gollwyd";
    other_pages: "Of this site", "O'r safle hwn";
    site: "Site", "Safle";
    day: "Day", "Diwrnod";
    day_hint: "For example 3 March 2026", "Er enghraifft 3 Mawrth 2026";
    show: "Show", "Dangos";
    day_before: "The day before", "Y diwrnod cynt";
    day_after: "The day after", "Y diwrnod wedyn";
    closed: "The site is closed on this day.", "Mae'r safle ar gau ar y diwrnod hwn.";
    adviser: "Adviser", "Cynghorydd";
    when: "When", "Pryd";
    calls: "Takes calls", "Yn derbyn galwadau";
    callbacks: "Makes call-backs", "Yn gwneud galwadau'n ôl";
    booked: "Call-backs booked", "Galwadau'n ôl wedi'u trefnu";
    away: "Away", "I ffwrdd";
    report: "Report an absence", "Rhoi gwybod am absenoldeb";
    nobody: "This site has no advisers.", "Nid oes gan y safle hwn gynghorwyr.";
    // Hours.
    hours_title: "Regular hours", "Oriau rheolaidd";
    hours_more: "These hours hold from the first day on, week after week, and replace what was set from the same day. A gap between two times is a break.", "Mae'r oriau hyn yn dal o'r diwrnod cyntaf ymlaen, wythnos ar ôl wythnos, ac yn disodli'r hyn a osodwyd o'r un diwrnod. Egwyl yw bwlch rhwng dau amser.";
    prefilled: "Filled in as the roster stands in that week, absences left out.", "Wedi'i llenwi fel y mae'r rota yn yr wythnos honno, heb absenoldebau.";
    from_day: "From which day", "O ba ddiwrnod";
    to_day: "Until which day, if it ends", "Tan ba ddiwrnod, os daw i ben";
    first_week: "The first week", "Yr wythnos gyntaf";
    second_week: "The second week", "Yr ail wythnos";
    every_week: "Every week", "Bob wythnos";
    weekday: "Day of the week", "Diwrnod yr wythnos";
    monday: "Monday", "Dydd Llun";
    tuesday: "Tuesday", "Dydd Mawrth";
    wednesday: "Wednesday", "Dydd Mercher";
    thursday: "Thursday", "Dydd Iau";
    friday: "Friday", "Dydd Gwener";
    saturday: "Saturday", "Dydd Sadwrn";
    sunday: "Sunday", "Dydd Sul";
    times_hint: "Times on five minutes, for example 9:00-12:30, 13:15-17:00. Leave a day empty that is not worked.", "Amserau fesul pum munud, er enghraifft 9:00-12:30, 13:15-17:00. Gadewch ddiwrnod na weithir yn wag.";
    save_hours: "Save the hours", "Cadw'r oriau";
    times_wrong: "must be times such as 9:00-12:30, 13:15-17:00", "rhaid iddynt fod yn amserau megis 9:00-12:30, 13:15-17:00";
    no_hours: "Enter the hours of one day at least", "Rhowch oriau o leiaf un diwrnod";
    day_wrong: "must be a day, such as 3 March 2026", "rhaid iddo fod yn ddiwrnod, megis 3 Mawrth 2026";
    show_fortnight: "Set two weeks that differ", "Gosod dwy wythnos sy'n wahanol";
    show_week: "Set one week that repeats", "Gosod un wythnos sy'n ailadrodd";
    hours_saved: "The hours are saved.", "Mae'r oriau wedi'u cadw.";
    // Absences.
    absences_more: "Who is away in these seven days, or works when they usually do not.", "Pwy sydd i ffwrdd yn ystod y saith diwrnod hyn, neu'n gweithio pan nad ydynt fel arfer.";
    week_before: "A week earlier", "Wythnos yn gynt";
    week_after: "A week later", "Wythnos yn ddiweddarach";
    nobody_away: "Nobody is away.", "Nid oes neb i ffwrdd.";
    kind: "Why", "Pam";
    note: "Note", "Nodyn";
    note_hint: "At most 200 characters. Leave out what only the adviser should tell.", "200 nod ar y mwyaf. Peidiwch â nodi'r hyn na ddylai neb ond y cynghorydd ei ddweud.";
    whole_day: "the whole day", "y diwrnod cyfan";
    everybody: "Everybody at the site", "Pawb ar y safle";
    back: "They are back", "Maent yn ôl";
    back_more: "Somebody who is said to be back is on the roster again from today on; days before today stay as they were.", "Mae rhywun y dywedir ei fod yn ôl ar y rota eto o heddiw ymlaen; mae'r dyddiau cyn heddiw yn aros fel yr oeddent.";
    report_title: "Report an absence or extra hours", "Rhoi gwybod am absenoldeb neu oriau ychwanegol";
    who: "Who", "Pwy";
    choose: "Choose an adviser", "Dewiswch gynghorydd";
    first_day: "First day", "Diwrnod cyntaf";
    last_day: "Last day", "Diwrnod olaf";
    last_day_hint: "Leave it empty for one day.", "Gadewch yn wag ar gyfer un diwrnod.";
    from_time: "From", "O";
    to_time: "Until", "Tan";
    time_hint: "For example 9:00; both empty for the whole day.", "Er enghraifft 9:00; y ddau'n wag ar gyfer y diwrnod cyfan.";
    save_absence: "Save", "Cadw";
    absence_saved: "It is saved.", "Mae wedi'i gadw.";
    absence_ended: "They are back on the roster.", "Maent yn ôl ar y rota.";
    leave: "Leave", "Gwyliau";
    sickness: "Sickness", "Salwch";
    training: "Training", "Hyfforddiant";
    team_event: "Team event", "Digwyddiad tîm";
    blocked: "Kept free for something else", "Wedi'i gadw'n rhydd ar gyfer rhywbeth arall";
    extra_hours: "Extra hours", "Oriau ychwanegol";
    at_risk: "Call-backs at risk", "Galwadau'n ôl mewn perygl";
} }

impl RosterWords {
    pub fn weekday(&self, day: Weekday) -> &'static str {
        match day {
            Weekday::Mon => self.monday,
            Weekday::Tue => self.tuesday,
            Weekday::Wed => self.wednesday,
            Weekday::Thu => self.thursday,
            Weekday::Fri => self.friday,
            Weekday::Sat => self.saturday,
            Weekday::Sun => self.sunday,
        }
    }

    pub fn kind(&self, kind: AbsenceKind) -> &'static str {
        match kind {
            AbsenceKind::Leave => self.leave,
            AbsenceKind::Sickness => self.sickness,
            AbsenceKind::Training => self.training,
            AbsenceKind::TeamEvent => self.team_event,
            AbsenceKind::Blocked | AbsenceKind::Unspecified => self.blocked,
            AbsenceKind::ExtraHours => self.extra_hours,
        }
    }

    pub fn activity(&self, activity: RosterActivity) -> &'static str {
        match activity {
            RosterActivity::Outbound => self.callbacks,
            RosterActivity::Inbound | RosterActivity::Unspecified => self.calls,
        }
    }

    /// What a strip of a day shows, for whoever hears it.
    pub fn strip_told(&self, calls: &str, callbacks: &str) -> String {
        let or_none = |text: &str| match text {
            "" => "–".to_owned(),
            text => text.to_owned(),
        };
        match self.language {
            Language::English => format!("Calls {}, call-backs {}", or_none(calls), or_none(callbacks)),
            Language::Welsh => format!("Galwadau {}, galwadau'n ôl {}", or_none(calls), or_none(callbacks)),
        }
    }
}
