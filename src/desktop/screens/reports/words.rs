//! What the reports say.

use crate::words::words;
use startline_foundation::formats::Language;

words! { pub ReportWords {
    title: "Reports", "Adroddiadau";
    title_more: "Each as a table, a chart, and a file for a spreadsheet.", "Pob un yn dabl, yn siart, ac yn ffeil ar gyfer taenlen.";
    service_level: "How soon calls are answered", "Pa mor fuan yr atebir galwadau";
    service_level_more: "By half-hour or by day: calls, how many were answered in time, who gave up, and what other sites took.", "Fesul hanner awr neu fesul diwrnod: galwadau, faint a atebwyd mewn pryd, pwy roddodd y gorau iddi, a'r hyn a gymerodd safleoedd eraill.";
    standards: "How long clients wait", "Pa mor hir mae cleientiaid yn aros";
    standards_more: "From the first contact until they are rung, and from then until the first meeting, against the standards.", "O'r cyswllt cyntaf nes iddynt gael eu ffonio, ac o hynny tan y cyfarfod cyntaf, yn erbyn y safonau.";
    attendance: "Who comes to meetings", "Pwy sy'n dod i gyfarfodydd";
    attendance_more: "By day and kind of meeting: who came, who did not, and what was cancelled.", "Fesul diwrnod a math o gyfarfod: pwy ddaeth, pwy na ddaeth, a'r hyn a ganslwyd.";
    checks: "How soon claims are checked", "Pa mor fuan y caiff hawliadau eu gwirio";
    checks_more: "From the client's arrival until a benefits expert said that the claim is complete, by office and day.", "O'r adeg y cyrhaeddodd y cleient nes i arbenigwr budd-daliadau ddweud bod yr hawliad yn gyflawn, fesul swyddfa a diwrnod.";
    found: "What is found at meetings", "Yr hyn a ganfyddir mewn cyfarfodydd";
    found_more: "By question: answers of start-up calls that were amended or asked about. By question alone: it is for learning from.", "Fesul cwestiwn: atebion galwadau cychwynnol a ddiwygiwyd neu y gofynnwyd amdanynt. Fesul cwestiwn yn unig: er mwyn dysgu ohono.";
    question: "Question", "Cwestiwn";
    amended: "Amended", "Diwygiwyd";
    asked: "Asked about", "Gofynnwyd amdanynt";
    whole_claim: "The claim as a whole", "Yr hawliad cyfan";
    too_few_people: "These start-up calls were of fewer than three people: what was found is theirs to see.", "Llai na thri o bobl a wnaeth y galwadau cychwynnol hyn: nhw sydd i weld yr hyn a ganfuwyd.";
    office: "Office", "Swyddfa";
    came: "Clients who came", "Cleientiaid a ddaeth";
    complete: "Claims complete", "Hawliadau cyflawn";
    p50_minutes: "Half took at most, minutes", "Cymerodd hanner hyd at, munudau";
    p90_minutes: "Nine in ten at most, minutes", "Naw o bob deg hyd at, munudau";
    arrival_unknown: "Arrival not recorded", "Cyrraedd heb ei gofnodi";
    decisions: "Meetings put off and done without", "Cyfarfodydd a ohiriwyd ac a hepgorwyd";
    decisions_more: "By reason and by who decided. There is no target.", "Yn ôl rheswm ac yn ôl pwy benderfynodd. Nid oes targed.";
    site: "Site", "Safle";
    all_sites: "All sites", "Pob safle";
    from: "From", "O";
    to: "Until", "Tan";
    day_hint: "For example 3 March 2026", "Er enghraifft 3 Mawrth 2026";
    show: "Show", "Dangos";
    day_wrong: "Must be a day, such as 3 March 2026", "Rhaid iddo fod yn ddiwrnod, megis 3 Mawrth 2026";
    turned: "The last day is before the first", "Mae'r diwrnod olaf cyn y cyntaf";
    csv: "Get it as a file (CSV)", "Ei gael fel ffeil (CSV)";
    nothing: "There is nothing in these days.", "Nid oes dim yn y dyddiau hyn.";
    total: "Together", "Gyda'i gilydd";
    day: "Day", "Diwrnod";
    half_hour: "Half-hour", "Hanner awr";
    calls: "Calls", "Galwadau";
    answered: "Answered", "Atebwyd";
    in_time: "Answered in time", "Atebwyd mewn pryd";
    overflow: "Taken by other sites", "Cymerwyd gan safleoedd eraill";
    gave_up: "Gave up", "Rhoi'r gorau iddi";
    at_once: "of these at once", "o'r rhain ar unwaith";
    diverted: "Led elsewhere", "Arwain i rywle arall";
    p50: "Half waited at most", "Arhosodd hanner hyd at";
    p90: "Nine in ten waited at most", "Arhosodd naw o bob deg hyd at";
    busy: "Of staffed time on calls", "O'r amser staffio ar alwadau";
    level_chart: "The share of calls answered in time", "Cyfran y galwadau a atebwyd mewn pryd";
    to_callback: "Until the call-back", "Tan yr alwad yn ôl";
    to_meeting: "From then until the first meeting", "O hynny tan y cyfarfod cyntaf";
    clients: "Clients", "Cleientiaid";
    within: "Within the standard", "O fewn y safon";
    within_aim: "Within what is aimed at", "O fewn yr hyn yr anelir ato";
    p50_days: "Half waited at most, days", "Arhosodd hanner hyd at, diwrnodau";
    p90_days: "Nine in ten at most, days", "Naw o bob deg hyd at, diwrnodau";
    p50_hours: "Half, opening hours", "Hanner, oriau agor";
    p90_hours: "Nine in ten, opening hours", "Naw o bob deg, oriau agor";
    standards_chart: "The share of clients within the standard", "Cyfran y cleientiaid o fewn y safon";
    kind: "Kind of meeting", "Math o gyfarfod";
    booked: "Booked", "Wedi'u trefnu";
    attended: "Came", "Daeth";
    late: "of these late", "o'r rhain yn hwyr";
    failed: "Did not come", "Ni ddaeth";
    good_cause: "Did not come, with good cause", "Ni ddaeth, gydag achos da";
    cancelled: "Cancelled", "Wedi'u canslo";
    given_back: "Put off or done without", "Wedi'u gohirio neu eu hepgor";
    open: "To come, or nothing was said", "I ddod, neu ni ddywedwyd dim";
    attendance_chart: "Meetings by what became of them", "Cyfarfodydd yn ôl yr hyn a ddaeth ohonynt";
    decision: "Decision", "Penderfyniad";
    reason: "Reason", "Rheswm";
    many: "How many", "Nifer";
    deferred: "Put off", "Gohiriwyd";
    waived: "Done without", "Hepgorwyd";
    start_ups: "Start-up calls done", "Galwadau cychwynnol a wnaed";
    deferred_share: "Put off, of these", "Gohiriwyd, o'r rhain";
    waived_share: "Done without, of these", "Hepgorwyd, o'r rhain";
    dates_lost: "Dates lost by not handing over in time", "Dyddiadau a gollwyd drwy beidio â throsglwyddo mewn pryd";
    overdue: "Reviews that are overdue", "Adolygiadau hwyr";
    median_review: "Days until the review, the middle one", "Diwrnodau tan yr adolygiad, yr un canol";
    figure: "Figure", "Ffigur";
    by_reason: "By reason", "Yn ôl rheswm";
    by_decider: "By who decided", "Yn ôl pwy benderfynodd";
    who: "Who", "Pwy";
    decisions_chart: "Decisions by reason", "Penderfyniadau yn ôl rheswm";
    charts_told: "The figures are in the table below.", "Mae'r ffigurau yn y tabl isod.";
    serious_illness: "Serious illness", "Salwch difrifol";
    exceptional: "Something out of the ordinary", "Rhywbeth anghyffredin";
    optional: "The client's own choice", "Dewis y cleient ei hun";
    in_all: "In all", "At ei gilydd";
} }

impl ReportWords {
    pub fn answered_within(&self, seconds: i64) -> String {
        match self.language {
            Language::English => {
                format!("In time is within {seconds} seconds. Callers who gave up at once are not counted.")
            }
            Language::Welsh => {
                format!("Mewn pryd yw o fewn {seconds} eiliad. Ni chyfrifir galwyr a roddodd y gorau iddi ar unwaith.")
            }
        }
    }

    pub fn found_in(&self, some: u32, of: u32) -> String {
        match self.language {
            Language::English => format!("Something was found after {some} of {of} start-up calls."),
            Language::Welsh => format!("Canfuwyd rhywbeth ar ôl {some} o {of} galwad gychwynnol."),
        }
    }

    pub fn checks_aim(&self, minutes: u32) -> String {
        match self.language {
            Language::English => format!(
                "{minutes} minutes from arrival are aimed at. A claim that was not complete by then counts as not within them."
            ),
            Language::Welsh => format!(
                "Anelir at {minutes} munud o'r cyrraedd. Mae hawliad nad oedd yn gyflawn erbyn hynny yn cyfrif fel un nad yw o'u mewn."
            ),
        }
    }

    pub fn standards_are(&self, callback: u32, meeting: u32, aim: u32) -> String {
        match self.language {
            Language::English => format!(
                "The standards: the call-back within {callback} working days, the first meeting within {meeting} more; {aim} are \
                 aimed at."
            ),
            Language::Welsh => format!(
                "Y safonau: yr alwad yn ôl o fewn {callback} diwrnod gwaith, y cyfarfod cyntaf o fewn {meeting} arall; anelir at \
                 {aim}."
            ),
        }
    }
}
