//! Nothing that was said in a call reaches paper, a text or a calendar unless the definition marks it as printed: a letter is
//! opened by whoever is at home.

use crate::support::notify::{NotifyStandIn, http};
use crate::support::pdf::printed;
use crate::support::process::Process;
use crate::support::quiet::quiet_answer;
use crate::support::steps::{client_with_facts, draft, frome_facts};
use crate::support::values::{new_id, time, value};
use crate::support::{Engine, Home, Person, World};
use serde_json::{Value as Json, json};
use startline::definition::{Definition, Kind, Question, Text};
use startline::grpc::pb;
use startline::grpc::pb::create_calendar_feed_request::Whose;
use startline::ids::QuestionId;

/// A call in which anything may be said, the same each time for one seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most.max(1)
    }
}

/// What must be found nowhere.
#[derive(Default)]
struct Secrets {
    said: Vec<String>,
    asked: Vec<String>,
}

impl Secrets {
    fn word(&mut self) -> String {
        let word = format!("qz{}xw", self.said.len() + 100);
        self.said.push(word.clone());
        word
    }

    #[track_caller]
    fn are_not_in(&self, text: &str, what: &str) {
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for secret in self.said.iter().chain(&self.asked) {
            assert!(!plain.contains(secret.as_str()), "{what} says {secret:?}: {plain}");
        }
    }
}

/// Something that may be said to a question of a script.
fn anything(question: &Question, chance: &mut Chance, secrets: &mut Secrets) -> Json {
    match &question.kind {
        Kind::Text { .. } | Kind::LongText { .. } => json!(format!("They told us {}.", secrets.word())),
        Kind::YesNo => json!(["yes", "no"][chance.below(2)]),
        Kind::Choice(options) => json!(options[chance.below(options.len())].id),
        Kind::Multi(options) => json!([options[chance.below(options.len())].id]),
        kind => quiet_answer(kind),
    }
}

async fn walks_through(asha: &Person, client: &str, claim: &str, chance: &mut Chance, secrets: &mut Secrets) {
    walks_through_for(&["JSA", "HB"], asha, (client, claim), chance, secrets).await;
}

async fn walks_through_for(
    benefits: &[&str],
    asha: &Person,
    (client, claim): (&str, &str),
    chance: &mut Chance,
    secrets: &mut Secrets,
) {
    let definition = Definition::embedded();
    let script = definition.script("start-up").unwrap();
    let mut walk = asha.start_walk("start-up", client, claim).await;
    for _ in 0..600 {
        let Some(step) = walk.step.clone() else { return };
        let id = step.question.as_ref().map(|question| QuestionId::new(&question.question_id));
        let said = match (&id, &step.part) {
            (None, _) => None,
            // What is known is confirmed.
            (Some(_), _) if step.known_value.as_ref().is_some_and(|known| !is_null(known)) => None,
            (Some(id), Some(_)) => Some(quiet_answer(&definition.form.question(id).unwrap().kind)),
            (Some(id), None) if id.as_str() == "meeting_decision" => Some(json!("meeting")),
            (Some(id), None) if id.as_str() == "benefits_wanted" => Some(json!(benefits)),
            (Some(id), None) => Some(anything(script.question(id).unwrap(), chance, secrets)),
        };
        let request = |said: Option<&Json>| pb::AnswerQuestionRequest {
            request_id: new_id(),
            walk_id: walk.walk_id.clone(),
            etag: walk.etag.clone(),
            question_id: step.step_id.clone(),
            value: said.map(value),
        };
        let answered = asha.scripts().answer_question(request(said.as_ref())).await;
        walk = match answered {
            Ok(answered) => answered.into_inner().walk.unwrap(),
            // What is no answer here is left open.
            Err(_) => asha.scripts().answer_question(request(None)).await.unwrap().into_inner().walk.unwrap(),
        };
    }
    panic!("the walk goes round in a circle");
}

fn is_null(known: &prost_types::Value) -> bool {
    crate::support::values::json(known).is_null()
}

/// The labels of the script that are for advisers alone, where the form has no such words.
fn labels_for_advisers(definition: &Definition) -> Vec<String> {
    let both = |label: &Text| [Some(label.en.clone()), label.cy.clone()].into_iter().flatten().collect::<Vec<_>>();
    let form: String = definition.form.questions().flat_map(|question| both(&question.label)).collect();
    let script = definition.script("start-up").unwrap();
    let hidden = script.questions().filter(|question| !question.is_printed() && question.fills.is_none());
    let titles = script.stages.iter().filter(|stage| stage.heading.is_some()).flat_map(|stage| both(&stage.title));
    let labels = hidden.flat_map(|question| both(&question.label)).chain(titles);
    labels.filter(|label| label.len() > 12 && !form.contains(label.as_str())).collect()
}

/// Not even where everything is logged that can be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_said_is_in_the_log() {
    let home = Home::fresh(Engine::Sqlite).await;
    let asha = home.adviser("Asha", "somerset").await;
    let process = Process::serve_with(&home, |command| {
        command.env("STARTLINE_LOG", "info,startline=trace,sqlx=trace");
    })
    .await;
    let mut secrets = Secrets::default();
    for seed in 1..=2 {
        let name = format!("Quibblethwaite{}", ["a", "b"][usize::try_from(seed - 1).unwrap()]);
        let facts = pb::ClientFacts { last_name: name.clone(), phone: format!("07700 90013{seed}"), ..frome_facts() };
        secrets.said.extend([name, format!("90013{seed}"), facts.postcode.clone()]);
        let (client, claim) = client_with_facts(&asha, facts).await;
        walks_through(&asha, &client.client_id, &claim.claim_id, &mut Chance(seed), &mut secrets).await;
        let (street, who) = (secrets.word(), secrets.word());
        let letters = json!({"address": format!("c/o {street}\nBath"), "postcode": "BA1 1AA", "opened_by": who});
        let standing = asha.claim(&claim.claim_id).await.answers;
        let seen = standing.iter().find(|one| one.question_id == "B12").map_or(0, |one| one.revision);
        asha.save(&claim.claim_id, vec![draft("B12", &letters, seen)]).await.unwrap();
        // And what is refused.
        let wrong = json!({"address": secrets.word(), "postcode": format!("no {}", secrets.word())});
        assert!(asha.save(&claim.claim_id, vec![draft("B12", &wrong, seen + 1)]).await.is_err());
    }
    process.terminate().await;
    let log = process.ended().await.errors;
    // Both are there: every request by its name, and every statement.
    assert!(log.contains("SaveAnswers") && log.contains("sqlx::query"), "{}", &log[..2_000]);
    secrets.are_not_in(&log, "the log");
}

mod pdf_tools {
    use super::*;
    use crate::letters::{books_again, letter};
    use crate::still_holds::{callback_letter, missed_letter};
    use crate::support::print_steps::{PackPeople, pack_people};
    use startline::packs::PackSubject;
    use std::collections::BTreeSet;
    use std::time::{Duration, Instant};

    /// As letters look: the language, how Welsh stands beside the English, large print.
    const LOOKS: [(&str, &str, bool); 6] = [
        ("en", "", false),
        ("cy", "side_by_side", false),
        ("cy", "facing", true),
        ("en", "", true),
        ("cy", "facing", false),
        ("cy", "side_by_side", true),
    ];
    /// So many walks are told each time, with each look and each thing that may come after; `STARTLINE_PRINTED_SECONDS` goes on
    /// with others for so long.
    const WALKS: u64 = 8;

    /// Somebody who was asked everything, and what they are sent.
    struct Walked {
        seed: u64,
        client: String,
        claim: pb::Claim,
        meeting: pb::Appointment,
    }

    async fn walked(world: &World, asha: &Person, seed: u64, secrets: &mut Secrets) -> Walked {
        let mut chance = Chance(seed);
        let (language, layout, large_print) = LOOKS[usize::try_from(seed).unwrap() % LOOKS.len()];
        let letter = |digit: char| char::from(b'a' + u8::try_from(digit.to_digit(10).unwrap()).unwrap());
        let facts = pb::ClientFacts {
            last_name: format!("Fry{}", seed.to_string().chars().map(letter).collect::<String>()),
            phone: format!("07700 900{:03}", 120 + seed),
            letter_language: language.into(),
            letter_layout: layout.into(),
            large_print,
            ..frome_facts()
        };
        let (client, claim) = client_with_facts(asha, facts).await;
        // Of those who claim for want of work, the Employment Service is told when they miss a meeting.
        let benefits = if seed % 4 == 2 { ["IS", "HB"] } else { ["JSA", "HB"] };
        walks_through_for(&benefits, asha, (&client.client_id, &claim.claim_id), &mut chance, secrets).await;
        // Where letters go is told to nobody, and least of all before they do.
        let (street, who) = (secrets.word(), secrets.word());
        let letters = json!({"address": format!("c/o {street}\nBath"), "postcode": "BA1 1AA", "opened_by": who, "from": "1 May 2026"});
        let standing = asha.claim(&claim.claim_id).await.answers;
        let seen = standing.iter().find(|one| one.question_id == "B12").map_or(0, |one| one.revision);
        asha.save(&claim.claim_id, vec![draft("B12", &letters, seen)]).await.unwrap();
        let slot = asha.find_slots(&claim.claim_id).await.remove(0);
        let held = asha.hold(&claim.claim_id, &slot).await.unwrap();
        let meeting = asha.book(&held.appointment_id).await.unwrap();
        asha.completes(&claim.claim_id, pb::Delivery::Post, "").await.unwrap();
        let pack = asha.awaits_pack(&claim.claim_id).await;
        let text = printed(&world.folder, &asha.pdf(&pack.pack_id).await);
        assert!(text.contains("Catherine Hill"), "seed {seed}: {text}");
        assert!(language != "en" || large_print || text.contains("What we talked about"), "seed {seed}: {text}");
        secrets.are_not_in(&text, &format!("the pack of seed {seed}"));
        Walked { seed, client: client.client_id, claim, meeting }
    }

    /// What is written after the call: that the meeting is off, that there is another, that it is put off, that it was missed.
    async fn is_written_to(world: &World, people: &PackPeople, one: &Walked) -> BTreeSet<String> {
        let (asha, claim) = (&people.asha, &one.claim.claim_id);
        match one.seed % 4 {
            0 => {
                asha.cancel_meeting(&one.meeting.appointment_id).await;
                letter(asha, &one.client, "meeting_off").await;
                world.wait(60);
                books_again(asha, claim).await;
                letter(asha, &one.client, "new_time").await;
            }
            1 => {
                asha.defer_meeting(claim, "health", "2026-05-01").await.unwrap();
                letter(asha, &one.client, "deferral").await;
            }
            2 => drop(missed_letter(world, people, &one.claim, &one.meeting).await),
            _ => {}
        }
        asha.packs_of_client(&one.client).await.into_iter().map(|pack| pack.kind).collect()
    }

    home_story!(nothing_that_is_not_marked_is_on_paper_in_a_reminder_or_in_a_calendar, |mut home| {
        home.open_to_the_web();
        let notify = NotifyStandIn::start().await;
        home.send_by(&notify);
        let world = World::on(home).await;
        let people = pack_people(&world).await;
        let (asha, petra) = (&people.asha, &people.petra);
        let feed = pb::CreateCalendarFeedRequest {
            request_id: new_id(),
            whose: Some(Whose::PersonalAdviserId(petra.id.clone())),
        };
        let feed = petra.calendars().create_calendar_feed(feed).await.unwrap().into_inner().url;
        let (_, path) = feed.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut secrets = Secrets { asked: labels_for_advisers(&Definition::embedded()), ..Secrets::default() };
        let seconds = std::env::var("STARTLINE_PRINTED_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
        let until = Instant::now() + Duration::from_secs(seconds.unwrap_or_default());
        let mut all = Vec::new();
        // The telephone numbers that are nobody's are a few hundred.
        for seed in (1..400).take_while(|seed| *seed <= WALKS || Instant::now() < until) {
            all.push(walked(&world, asha, seed, &mut secrets).await);
        }
        let served = http(world.web_address(), "GET", &format!("/{path}"), &[], "").await;
        assert!(served.body.contains("BEGIN:VEVENT"));
        secrets.are_not_in(&served.body, "the calendar");
        let starts = all.iter().map(|one| time(one.meeting.slot.as_ref().unwrap().start_time));
        world.wait_until(starts.min().unwrap() - chrono::TimeDelta::hours(20));
        let request = pb::ListReminderCallsRequest::default();
        for call in asha.reminders().list_reminder_calls(request).await.unwrap().into_inner().calls {
            secrets.are_not_in(&call.words, "a reminder");
        }
        // Those whom nobody rings are sent a text or a letter.
        for one in notify.has_taken(1).await {
            secrets.are_not_in(&one.request.to_string(), "what is sent");
        }
        // What lies in the post cannot be taken back: another letter has to follow it.
        for _ in &all {
            people.room.print_and_post().await;
        }
        // Whoever is missed is missed last: by then it is another day.
        all.sort_by_key(|one| (one.seed % 4 == 2, one.seed));
        let mut kinds = BTreeSet::new();
        for one in &all {
            kinds.extend(is_written_to(&world, &people, one).await);
            for pack in asha.packs_of_client(&one.client).await {
                let text = printed(&world.folder, &asha.pdf(&pack.pack_id).await);
                secrets.are_not_in(&text, &format!("the {} of seed {}", pack.kind, one.seed));
            }
        }
        let known: BTreeSet<String> = PackSubject::KINDS.iter().map(|kind| (*kind).to_owned()).collect();
        // The letter after a call-back is below, that about a decision in `obligation.rs`, that after a death in `what_follows.rs`.
        kinds.extend(["missed_callback".into(), "decision".into(), "death".into()]);
        assert_eq!(kinds, known, "every other kind is here");
    });

    story!(the_letter_after_a_call_back_that_nobody_answered_says_nothing_of_the_call_before, |world| {
        let asha = world.adviser("Asha", "somerset").await;
        let mut secrets = Secrets { asked: labels_for_advisers(&Definition::embedded()), ..Secrets::default() };
        let facts = pb::ClientFacts {
            letter_language: "cy".into(),
            letter_layout: "facing".into(),
            phone: "07700 900201".into(),
            ..frome_facts()
        };
        let (client, claim) = client_with_facts(&asha, facts).await;
        walks_through(&asha, &client.client_id, &claim.claim_id, &mut Chance(1), &mut secrets).await;
        callback_letter(&world, &asha, &client.client_id).await;
        let pack = letter(&asha, &client.client_id, "missed_callback").await;
        let text = printed(&world.folder, &asha.pdf(&pack.pack_id).await);
        assert!(text.contains("07700 900201"), "{text}");
        secrets.are_not_in(&text, "the letter");
    });

    story!(a_pack_goes_to_the_letters_address_and_says_it_only_in_the_window, |world| {
        let asha = world.adviser("Asha", "somerset").await;
        let petra = world.personal_adviser("Petra", "somerset").await;
        petra.works_at("frome").await;
        let (_, claim) = client_with_facts(&asha, frome_facts()).await;
        let letters = json!({"address": "c/o Quillwort House\nBath", "postcode": "BA1 1AA", "opened_by": "the warden"});
        let said = vec![draft("A1", &json!(["JSA"]), 0), draft("B12", &letters, 0)];
        asha.save(&claim.claim_id, said).await.unwrap();
        let slot = asha.find_slots(&claim.claim_id).await.remove(0);
        let held = asha.hold(&claim.claim_id, &slot).await.unwrap();
        asha.book(&held.appointment_id).await.unwrap();
        asha.completes(&claim.claim_id, pb::Delivery::Post, "").await.unwrap();
        let pack = asha.awaits_pack(&claim.claim_id).await;
        let text = printed(&world.folder, &asha.pdf(&pack.pack_id).await);
        assert_eq!(text.matches("Quillwort").count(), 1, "{text}");
        let window = text.find("Quillwort").unwrap();
        assert!(window < text.find("Dear Ms Fry").unwrap() && text[window..].contains("BA1 1AA"), "{text}");
        assert!(!text.contains("the warden"));
    });
}
