//! Personal advisers and offices see their diaries in their own calendar programs, and nobody else does.

use crate::support::faults::reason;
use crate::support::notify::{NotifyStandIn, http};
use crate::support::process::Process;
use crate::support::steps::frome_facts;
use crate::support::values::{new_id, time};
use crate::support::{Person, World, at};
use startline::access::Role;
use startline::grpc::pb;
use startline::grpc::pb::create_calendar_feed_request::Whose;
use std::net::SocketAddr;
use tonic::Code;

impl Person {
    async fn creates(&self, request_id: &str, whose: Whose) -> Result<pb::CreateCalendarFeedResponse, tonic::Status> {
        let request = pb::CreateCalendarFeedRequest { request_id: request_id.into(), whose: Some(whose) };
        Ok(self.calendars().create_calendar_feed(request).await?.into_inner())
    }

    async fn feeds(&self) -> Vec<pb::CalendarFeed> {
        let request = pb::ListCalendarFeedsRequest::default();
        self.calendars().list_calendar_feeds(request).await.unwrap().into_inner().feeds
    }

    async fn revokes(&self, feed: &str) -> Result<(), tonic::Status> {
        let request = pb::RevokeCalendarFeedRequest { request_id: new_id(), feed_id: feed.into() };
        self.calendars().revoke_calendar_feed(request).await.map(drop)
    }
}

/// The address of a feed as its connection and its path.
fn parts(url: &str) -> (SocketAddr, String) {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    (address.parse().unwrap(), format!("/{path}"))
}

home_story!(a_calendar_shows_initials_and_a_reference_and_is_gone_when_revoked, |mut home| {
    home.open_to_the_web();
    let world = World::on(home).await;
    let asha = world.adviser("Asha", "somerset").await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    petra.works_at("frome").await;
    let meeting = asha.meeting_from(frome_facts(), at("2026-03-10T09:00:00Z")).await;
    let (request_id, own) = (new_id(), Whose::PersonalAdviserId(petra.id.clone()));
    let created = petra.creates(&request_id, own.clone()).await.unwrap();
    let (address, path) = parts(&created.url);
    assert_eq!(address, world.web_address());
    // Asked again, the same feed is named, and its address is not: nobody has it but who got it the first time.
    let again = petra.creates(&request_id, own).await.unwrap();
    assert_eq!((&again.feed, again.url.as_str()), (&created.feed, ""));
    let secret = path.strip_prefix("/calendars/").unwrap().strip_suffix(".ics").unwrap();
    assert!(secret.len() >= 64, "{secret}");

    let served = http(address, "GET", &path, &[], "").await;
    assert_eq!((served.status, served.headers["content-type"].as_str()), (200, "text/calendar; charset=utf-8"));
    assert_eq!(served.headers["cache-control"], "private, no-cache");
    let id = meeting.appointment_id.as_str();
    let begins = time(meeting.slot.as_ref().unwrap().start_time);
    let start = format!("DTSTART;TZID=Europe/London:{}", begins.format("%Y%m%dT%H%M%S"));
    let summary = format!("SUMMARY:R. F. · {}", &id[id.len() - 4..]);
    for line in [summary.as_str(), start.as_str(), "LOCATION:ONE office Frome", "STATUS:CONFIRMED", "SEQUENCE:0"] {
        assert!(served.body.lines().any(|written| written == line), "{line} is not in {}", served.body);
    }
    for told in ["Rosa", "Fry", "000123", "first-meeting", "meeting", "Catherine"] {
        assert!(!served.body.contains(told), "{told} is in {}", served.body);
    }
    // Who has it is not sent it again; who asks for the head alone gets that.
    let etag = served.headers["etag"].as_str();
    let unchanged = http(address, "GET", &path, &[("If-None-Match", etag)], "").await;
    assert_eq!((unchanged.status, unchanged.body.as_str()), (304, ""));
    let since = served.headers["last-modified"].as_str();
    assert_eq!(http(address, "GET", &path, &[("If-Modified-Since", since)], "").await.status, 304);
    let head = http(address, "HEAD", &path, &[], "").await;
    assert_eq!((head.status, head.body.as_str(), head.headers["etag"].as_str()), (200, "", etag));
    assert_eq!(http(address, "POST", &path, &[], "").await.status, 405);

    world.wait(90);
    asha.calls_off(id).await;
    let served = http(address, "GET", &path, &[("If-None-Match", etag)], "").await;
    assert_eq!(served.status, 200);
    assert!(served.body.contains("SEQUENCE:1\r\n") && served.body.contains("STATUS:CANCELLED\r\n"), "{}", served.body);
    assert_ne!(served.headers["last-modified"], since);

    // Revoked, wrong and no address at all are one and the same.
    petra.revokes(&created.feed.as_ref().unwrap().feed_id).await.unwrap();
    let gone = http(address, "GET", &path, &[], "").await;
    let wrong = http(address, "GET", &path.replace(&secret[10..20], "0123456789"), &[], "").await;
    assert_eq!((gone.status, gone.body.as_str()), (404, ""));
    assert_eq!((wrong.status, wrong.body.as_str()), (404, ""));
    assert_eq!(gone.headers.len(), wrong.headers.len());
    assert!(petra.feeds().await[0].revoked_time.is_some());
});

home_story!(a_calendar_is_made_by_its_own_person_or_by_those_who_run_the_office, |mut home| {
    home.open_to_the_web();
    let world = World::on(home).await;
    let petra = world.personal_adviser("Petra", "somerset").await;
    let paul = world.personal_adviser("Paul", "somerset").await;
    let reception = world.add("the reception", Role::Reception, Some("somerset")).await;
    let elsewhere = world.add("another reception", Role::Reception, Some("south-east-gwent")).await;
    let admin = world.add("the administrator", Role::Admin, None).await;
    let petras = || Whose::PersonalAdviserId(petra.id.clone());
    let office = || Whose::OfficeId("frome".into());
    for (who, whose) in [(&paul, petras()), (&petra, office()), (&elsewhere, petras()), (&elsewhere, office())] {
        assert_eq!(who.creates(&new_id(), whose).await.unwrap_err().code(), Code::PermissionDenied, "{}", who.name);
    }
    petra.creates(&new_id(), petras()).await.unwrap();
    reception.creates(&new_id(), petras()).await.unwrap();
    let offices = reception.creates(&new_id(), office()).await.unwrap();
    admin.creates(&new_id(), office()).await.unwrap();
    for (who, count) in [(&petra, 2), (&paul, 0), (&reception, 4), (&elsewhere, 0), (&admin, 4)] {
        assert_eq!(who.feeds().await.len(), count, "{}", who.name);
    }
    let id = offices.feed.unwrap().feed_id;
    assert_eq!(elsewhere.revokes(&id).await.unwrap_err().code(), Code::PermissionDenied);
    reception.revokes(&id).await.unwrap();
    reception.revokes(&id).await.unwrap();
    let nobody = Whose::OfficeId("atlantis".into());
    assert_eq!(admin.creates(&new_id(), nobody).await.unwrap_err().code(), Code::InvalidArgument);
    // A page at a time.
    let request = pb::ListCalendarFeedsRequest { page_size: 3, ..Default::default() };
    let first = admin.calendars().list_calendar_feeds(request).await.unwrap().into_inner();
    let request = pb::ListCalendarFeedsRequest { page_size: 3, page_token: first.next_page_token };
    let second = admin.calendars().list_calendar_feeds(request).await.unwrap().into_inner();
    assert_eq!((first.feeds.len(), second.feeds.len(), second.next_page_token.as_str()), (3, 1, ""));
    // An address is only so many people's.
    for _ in 0..8 {
        petra.creates(&new_id(), petras()).await.unwrap();
    }
    assert_eq!(reason(&petra.creates(&new_id(), petras()).await.unwrap_err()), "TOO_MANY_FEEDS");
});

story!(without_a_web_door_there_are_no_calendars, |world| {
    let petra = world.personal_adviser("Petra", "somerset").await;
    let refused = petra.creates(&new_id(), Whose::PersonalAdviserId(petra.id.clone())).await.unwrap_err();
    assert_eq!(reason(&refused), "NO_WEB_DOOR");
});

home_story!(the_web_door_takes_nothing_too_large_and_logs_no_secret, |mut home| {
    let notify = NotifyStandIn::start().await;
    home.send_by(&notify);
    let server = Process::serve_with(&home, |command| {
        command.env("STARTLINE_LOG", "trace");
    })
    .await;
    let petra = home.personal_adviser("Petra", "somerset").await;
    let created = petra.creates(&new_id(), Whose::PersonalAdviserId(petra.id.clone())).await.unwrap();
    let (address, path) = parts(&created.url);
    assert_eq!(http(address, "GET", &path, &[], "").await.status, 200);
    assert_eq!(http(address, "GET", "/calendars", &[], "").await.status, 404);
    assert_eq!(http(address, "GET", "/calendars/x", &[], "").await.status, 404);
    assert_eq!(http(address, "GET", &format!("/calendars/{}.ics", "x".repeat(2000)), &[], "").await.status, 404);
    let long = "x".repeat(20_000);
    assert_eq!(http(address, "GET", &path, &[("X-Long", &long)], "").await.status, 431);
    let bearer = format!("Bearer {}", crate::support::notify::RECEIPTS_TOKEN);
    let receipt = http(address, "POST", "/notify/receipts", &[("Authorization", &bearer)], &long).await;
    assert_eq!(receipt.status, 413);
    server.terminate().await;
    let ended = server.ended().await;
    assert!(ended.status.success(), "{}", ended.errors);
    let secret = path.strip_prefix("/calendars/").unwrap().strip_suffix(".ics").unwrap();
    for hidden in [secret, crate::support::notify::RECEIPTS_TOKEN, "b847b4f122b0"] {
        assert!(!ended.errors.contains(hidden), "a secret was logged");
    }
    assert!(ended.errors.contains("/calendars/…"), "the door logs what it does");
});
