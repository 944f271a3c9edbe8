//! The table of `walls`, against a second telling of it.

use super::super::duty::Duty;
use super::*;
use proptest::prelude::*;
use startline_foundation::ids::UserId;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(986_040_000, 0).unwrap()
}

fn me() -> UserId {
    UserId::parse("", "00000000-0000-7000-8000-000000000001").unwrap()
}

fn somebody() -> UserId {
    UserId::parse("", "00000000-0000-7000-8000-000000000002").unwrap()
}

fn client() -> ClientId {
    ClientId::parse("", "00000000-0000-7000-8000-000000000003").unwrap()
}

fn claim(number: u8) -> ClaimId {
    ClaimId::parse("", &format!("00000000-0000-7000-8000-00000000010{number}")).unwrap()
}

/// At Somerset; a personal adviser, reception or expert at one office of it when one is named.
fn user(role: Role, office: Option<&str>) -> User {
    let site = role.works_at_a_site().then(|| SiteId::new("somerset"));
    let agency = (role == Role::Agency).then(|| AgencyId::new("BA"));
    let office = office.filter(|_| role.works_at_an_office()).map(OfficeId::new);
    let duty = Duty { office, agency, ..Duty::new(role, site.clone(), noon()) };
    let roles = [role].into_iter().collect();
    User { id: me(), name: "Asha".into(), site, roles, duties: vec![duty], skills: Vec::new() }
}

fn place(serves: &[&str], call: Option<CallInHand>) -> Place {
    Place {
        serves: serves.iter().map(|site| SiteId::new(site)).collect(),
        offices: ["frome", "taunton"].map(OfficeId::new).to_vec(),
        call,
    }
}

fn case(kind: Kind, site: Option<&str>, home: Option<&str>) -> Case {
    Case {
        kind,
        client: Some(client()),
        claim: Some(claim(1)),
        site: site.map(SiteId::new),
        home: home.map(SiteId::new),
        holder: None,
    }
}

fn ground(user: &User, place: &Place, case: &Case, ties: &[Tie]) -> Option<Ground> {
    right(user, place, case, ties).map(|right| right.ground)
}

fn right(user: &User, place: &Place, case: &Case, ties: &[Tie]) -> Option<Right> {
    by_the_case(user, case)
        .or_else(|| by_the_place(user, place, case))
        .or_else(|| by_the_ties(user, place, case, ties, noon()).first().copied())
}

const ADVISES: [Role; 2] = [Role::Adviser, Role::TeamLeader];

/// A site's own work is its advisers'; its call-backs its supervisors' as well, and what is printed there its print room's.
#[test]
fn the_work_of_the_own_site_and_of_another() {
    for role in Role::ALL {
        let user = user(role, None);
        for kind in Kind::ALL {
            let at_home = place(&["somerset"], None);
            let own = ground(&user, &at_home, &case(kind, Some("somerset"), Some("leeds")), &[]);
            let lives_here = ground(&user, &at_home, &case(kind, Some("leeds"), Some("somerset")), &[]);
            let other = ground(&user, &at_home, &case(kind, Some("leeds"), Some("leeds")), &[]);
            assert_eq!(other, None, "{role} reached another site's {}", kind.as_str());
            let printed_elsewhere = role == Role::PrintRoom && kind != Kind::Client;
            let due_here = if printed_elsewhere { None } else { own };
            assert_eq!(lives_here, due_here, "{role} {}", kind.as_str());
            let print_room = matches!(
                kind,
                Kind::Pack | Kind::PrintJob | Kind::PackException | Kind::Claim | Kind::Client | Kind::Callback
            );
            let due = match role {
                Role::Adviser | Role::TeamLeader => Some(Ground::OwnSite),
                Role::Supervisor if matches!(kind, Kind::Callback | Kind::MissedCaller) => Some(Ground::OwnSite),
                Role::PrintRoom if print_room => Some(Ground::Printing),
                _ => None,
            };
            assert_eq!(own, due, "{role} {}", kind.as_str());
        }
    }
}

#[test]
fn a_lost_sites_work_is_that_of_the_sites_that_help_it() {
    let helps = place(&["somerset", "leeds"], None);
    for role in Role::ALL {
        let reached = ground(&user(role, None), &helps, &case(Kind::Claim, Some("leeds"), Some("leeds")), &[]);
        assert_eq!(reached, ADVISES.contains(&role).then_some(Ground::HelpedSite), "{role}");
    }
}

#[test]
fn whoever_has_the_caller_on_the_telephone_reaches_the_callers_area() {
    let here = |home: Option<&str>, client: Option<ClientId>| {
        place(&["somerset"], Some(CallInHand { home: home.map(SiteId::new), client }))
    };
    let leeds = case(Kind::Client, None, Some("leeds"));
    for role in Role::ALL {
        let user = user(role, None);
        let due = ADVISES.contains(&role).then_some(Ground::CallInHand);
        assert_eq!(ground(&user, &here(Some("leeds"), None), &leeds, &[]), due, "{role}");
        assert_eq!(ground(&user, &here(Some("bath"), None), &leeds, &[]), None, "{role}: of another area");
        assert_eq!(ground(&user, &here(None, None), &leeds, &[]), None, "{role}: of no area yet");
        assert_eq!(ground(&user, &here(None, Some(client())), &leeds, &[]), due, "{role}: passed on with the client");
        let homeless = case(Kind::MissedCaller, None, None);
        assert_eq!(ground(&user, &here(None, None), &homeless, &[]), None, "{role}: no area is no match");
    }
}

#[test]
fn each_tie_opens_the_record_to_whom_it_is_meant_for_and_to_nobody_else() {
    let meeting = |office: &str, with, days_ago| Tie::Meeting {
        office: OfficeId::new(office),
        personal_adviser: with,
        starts_at: noon() - TimeDelta::days(days_ago),
    };
    let meets = [Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert];
    let asks = [Role::Adviser, Role::TeamLeader, Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert];
    let agency = |number, agency: &str| Tie::HandedOver { claim: claim(number), agency: AgencyId::new(agency) };
    let asked = |by, hours| Tie::Asked { by, until: noon() + TimeDelta::hours(hours) };
    let moved = |from: &str, days| Tie::Moved { from: from.into(), at: noon() - TimeDelta::days(days) };
    let rows: [(&str, Tie, &[Role], Ground); 22] = [
        ("a meeting with them", meeting("leeds", me(), 0), &[Role::PersonalAdviser], Ground::OwnMeeting),
        ("a meeting at the office", meeting("frome", somebody(), 0), &meets, Ground::MeetingAtOffice),
        ("one at another office", meeting("leeds", somebody(), 0), &[], Ground::MeetingAtOffice),
        ("one of last year", meeting("frome", somebody(), 92), &[], Ground::MeetingAtOffice),
        ("one to come", meeting("frome", somebody(), -90), &meets, Ground::MeetingAtOffice),
        ("their site's work", Tie::Work { site: "somerset".into() }, &ADVISES, Ground::OwnSite),
        ("another site's", Tie::Work { site: "leeds".into() }, &[], Ground::OwnSite),
        ("who moved away", moved("somerset", 28), &ADVISES, Ground::MovedAway),
        ("who moved away long ago", moved("somerset", 29), &[], Ground::MovedAway),
        ("who moved from elsewhere", moved("leeds", 0), &[], Ground::MovedAway),
        ("a step", Tie::Step { site: "somerset".into() }, &meets, Ground::OpenStep),
        ("a step elsewhere", Tie::Step { site: "leeds".into() }, &[], Ground::OpenStep),
        (
            "a claim to check",
            Tie::ToBeChecked { site: "somerset".into() },
            &[Role::BenefitsExpert],
            Ground::ToBeChecked,
        ),
        ("one elsewhere", Tie::ToBeChecked { site: "leeds".into() }, &[], Ground::ToBeChecked),
        ("no meeting", Tie::WithoutMeeting { site: "somerset".into() }, &[Role::PersonalAdviser], Ground::ToBeLodged),
        ("no meeting there", Tie::WithoutMeeting { site: "leeds".into() }, &[], Ground::ToBeLodged),
        ("their call-back", Tie::Attempt { adviser: me() }, &ADVISES, Ground::CallbackInHand),
        ("somebody's call-back", Tie::Attempt { adviser: somebody() }, &[], Ground::CallbackInHand),
        ("handed over to them", agency(1, "BA"), &[Role::Agency], Ground::HandedOver),
        ("another claim of the client", agency(2, "BA"), &[], Ground::HandedOver),
        ("asked for", asked(me(), 1), &asks, Ground::AskedFor),
        ("asked for by somebody else", asked(somebody(), 1), &[], Ground::AskedFor),
    ];
    for role in Role::ALL {
        let (user, place) = (user(role, None), place(&["somerset"], None));
        let elsewhere = case(Kind::Claim, Some("leeds"), Some("leeds"));
        for (what, tie, roles, due) in &rows {
            let reached = ground(&user, &place, &elsewhere, std::slice::from_ref(tie));
            assert_eq!(reached, roles.contains(&role).then_some(*due), "{role}: {what}");
        }
        assert_eq!(ground(&user, &place, &elsewhere, &[asked(me(), 0)]), None, "{role}: asked for and over");
        assert_eq!(ground(&user, &place, &elsewhere, &[agency(1, "LA")]), None, "{role}: another agency's");
    }
}

#[test]
fn whoever_works_at_one_office_does_not_work_at_the_next() {
    let at =
        |office: &str| Tie::Meeting { office: OfficeId::new(office), personal_adviser: somebody(), starts_at: noon() };
    let (here, elsewhere) = (place(&["somerset"], None), case(Kind::Client, None, Some("somerset")));
    for role in [Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert] {
        let user = user(role, Some("frome"));
        assert_eq!(ground(&user, &here, &elsewhere, &[at("frome")]), Some(Ground::MeetingAtOffice), "{role}");
        assert_eq!(ground(&user, &here, &elsewhere, &[at("taunton")]), None, "{role}");
    }
}

/// Of several roles the one whose rule it is.
#[test]
fn the_role_is_the_one_whose_rule_opens_the_record() {
    let with = |duties: &[(Role, Option<&str>)]| {
        let duties: Vec<Duty> = duties.iter().flat_map(|(role, office)| user(*role, *office).duties).collect();
        User { roles: duties.iter().map(|duty| duty.role).collect(), duties, ..user(Role::Adviser, None) }
    };
    let (here, elsewhere) = (place(&["somerset"], None), case(Kind::Client, None, Some("leeds")));
    let role = |user: &User, case: &Case, tie: Option<Tie>| {
        right(user, &here, case, &tie.into_iter().collect::<Vec<_>>()).map(|right| right.role)
    };
    let meeting =
        |office: &str, with| Tie::Meeting { office: OfficeId::new(office), personal_adviser: with, starts_at: noon() };
    let covers = with(&[(Role::Adviser, None), (Role::PersonalAdviser, None)]);
    assert_eq!(role(&covers, &elsewhere, Some(meeting("frome", me()))), Some(Role::PersonalAdviser));
    assert_eq!(role(&covers, &elsewhere, Some(Tie::Work { site: "somerset".into() })), Some(Role::Adviser));
    let leads = with(&[(Role::Supervisor, None), (Role::TeamLeader, None)]);
    assert_eq!(role(&leads, &case(Kind::Callback, Some("somerset"), None), None), Some(Role::TeamLeader));
    // At one office she sits at the desk, at the other she holds meetings.
    let both = with(&[(Role::Reception, Some("frome")), (Role::PersonalAdviser, Some("taunton"))]);
    assert_eq!(role(&both, &elsewhere, Some(meeting("frome", somebody()))), Some(Role::Reception));
    assert_eq!(role(&both, &elsewhere, Some(meeting("taunton", somebody()))), Some(Role::PersonalAdviser));
}

/// A step is at the office that meets the client; of whom nobody meets, at any.
#[test]
fn a_step_is_done_at_the_office_that_meets_the_client() {
    let (here, elsewhere) = (place(&["somerset"], None), case(Kind::Step, Some("leeds"), Some("leeds")));
    let step = || Tie::Step { site: "somerset".into() };
    let met = |office: &str, days_ago| Tie::Meeting {
        office: OfficeId::new(office),
        personal_adviser: somebody(),
        starts_at: noon() - TimeDelta::days(days_ago),
    };
    for role in [Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert] {
        let (one, all) = (user(role, Some("frome")), user(role, None));
        assert_eq!(ground(&one, &here, &elsewhere, &[step()]), Some(Ground::OpenStep), "{role}");
        assert_eq!(ground(&one, &here, &elsewhere, &[step(), met("taunton", 1)]), None, "{role}");
        assert_eq!(ground(&one, &here, &elsewhere, &[step(), met("taunton", 92)]), Some(Ground::OpenStep), "{role}");
        assert!(ground(&one, &here, &elsewhere, &[step(), met("taunton", 1), met("frome", 1)]).is_some(), "{role}");
        assert!(ground(&all, &here, &elsewhere, &[step(), met("taunton", 1)]).is_some(), "{role}: of the whole site");
    }
}

/// A duty for the whole site sees the whole site's lists.
#[test]
fn lists_are_of_the_offices_that_every_duty_names() {
    assert_eq!(at_offices(&user(Role::Reception, None)), None);
    assert_eq!(at_offices(&user(Role::Adviser, None)), None);
    let pam = user(Role::PersonalAdviser, Some("frome"));
    let seen = AtOffices { offices: vec![OfficeId::new("frome")], own: Some(me()) };
    assert_eq!(at_offices(&pam), Some(seen));
    let covers = User { duties: [pam.duties.clone(), user(Role::Adviser, None).duties].concat(), ..pam };
    assert_eq!(at_offices(&covers), None);
}

#[test]
fn what_has_no_client_yet_is_whoevers_it_is() {
    let walk = Case { client: None, claim: None, holder: Some(me()), ..case(Kind::Walk, None, None) };
    let theirs = Case { holder: Some(somebody()), ..walk.clone() };
    let here = place(&["somerset"], None);
    assert_eq!(ground(&user(Role::Adviser, None), &here, &walk, &[]), Some(Ground::Theirs));
    assert_eq!(ground(&user(Role::Adviser, None), &here, &theirs, &[]), None);
}

fn any_role() -> impl Strategy<Value = Role> {
    proptest::sample::select(Role::ALL.to_vec())
}

fn any_site() -> impl Strategy<Value = Option<&'static str>> {
    proptest::option::of(proptest::sample::select(vec!["somerset", "leeds", "bath"]))
}

fn any_tie() -> impl Strategy<Value = Tie> {
    let office = proptest::sample::select(vec!["frome", "taunton", "leeds"]);
    let person = || proptest::sample::select(vec![me(), somebody()]);
    let site = || proptest::sample::select(vec!["somerset", "leeds"]);
    prop_oneof![
        (office, person(), -100_i64..100).prop_map(|(office, with, days)| Tie::Meeting {
            office: OfficeId::new(office),
            personal_adviser: with,
            starts_at: noon() + TimeDelta::days(days),
        }),
        (site(), 0_i64..40)
            .prop_map(|(site, days)| Tie::Moved { from: site.into(), at: noon() - TimeDelta::days(days) }),
        site().prop_map(|site| Tie::Work { site: site.into() }),
        site().prop_map(|site| Tie::Step { site: site.into() }),
        site().prop_map(|site| Tie::ToBeChecked { site: site.into() }),
        site().prop_map(|site| Tie::WithoutMeeting { site: site.into() }),
        person().prop_map(|adviser| Tie::Attempt { adviser }),
        (1_u8..3, proptest::sample::select(vec!["BA", "LA"]))
            .prop_map(|(number, agency)| Tie::HandedOver { claim: claim(number), agency: agency.into() }),
        (person(), -3_i64..3).prop_map(|(by, hours)| Tie::Asked { by, until: noon() + TimeDelta::hours(hours) }),
    ]
}

proptest! {
    /// Whoever has two roles reaches what either does, and nothing else.
    #[test]
    fn two_roles_reach_what_each_of_them_reaches(
        one in any_role(),
        other in any_role(),
        kind in proptest::sample::select(Kind::ALL.to_vec()),
        site in any_site(),
        home in any_site(),
        ties in proptest::collection::vec(any_tie(), 0..5),
    ) {
        let (first, second) = (user(one, None), user(other, None));
        let both = User {
            site: first.site.clone().or_else(|| second.site.clone()),
            roles: [one, other].into_iter().collect(),
            duties: first.duties.iter().chain(&second.duties).cloned().collect(),
            ..first.clone()
        };
        let (here, case) = (place(&["somerset"], None), case(kind, site, home));
        let each = [&first, &second].map(|user| ground(user, &here, &case, &ties).is_some());
        prop_assert_eq!(ground(&both, &here, &case, &ties).is_some(), each[0] || each[1]);
    }

    /// A record with no tie to somebody's site, office or self is never reached.
    #[test]
    fn nobody_reaches_what_nothing_ties_to_them(
        role in any_role(),
        kind in proptest::sample::select(Kind::ALL.to_vec()),
        ties in proptest::collection::vec(any_tie(), 0..8),
    ) {
        let is_foreign = |tie: &Tie| match tie {
            Tie::Meeting { office, personal_adviser, .. } => office.as_str() == "leeds" && *personal_adviser == somebody(),
            Tie::Work { site }
            | Tie::Step { site }
            | Tie::ToBeChecked { site }
            | Tie::WithoutMeeting { site } => site.as_str() != "somerset",
            Tie::Moved { from, .. } => from.as_str() != "somerset",
            Tie::Attempt { adviser } => *adviser == somebody(),
            Tie::HandedOver { claim: of, agency } => *of != claim(1) || agency.as_str() != "BA",
            Tie::Asked { by, .. } => *by == somebody(),
        };
        let foreign: Vec<Tie> = ties.into_iter().filter(is_foreign).collect();
        let reached = ground(&user(role, None), &place(&["somerset"], None), &case(kind, Some("leeds"), Some("bath")), &foreign);
        prop_assert_eq!(reached, None);
    }
}
