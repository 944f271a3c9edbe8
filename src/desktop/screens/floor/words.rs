//! The floor's words.

use crate::words::words;
use startline_api::RiskReason;
use startline_foundation::formats::Language;

words! { pub FloorWords {
    title: "The floor", "Y llawr";
    all_sites: "All sites", "Pob safle";
    site: "Site", "Safle";
    wall: "Wallboard", "Bwrdd wal";
    roster: "Roster", "Rota";
    absences: "Absences", "Absenoldebau";
    contingency: "Lost sites", "Safleoedd a gollwyd";
    other_pages: "Of this floor", "O'r llawr hwn";
    no_sites: "There is no floor that you may see now.", "Nid oes llawr y cewch ei weld nawr.";
    waiting: "Waiting", "Yn aros";
    oldest: "Longest wait", "Arhosiad hiraf";
    free: "Free", "Rhydd";
    kept: "Kept", "Wedi'u cadw";
    kept_more: "Free, and kept for a call-back that begins soon", "Yn rhydd, ac wedi'u cadw ar gyfer galwad yn ôl sy'n dechrau cyn hir";
    reserve: "Never lent", "Byth yn cael eu benthyg";
    talking: "On calls", "Ar alwadau";
    ringing: "Ringing", "Yn canu";
    writing: "Writing up", "Yn cofnodi";
    out: "Calling back", "Yn ffonio'n ôl";
    on_break: "On break", "Ar egwyl";
    signed_out: "Signed out, not done yet", "Wedi allgofnodi, heb orffen eto";
    level: "Answered in time", "Atebwyd mewn pryd";
    level_more: "Of the calls of this half-hour: answered within", "O alwadau'r hanner awr hwn: atebwyd o fewn";
    wait: "A call now would wait", "Byddai galwad nawr yn aros";
    no_wait: "Not at all", "Dim o gwbl";
    not_known: "Not known yet", "Ddim yn hysbys eto";
    to_do: "To be done", "I'w wneud";
    nothing_to_do: "Nothing", "Dim";
    overflowed: "Taken by other sites", "Cymerwyd gan safleoedd eraill";
    entered: "Calls", "Galwadau";
    calls_small: "calls", "galwad";
    answered: "Answered", "Atebwyd";
    abandoned: "Gave up", "Rhoi'r gorau iddi";
    diverted: "Led elsewhere", "Arwain i rywle arall";
    since_start: "Since the service was started", "Ers cychwyn y gwasanaeth";
    seconds: "seconds", "eiliad";
    // What is to be done.
    alarm_lost: "Declared lost", "Wedi'i ddatgan ar goll";
    alarm_nobody: "Callers wait, and nobody here takes calls", "Mae galwyr yn aros, ac nid oes neb yma'n derbyn galwadau";
    alarm_long: "A caller has waited too long", "Mae galwr wedi aros yn rhy hir";
    alarm_urgent: "An urgent caller waits", "Mae galwr brys yn aros";
    alarm_nobody_here: "Open, and nobody here takes calls", "Ar agor, ac nid oes neb yma'n derbyn galwadau";
    // One site.
    queue: "Waiting callers", "Galwyr sy'n aros";
    nobody_waits: "Nobody waits.", "Nid oes neb yn aros.";
    caller: "Caller", "Galwr";
    waits: "Has waited", "Wedi aros";
    needs: "Needs", "Anghenion";
    would_wait: "Still waits about", "Yn aros eto tua";
    what: "What is happening", "Beth sy'n digwydd";
    urgent: "Urgent", "Brys";
    seeking: "Another site is being looked for", "Chwilir am safle arall";
    away: "In the waiting room, or about to ring again", "Yn yr ystafell aros, neu ar fin canu eto";
    queued: "In the queue", "Yn y ciw";
    withheld: "Number withheld", "Rhif wedi'i gadw'n ôl";
    advisers: "Advisers", "Cynghorwyr";
    nobody_there: "Nobody is signed in here.", "Nid oes neb wedi mewngofnodi yma.";
    adviser: "Adviser", "Cynghorydd";
    skills: "Can do", "Yn gallu";
    status_since: "Status since", "Statws ers";
    next_callback: "Next call-back", "Galwad yn ôl nesaf";
    missed_offers: "Calls missed in a row", "Galwadau a fethwyd yn olynol";
    until: "until", "tan";
    free_desk: "Free the desk", "Rhyddhau'r ddesg";
    state: "State", "Cyflwr";
    many: "So many are signed in that they are shown by state. Choose one above.", "Mae cynifer wedi mewngofnodi fel y'u dangosir yn ôl cyflwr. Dewiswch un uchod.";
    all_states: "All", "Pawb";
    day_heading: "How today goes", "Sut mae heddiw'n mynd";
    skill_inbound: "calls", "galwadau";
    skill_outbound: "call-backs", "galwadau'n ôl";
    by_half_hour: "Answered in time, by half-hour", "Atebwyd mewn pryd, fesul hanner awr";
    no_calls_today: "No calls yet today.", "Dim galwadau eto heddiw.";
    half_hour: "Half-hour", "Hanner awr";
    calls_axis: "Bars: the share answered in time. A half-hour without calls has no bar.", "Barrau: y gyfran a atebwyd mewn pryd. Nid oes bar i hanner awr heb alwadau.";
    median_wait: "Half waited at most", "Arhosodd hanner hyd at";
    nine_in_ten: "Nine in ten waited at most", "Arhosodd naw o bob deg hyd at";
    callbacks: "Call-backs", "Galwadau'n ôl";
    due: "Due now", "I'w gwneud nawr";
    late: "late", "hwyr";
    none_due: "None is due.", "Nid oes dim i'w wneud.";
    due_elsewhere: "Call-backs that are due are shown to whoever works at the site.", "Dangosir galwadau'n ôl sydd i'w gwneud i'r rhai sy'n gweithio ar y safle.";
    at_risk: "At risk", "Mewn perygl";
    none_at_risk: "None is at risk.", "Nid oes dim mewn perygl.";
    all_at_risk: "All call-backs at risk", "Pob galwad yn ôl sydd mewn perygl";
    more_due: "More", "Rhagor";
    // A desk.
    free_title: "Free this desk", "Rhyddhau'r ddesg hon";
    free_more: "Do this when nobody at the desk can: a conversation that was never reported over, or a desk left signed in. A call that the desk holds is ended. The adviser is told that it was you, and why; the reason stands in the call's record.", "Gwnewch hyn pan na all neb wrth y ddesg: sgwrs na ddywedwyd erioed ei bod ar ben, neu ddesg a adawyd wedi mewngofnodi. Daw galwad sydd gan y ddesg i ben. Dywedir wrth y cynghorydd mai chi a'i gwnaeth, a pham; mae'r rheswm yn sefyll yng nghofnod yr alwad.";
    free_reason: "Why", "Pam";
    free_reason_hint: "At most 200 characters, for example: telephone was left off the hook", "200 nod ar y mwyaf, er enghraifft: gadawyd y ffôn oddi ar y bachyn";
    free_then: "What becomes of the desk", "Beth ddaw o'r ddesg";
    to_break: "It is put on a break", "Fe'i rhoddir ar egwyl";
    to_signed_out: "It is signed out", "Fe'i hallgofnodir";
    not_here: "This adviser is not signed in here any more.", "Nid yw'r cynghorydd hwn wedi mewngofnodi yma mwyach.";
    does_now: "Does now", "Yn gwneud nawr";
    freed: "The desk is free.", "Mae'r ddesg yn rhydd.";
    // The wall.
    calm: "Calm", "Tawel";
    busy: "Callers wait", "Galwyr yn aros";
    too_long: "Too long", "Rhy hir";
    nobody: "Nobody here", "Neb yma";
    lost: "Lost", "Ar goll";
    closed: "Closed", "Ar gau";
    wall_of: "The floor at a glance", "Y llawr ar un olwg";
    in_time: "in time", "mewn pryd";
    free_small: "free", "rhydd";
    longest_small: "longest", "hiraf";
    waiting_small: "waiting", "yn aros";
    leave_wall: "Back to the floor", "Yn ôl i'r llawr";
    not_seen: "Cannot be shown now", "Ni ellir ei ddangos nawr";
    choose_sites: "Sites on the wall", "Safleoedd ar y wal";
    choose_sites_more: "One site shows its advisers as well. Open it on the screen at the wall, and leave it there: it changes by itself.", "Mae un safle'n dangos ei gynghorwyr hefyd. Agorwch ef ar y sgrin wrth y wal, a'i adael yno: mae'n newid ohono'i hun.";
    show_wall: "Show the wallboard", "Dangos y bwrdd wal";
    // Call-backs at risk.
    risk_title: "Call-backs at risk", "Galwadau'n ôl mewn perygl";
    risk_more: "Their place is no longer there. Nothing moves by itself: open one to move it or to ask somebody else to make it.", "Nid yw eu lle yno mwyach. Nid oes dim yn symud ohono'i hun: agorwch un i'w symud neu i ofyn i rywun arall ei gwneud.";
    saved_with_risk: "It is saved. These call-backs are at risk now.", "Mae wedi'i gadw. Mae'r galwadau'n ôl hyn mewn perygl nawr.";
    client: "Client", "Cleient";
    promised_for: "Promised for", "Addawyd ar gyfer";
    why: "Why", "Pam";
    least_change: "The least change", "Y newid lleiaf";
    same_time_with: "At the same time by", "Ar yr un pryd gan";
    another_time: "Another time:", "Amser arall:";
    no_proposal: "No other place was found", "Ni chafwyd lle arall";
    adviser_away: "The adviser is away", "Mae'r cynghorydd i ffwrdd";
    capacity_fell: "More is booked than the site can make", "Mae mwy wedi'i drefnu nag y gall y safle ei wneud";
    is_closed: "The site is closed then", "Mae'r safle ar gau bryd hynny";
    skills_gone: "The adviser can no longer do what it needs", "Ni all y cynghorydd wneud yr hyn sydd ei angen mwyach";
} }

impl FloorWords {
    pub fn risk(&self, reason: RiskReason) -> &'static str {
        match reason {
            RiskReason::AdviserAway => self.adviser_away,
            RiskReason::CapacityFell | RiskReason::Unspecified => self.capacity_fell,
            RiskReason::Closed => self.is_closed,
            RiskReason::SkillsGone => self.skills_gone,
        }
    }

    /// "Answered within 20 seconds".
    pub fn within(&self, seconds: u32) -> String {
        match self.language {
            Language::English => format!("within {seconds} seconds"),
            Language::Welsh => format!("o fewn {seconds} eiliad"),
        }
    }

    /// What a chart shows, for whoever hears it.
    pub fn chart_told(&self, bars: usize, least: &str, most: &str) -> String {
        match self.language {
            Language::English => {
                format!("{bars} half-hours with calls, from {least} to {most}. The figures are in the table.")
            }
            Language::Welsh => format!("{bars} hanner awr â galwadau, o {least} i {most}. Mae'r ffigurau yn y tabl."),
        }
    }
}
