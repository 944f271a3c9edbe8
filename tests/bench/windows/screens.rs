//! How soon the server has written each screen of each role, and what it weighs.

use super::super::Outcome;
use super::super::autosave_grpc::signed;
use super::super::measure::{median_ms, percentile, verdict};
use super::browser::{Browser, attribute};
use super::house::{House, SITE};
use startline::access::Role;
use startline::definition::{Definition, Kind};
use startline::grpc::pb::GetClaimRequest;
use startline::grpc::pb::claim_service_client::ClaimServiceClient;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

/// Each screen that is measured, and who looks at it. `{..}` are of [`Places`].
const SCREENS: [(Role, &str); 34] = [
    (Role::Adviser, "/desk"),
    (Role::Adviser, "/callbacks"),
    (Role::Adviser, "/callbacks/missed"),
    (Role::Adviser, "/find?q=Hill"),
    (Role::Adviser, "/clients/{client}"),
    (Role::Adviser, "/clients/{client}/callback"),
    (Role::Adviser, "/walks/{inbound}"),
    (Role::Adviser, "/walks/{walk}"),
    (Role::Adviser, "/claims/{claim}"),
    (Role::Adviser, "/claims/{claim}/parts/{part}"),
    (Role::Adviser, "/claims/{claim}/meeting"),
    (Role::Adviser, "/claims/{claim}/finish"),
    (Role::Adviser, "/claims/{claim}/history"),
    (Role::TeamLeader, "/floor/{site}"),
    (Role::TeamLeader, "/roster"),
    (Role::TeamLeader, "/reports"),
    (Role::TeamLeader, "/callbacks/risk"),
    (Role::Supervisor, "/wall?sites={site}"),
    (Role::Admin, "/floor"),
    (Role::Admin, "/wall"),
    (Role::Admin, "/people"),
    (Role::Admin, "/operations"),
    (Role::PersonalAdviser, "/day"),
    (Role::PersonalAdviser, "/day/hours"),
    (Role::PersonalAdviser, "/steps"),
    (Role::Reception, "/day"),
    (Role::Reception, "/standby"),
    (Role::BenefitsExpert, "/checks"),
    (Role::PrintRoom, "/post"),
    (Role::PrintRoom, "/post/batches"),
    (Role::PrintRoom, "/post/exceptions"),
    (Role::PrivacyOfficer, "/access"),
    (Role::PrivacyOfficer, "/access/looks"),
    (Role::Agency, "/agency"),
];
const EVERY: Duration = Duration::from_millis(40);
/// Of each screen, with a thousand windows.
const MOST_SAMPLES: usize = 200;
/// Those that are told of by weight.
const HEAVIEST: usize = 5;

/// The records that are looked at.
#[derive(Clone)]
pub struct Places {
    pub client: String,
    pub claim: String,
    /// The part of the form with the most questions, and one of them that is answered with words.
    pub part: String,
    pub question: String,
    /// At that part.
    pub walk: String,
    pub inbound: String,
}

pub struct Screen {
    role: Role,
    /// As it stands in the list.
    name: &'static str,
    path: String,
    browser: Browser,
    took_us: Vec<u32>,
}

impl Places {
    pub async fn find(house: &House) -> Outcome<Self> {
        let adviser = house.advisers.first().ok_or("there is no adviser")?;
        let claim = house.claims.first().ok_or("there is no claim")?.to_string();
        let asked = GetClaimRequest { claim_id: claim.clone(), ..Default::default() };
        let mut claims = ClaimServiceClient::new(house.serving.connect().await?);
        let found = claims.get_claim(signed(asked, &adviser.token)).await?.into_inner().claim;
        let client = found.ok_or("no claim is told")?.client_id;
        let (part, question) = longest_part(&adviser.browser, &claim).await?;
        let walk = walk_at(&adviser.browser, &claim, &part).await?;
        let inbound = adviser.browser.send("/walks/start", &[("script", "inbound")]).await?;
        let inbound = inbound.location()?.trim_start_matches("/walks/").to_owned();
        Ok(Self { client, claim, part, question, walk, inbound })
    }

    fn fill(&self, path: &str) -> String {
        let Self { client, claim, part, walk, inbound, .. } = self;
        let words = [("client", client), ("claim", claim), ("part", part), ("walk", walk), ("inbound", inbound)];
        let path = path.replace("{site}", SITE);
        words.iter().fold(path, |path, (name, word)| path.replace(&format!("{{{name}}}"), word))
    }
}

/// A walk of the start-up call that fills this claim, at a part of the form.
pub async fn walk_at(browser: &Browser, claim: &str, part: &str) -> Outcome<String> {
    let begun = browser.send("/walks/start", &[("script", "start-up"), ("claim", claim)]).await?;
    let path = begun.location()?.to_owned();
    let page = browser.get(&path, "").await?.text();
    let etag = page.split("<input").find(|tag| tag.contains(" name=\"etag\"")).and_then(|tag| attribute(tag, "value"));
    let etag = etag.ok_or("a walk's page without its etag")?;
    browser.send(&format!("{path}/jump"), &[("part", part), ("etag", &etag)]).await?.location()?;
    Ok(path.trim_start_matches("/walks/").to_owned())
}

async fn longest_part(browser: &Browser, claim: &str) -> Outcome<(String, String)> {
    let definition = Definition::embedded();
    let mut longest = (0, None);
    for part in &definition.form.parts {
        let page = browser.get(&format!("/claims/{claim}/parts/{}", part.id), "").await?.text();
        let asked = page.matches(" name=\"s-a-").count();
        let in_words = part.questions.iter().find(|question| {
            matches!(question.kind, Kind::Text { max_chars } if max_chars >= 30)
                && question.fills_client.is_none()
                && page.contains(&format!(" name=\"a-{}\" type=\"text\"", question.id))
        });
        if let (true, Some(question)) = (asked > longest.0, in_words) {
            longest = (asked, Some((part.id.to_string(), question.id.to_string())));
        }
    }
    let (asked, found) = longest;
    let (part, question) = found.ok_or("no part of the form asks for words")?;
    println!("  the longest part of the form with a question answered in words: {part}, {asked} questions");
    Ok((part, question))
}

/// Those that there are, each looked at a few times.
pub async fn there_are(house: &House, places: &Places) -> Outcome<Vec<Screen>> {
    let adviser = house.advisers.first().ok_or("there is no adviser")?;
    let mut screens = Vec::new();
    for (role, name) in SCREENS {
        let path = places.fill(name);
        let browser = if role == Role::Adviser { &adviser.browser } else { house.browser_of(role)? }.clone();
        let mut status = 0;
        for _ in 0..3 {
            status = browser.get(&path, "").await?.status;
        }
        match status {
            200 => screens.push(Screen { role, name, path, browser, took_us: Vec::new() }),
            other => println!("  {path} for a {role}: answered {other}, not measured"),
        }
    }
    Ok(screens)
}

/// Each is asked for when it is due, whatever became of the one before.
pub async fn times(screens: &mut [Screen], windows: usize) -> Outcome {
    let samples = (windows / 5).clamp(10, MOST_SAMPLES);
    println!(" server time of a screen, {samples} times each, {} pages a second", 1_000 / EVERY.as_millis());
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut asked = JoinSet::new();
    for _ in 0..samples {
        for (at, screen) in screens.iter().enumerate() {
            ticks.tick().await;
            let (browser, path) = (screen.browser.clone(), screen.path.clone());
            asked.spawn(async move { (at, browser.get(&path, "").await) });
        }
    }
    let mut failed = 0;
    while let Some(answered) = asked.join_next().await {
        match answered? {
            (at, Ok(page)) if page.status == 200 => {
                screens[at].took_us.push(u32::try_from(page.took.as_micros())?);
            }
            _ => failed += 1,
        }
    }
    let mut slowest = (0.0, String::new());
    for screen in screens.iter_mut() {
        screen.took_us.sort_unstable();
        let p99 = percentile(&screen.took_us, 0.99) / 1e3;
        println!("  {}: p50 {:.1} ms, p99 {p99:.1} ms", screen.name(), median_ms(&screen.took_us));
        if p99 > slowest.0 {
            slowest = (p99, screen.name());
        }
    }
    if failed > 0 {
        println!("  NOT shown: {failed}");
    }
    verdict(&format!("p99 of the slowest screen ({}), in ms", slowest.1), slowest.0, 100.0, false);
    Ok(())
}

/// Each page with the style sheet and the script.
pub async fn weights(screens: &[Screen]) -> Outcome {
    let Some(first) = screens.first() else { return Err("there is no screen".into()) };
    let page = first.browser.get(&first.path, "").await?.text();
    let mut beside = 0;
    for (tag, name) in [("<link rel=\"stylesheet\"", "href"), ("<script", "src")] {
        let path = page.split_once(tag).and_then(|(_, after)| attribute(after.split('>').next()?, name));
        let asset = first.browser.get(&path.ok_or("a page without its style or script")?, "").await?;
        let size = asset.body.len();
        println!("  the {}: {size} bytes as it is sent", if name == "href" { "style sheet" } else { "script" });
        beside += size;
    }
    let mut weights = Vec::new();
    for screen in screens {
        let page = screen.browser.get(&screen.path, "").await?;
        if !page.is_compressed() {
            return Err(format!("{} is not sent compressed", screen.name()).into());
        }
        weights.push((page.body.len(), page.text().len(), screen.name()));
    }
    weights.sort_unstable_by(|one, other| other.cmp(one));
    for (sent, plain, name) in weights.iter().take(HEAVIEST) {
        println!("  {name}: {sent} bytes as it is sent, {plain} as it is read");
    }
    if let Some((sent, _, name)) = weights.first() {
        verdict(&format!("the heaviest page ({name}) with style and script, in kB"), kb(sent + beside), 60.0, false);
    }
    Ok(())
}

impl Screen {
    fn name(&self) -> String {
        format!("{} ({})", self.name, self.role)
    }
}

#[expect(clippy::cast_precision_loss, reason = "some thousands of bytes")]
pub fn kb(bytes: usize) -> f64 {
    bytes as f64 / 1e3
}
