//! Every sentence of the letters is shown by some case, and every one that depends on something is hidden by another.

use super::tests::{collect_text, pressed};
use super::*;
use crate::content::{self, Answer, NoMeeting, PackContent};
use crate::samples;
use crate::words::of_files;
use startline_definition::Definition;
use startline_foundation::formats::Language;
use startline_rooms::diary::WaiverReason;
use std::collections::BTreeSet;

/// What every document says that says anything of its section.
const ALWAYS: &str = "
    site.phone
    foot.page
    spoken.chosen spoken.empty
    pack.name
    letter.dear letter.quote letter.sincerely letter.adviser letter.help
    covering.name covering.thanks covering.now covering.read covering.read_more covering.fill covering.fill_more
    covering.decided
    appointment.where appointment.inside appointment.who appointment.your_adviser appointment.long
    appointment.minutes appointment.phone appointment.reference
    summary.name summary.title summary.lead summary.agreed summary.claiming summary.wrong
    advice.service advice.rights advice.benefits
    form.part
    boxes.day
    bank.account_holder bank.bank bank.sort_code bank.account_number bank.roll_number
    access.name access.lead access.made access.ask access.times
    access.role_privacy_officer access.what_looks
    agency.name agency.lead agency.claimed agency.dates agency.first_contact agency.stood agency.made
    missed_meeting.name missed_meeting.subject decision.name decision.subject
    new_time.name new_time.subject new_time.moved new_time.bring
    meeting_off.name meeting_off.subject
    death.name death.subject
    deferral.name deferral.claim_goes_on deferral.sooner
    missed_callback.name missed_callback.subject missed_callback.tried missed_callback.number
    missed_callback.other_time missed_callback.protected missed_callback.ready missed_callback.ready_nino
    missed_callback.ready_money missed_callback.ready_home missed_callback.ready_quiet
";

/// Wordings that templates or the program take from the file themselves: these are looked for in the text.
fn is_taken_as_it_is(section: &str, key: &str) -> bool {
    ["foot", "pack", "spoken", "boxes", "bank", "site", "advice"].contains(&section)
        || ["name", "role_", "what_", "why_", "times"].iter().any(|begins| key.starts_with(begins))
        || ["form.part", "appointment.ask_the_way"].contains(&format!("{section}.{key}").as_str())
}

/// A composer whose templates note each wording that they set.
fn noting() -> Composer {
    let mut files = Definition::embedded().files().clone();
    let style = String::from_utf8(files["letters/style.typ"].clone()).expect("it is text");
    let begins = "#let word(section, key, lang, ..fills) = {";
    assert!(style.contains(begins), "the templates take their words by another function now");
    let noted = format!("{begins}\n  [#metadata(section + \".\" + key) <said>]");
    files.insert("letters/style.typ".into(), style.replace(begins, &noted).into_bytes());
    Composer::new(&files).expect("the letters can be read")
}

/// The wordings that a pack shows.
fn shown(composer: &Composer, main: &str, content: &impl Printable) -> BTreeSet<String> {
    let json = serde_json::to_vec(&sanitize(content)).expect("content is plain data");
    let codes = Codes { pack: startline_foundation::ids::PackId(uuid::Uuid::nil()), definition: [0; 3] };
    let world = composer.stationery.with_data(main, content.look(), Some(codes), json).expect("it has its templates");
    let document = typst::compile::<PagedDocument>(&world).output.expect("the letters compile");
    let label = Label::new(PicoStr::intern("said")).expect("it is a label");
    let noted = document.introspector().query(&Selector::Label(label));
    let value = |mark: &typst::foundations::Content| mark.field_by_name("value").ok()?.cast::<String>().ok();
    let mut shown: BTreeSet<String> = noted.iter().filter_map(value).collect();
    let mut text = String::new();
    document.pages().iter().for_each(|page| collect_text(&page.frame, &mut text));
    text.push_str(typst::model::Document::info(&document).title.as_deref().unwrap_or_default());
    // Apostrophes are set curly, whatever the words have.
    let plain = |text: &str| pressed(text).replace('\u{2019}', "'");
    let text = plain(&text);
    let words = of_files(Definition::embedded().files()).expect("it can be read");
    // The words for people's work stand in many a letter: they are looked for in the list that says them.
    let is_looked_for =
        |section: &str| if main == ACCESS { ["foot", "access"].contains(&section) } else { section != "access" };
    for (section, key, wording) in words.all().filter(|(section, ..)| is_looked_for(section)) {
        let language = if content.look().layout == Layout::English { Language::English } else { Language::Welsh };
        let mut pieces = wording.in_language(language).split(['{', '}']).step_by(2);
        if is_taken_as_it_is(section, key) && pieces.all(|piece| text.contains(&plain(piece))) {
            shown.insert(format!("{section}.{key}"));
        }
    }
    shown
}

/// Clients, and what may be otherwise with each.
fn cases(composer: &Composer) -> Vec<PackContent> {
    let definition = Definition::embedded();
    let mut cases = samples::for_linter(&definition, composer.words()).expect("the samples are whole");
    let claim = samples::job_seeker(&definition, composer.words()).expect("the sample is whole");
    let mut like = |change: &dyn Fn(&mut PackContent)| {
        let mut other = claim.clone();
        other.form.iter_mut().for_each(|form| form.parts.truncate(2));
        change(&mut other);
        cases.push(other);
    };
    like(&|content| content.replaces = Some("Monday 3 April 2000".into()));
    for follows in ["binding", "referred", "free"] {
        like(&|content| content.appointment.iter_mut().for_each(|appointment| appointment.follows = follows));
    }
    like(&|content| content.evidence.clear());
    like(&|content| content.evidence.iter_mut().for_each(|line| line.substitutes = None));
    like(&|content| content.evidence.iter_mut().for_each(|line| line.substitutes = Some("Another paper".into())));
    like(&|content| {
        content
            .summary
            .iter_mut()
            .for_each(|summary| (summary.left, summary.covered) = (summary.covered.clone(), Vec::new()))
    });
    like(&|content| {
        if let Some(appointment) = &mut content.appointment {
            appointment.ground_floor = true;
            appointment.office_id = "an-office-nobody-described".into();
        }
    });
    like(&|content| {
        if let Some(form) = &mut content.form {
            form.left_out.clear();
            form.partner_signs = !form.partner_signs;
            form.parts[1].questions[1].answer = Answer::line("very long ".repeat(100));
        }
    });
    like(&|content| {
        content.appointment = None;
        content.form.iter_mut().for_each(|form| form.partner_signs = false);
    });
    like(&|content| content.site.hours = "".into());
    let deferral =
        cases.iter().find(|content| content.kind == "deferral").cloned().expect("somebody's meeting is put off");
    let review_day = deferral.no_meeting.as_ref().and_then(|decision| decision.review_day.clone());
    let said = deferral.no_meeting.as_ref().and_then(|decision| decision.said.clone());
    let waived = WaiverReason::ALL.into_iter().map(|reason| ("waived", reason.as_str(), None, None));
    for (kind, reason, said, review_day) in [("deferred", "health", said, review_day)].into_iter().chain(waived) {
        let mut letter = deferral.clone();
        letter.no_meeting = Some(NoMeeting { kind, reason: reason.to_owned(), said, review_day });
        cases.push(letter);
    }
    let mut missed =
        cases.iter().find(|content| content.kind == "missed_meeting").cloned().expect("somebody missed one");
    missed.appointment = None;
    cases.push(missed);
    cases
}

#[test]
fn every_wording_has_a_case_that_shows_it_and_what_depends_on_something_one_that_hides_it() {
    let composer = noting();
    let mut shows: Vec<BTreeSet<String>> =
        cases(&composer).iter().map(|content| shown(&composer, MAIN, content)).collect();
    let copy = samples::agency_copy(&Definition::embedded(), composer.words()).expect("the sample is whole");
    shows.push(shown(&composer, AGENCY, &copy));
    shows.push(shown(&composer, AGENCY, &content::AgencyCopy { evidence: Vec::new(), ..copy }));
    let lists = samples::access_lists(&Definition::embedded(), composer.words()).expect("the samples are whole");
    shows.extend(lists.iter().map(|(_, list)| shown(&composer, ACCESS, list)));
    let words = of_files(Definition::embedded().files()).expect("it can be read");
    let (mut never, mut always, mut sometimes) = (Vec::new(), Vec::new(), Vec::new());
    for (section, key, _) in words.all() {
        let name = format!("{section}.{key}");
        // Where its document is: one that shows anything else of its section.
        let of_section = |said: &&BTreeSet<String>| {
            said.iter()
                .any(|other| other.split_once('.').is_some_and(|(of, key)| of == section && !key.starts_with("name")))
        };
        let there: Vec<bool> = shows.iter().filter(of_section).map(|said| said.contains(&name)).collect();
        if !shows.iter().any(|said| said.contains(&name)) {
            never.push(name);
        } else if there.iter().all(|shown| *shown) {
            always.push(name);
        } else {
            sometimes.push(name);
        }
    }
    let is_meant = |name: &&String| ALWAYS.split_whitespace().any(|always| always == name.as_str());
    let unmeant: Vec<&String> = always.iter().filter(|name| !is_meant(name)).collect();
    let hidden: Vec<&String> = sometimes.iter().filter(is_meant).collect();
    assert!(
        never.is_empty() && unmeant.is_empty() && hidden.is_empty(),
        "no case shows {never:?}; no case hides {unmeant:?}; to be said in every case, and hidden by one: {hidden:?}"
    );
}
