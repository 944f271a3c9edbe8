//! A caller from Frome rings while every Somerset adviser is busy.

use super::Tour;
use super::browser::Browser;
use super::cast::{Person, new_request};
use super::guide::clock_time;
use crate::pb::{self, enter_call_response::Instruction, watch_desk_response::Event};
use chrono::TimeDelta;
use std::time::Instant;
use tonic::Streaming;

/// Invented: a subscriber's part never begins with a nought.
const FROME_CALLER: &str = "01373 000123";
const MENDIP_CALLER: &str = "01749 000111";
const ONE_NUMBER: &str = "01632 960100";

impl Tour {
    /// Priya's diary and the advisers' desks.
    pub(super) async fn set_the_stage(&mut self) -> Result<(), String> {
        self.guide.chapter("Before the day begins", self.server.now);
        let weekdays = [
            pb::Weekday::Monday,
            pb::Weekday::Tuesday,
            pb::Weekday::Wednesday,
            pb::Weekday::Thursday,
            pb::Weekday::Friday,
        ];
        let shift = |weekday: pb::Weekday| pb::Shift {
            weekday: weekday.into(),
            start: "09:00".into(),
            end: "16:30".into(),
            ..Default::default()
        };
        let pattern = pb::SetWorkingPatternRequest {
            request_id: new_request(),
            personal_adviser_id: self.priya.id.clone(),
            office_id: "frome".into(),
            valid_from: "2026-03-02".into(),
            valid_to: String::new(),
            shifts: weekdays.into_iter().map(shift).collect(),
            ..Default::default()
        };
        let mut diary = self.priya.diary();
        let call = diary.set_working_pattern(pattern);
        let tell = |_: &_| "sets her working pattern at the Frome office: Monday to Friday, 09:00 to 16:30".into();
        self.guide.step(&self.priya, "DiaryService/SetWorkingPattern", call, tell).await?;
        self.browses().await?;
        for who in [self.asha.clone(), self.bryn.clone()] {
            self.sign_in(&who).await?;
        }
        Ok(())
    }

    /// Asha signs in with a browser, as people do who have no account with a provider.
    async fn browses(&mut self) -> Result<(), String> {
        const OWN: &str = "three quiet geese";
        let (pages, begun, first) = (self.server.pages.clone(), Instant::now(), self.first_password.clone());
        let mut browser = Browser::default();
        let sign_in = [("name", "Asha"), ("password", first.as_str())];
        let sent = browser.send(&pages, "/sign-in", &sign_in).await?;
        // Whatever she opens, it is the page for a password of her own.
        let opened = browser.open(&pages, &sent.onward).await?;
        let page = browser.open(&pages, &opened.onward).await?;
        let change = [("csrf", page.csrf()), ("old", first.as_str()), ("new", OWN), ("again", OWN)];
        browser.send(&pages, "/password", &change).await?;
        let account = browser.open(&pages, "/account").await?;
        if !account.says("Call centre adviser, Somerset") {
            return Err("Asha's account is not shown to her".into());
        }
        let took_ms = begun.elapsed().as_secs_f64() * 1000.0;
        let told = "signs in with a browser and makes a password of her own: the first one opened nothing else";
        self.guide.say(&self.asha.title, told, &format!("POST /sign-in, POST /password, {took_ms:.1} ms"));
        Ok(())
    }

    async fn sign_in(&mut self, who: &Person) -> Result<(), String> {
        let address = format!("sip:{}@desks.example", who.name.to_lowercase());
        let mut desk = who.desk();
        let request = pb::SignInRequest { request_id: new_request(), address, ..Default::default() };
        let call = desk.sign_in(request);
        self.guide.step(who, "DeskService/SignIn", call, |_| "signs in at their desk".into()).await?;
        let available = pb::SetStatusRequest {
            request_id: new_request(),
            status: pb::AdviserStatus::Available.into(),
            break_reason: String::new(),
        };
        let mut desk = who.desk();
        let call = desk.set_status(available);
        self.guide.step(who, "DeskService/SetStatus", call, |_| "is available".into()).await?;
        Ok(())
    }

    /// From the ringing telephone to the booked call-back.
    pub(super) async fn ringing(&mut self) -> Result<pb::Callback, String> {
        self.guide.chapter("A caller rings", self.server.now);
        let (asha, bryn) = (self.asha.clone(), self.bryn.clone());
        let mut ashas_desk = watch(&asha).await?;
        let mut bryns_desk = watch(&bryn).await?;

        let _mendip = self.enter("mendip-1", MENDIP_CALLER, "Shepton Mallet").await?;
        let offer = next_offer(&mut ashas_desk).await?;
        let mendip_call = self.accept(&asha, &offer).await?;

        let mut frome = self.enter("frome-1", FROME_CALLER, "Frome").await?;
        let queued = next_instruction(&mut frome).await?;
        let Instruction::Queued(place) = queued else { return Err(format!("the call should wait, not {queued:?}")) };
        let wait =
            format!("tells the exchange to keep the caller waiting: place {} in Somerset's queue", place.position);
        self.guide.say("Startline", &wait, "RoutingService/EnterCall, on the call's stream");

        self.server.move_clock(self.server.now + TimeDelta::seconds(20)).await?;
        let offer = next_offer(&mut bryns_desk).await?;
        let what = format!(
            "offers the call to Bryn after 20 seconds: every Somerset adviser is busy. His desk shows {} from {}, home site {}",
            offer.caller_number, offer.place, offer.home_site_name
        );
        self.guide.say("Startline", &what, "DeskService/WatchDesk, on the desk's stream");
        let call = self.accept(&bryn, &offer).await?;
        let connect = next_instruction(&mut frome).await?;
        let Instruction::Connect(connect) = connect else { return Err(format!("not connected but {connect:?}")) };
        let what = format!("tells the exchange to connect the caller to {}", connect.address);
        self.guide.say("Startline", &what, "RoutingService/EnterCall, on the call's stream");

        let client = self.first_contact(&bryn).await?;
        let callback = self.book(&bryn, &client).await?;
        self.finish(&bryn, &call, "call-back booked").await?;
        self.finish(&asha, &mendip_call, "enquiry answered").await?;
        Ok(callback)
    }

    async fn enter(
        &mut self,
        switch_call_id: &str,
        number: &str,
        place: &str,
    ) -> Result<Streaming<pb::EnterCallResponse>, String> {
        let mut routing = self.exchange.routing();
        let call = routing.enter_call(pb::EnterCallRequest {
            switch_call_id: switch_call_id.into(),
            caller_number: number.into(),
            dialled_number: ONE_NUMBER.into(),
            ..Default::default()
        });
        let tell = |_: &_| format!("reports a call from {number} ({place})");
        self.guide.step(&self.exchange, "RoutingService/EnterCall", call, tell).await
    }

    async fn accept(&mut self, who: &Person, offer: &pb::Offer) -> Result<String, String> {
        let mut desk = who.desk();
        let request = pb::AcceptOfferRequest { request_id: new_request(), offer_id: offer.offer_id.clone() };
        let tell = |_: &_| format!("takes the call from {}", offer.place);
        self.guide.step(who, "DeskService/AcceptOffer", desk.accept_offer(request), tell).await?;
        Ok(offer.call_id.clone())
    }

    async fn first_contact(&mut self, who: &Person) -> Result<pb::Client, String> {
        let mut clients = who.clients();
        let find = pb::FindClientsRequest { phone: FROME_CALLER.into(), ..Default::default() };
        let tell = |found: &pb::FindClientsResponse| match found.clients.len() {
            0 => "looks for the caller's number: nobody is known by it".to_owned(),
            some => format!("looks for the caller's number: {some} known"),
        };
        self.guide.step(who, "ClientService/FindClients", clients.find_clients(find), tell).await?;
        let facts = pb::ClientFacts {
            title: "Ms".into(),
            other_names: "Rosemary Anne".into(),
            last_name: "Hill".into(),
            date_of_birth: "1971-04-23".into(),
            nino: "AB 12 34 56 C".into(),
            phone: FROME_CALLER.into(),
            address_lines: vec!["14 Example Row".into(), "Frome".into(), "Somerset".into()],
            postcode: "BA11 9ZZ".into(),
            talk_language: "en".into(),
            letter_language: "en".into(),
            special_needs: String::new(),
            large_print: false,
            letters_format: String::new(),
            contact: None,
            letter_layout: String::new(),
            call_needs: Vec::new(),
            letters_address: None,
            letters_address_withheld: false,
        };
        let create =
            pb::CreateClientRequest { request_id: new_request(), facts: Some(facts), home_site_id: String::new() };
        let tell = |created: &pb::CreateClientResponse| {
            let site = created.client.as_ref().map(|client| client.home_site_id.clone()).unwrap_or_default();
            format!(
                "writes down who rings, once for everything: Ms Rosemary Anne Hill; her postcode's home site is {site}"
            )
        };
        let created = self.guide.step(who, "ClientService/CreateClient", clients.create_client(create), tell).await?;
        created.client.ok_or_else(|| "the answer holds no client".into())
    }

    async fn book(&mut self, who: &Person, client: &pb::Client) -> Result<pb::Callback, String> {
        let mut callbacks = who.callbacks();
        let school_run =
            pb::CallbackUnsuitableTime { start: "08:00".into(), end: "09:30".into(), ..Default::default() };
        let wishes = pb::CallbackWishes { unsuitable_times: vec![school_run], ..Default::default() };
        let ask = pb::OfferCallbackSlotsRequest {
            client_id: client.client_id.clone(),
            wishes: Some(wishes.clone()),
            ..Default::default()
        };
        let tell = |offered: &pb::OfferCallbackSlotsResponse| {
            let times: Vec<_> = offered.slots.iter().map(|slot| clock_time(slot.start_time)).collect();
            format!("reads out free times in Somerset's diary, after the school run: {}", times.join("; "))
        };
        let call = callbacks.offer_callback_slots(ask);
        let offered = self.guide.step(who, "CallbackService/OfferCallbackSlots", call, tell).await?;
        let slot = offered.slots.first().ok_or("no call-back slot is free")?;
        let book = pb::BookCallbackRequest {
            request_id: new_request(),
            client_id: client.client_id.clone(),
            start_time: slot.start_time,
            note: "Lost her job at the dairy on Friday.".into(),
            wishes: Some(wishes),
            number_confirmed: true,
            ..Default::default()
        };
        let tell = |booked: &pb::BookCallbackResponse| match &booked.callback {
            Some(callback) => format!(
                "books the call-back: Somerset will ring {} on {}",
                callback.phone_grouped,
                clock_time(callback.start_time)
            ),
            None => String::new(),
        };
        let mut callbacks = who.callbacks();
        let booked = self.guide.step(who, "CallbackService/BookCallback", callbacks.book_callback(book), tell).await?;
        booked.callback.ok_or_else(|| "the answer holds no call-back".into())
    }

    async fn finish(&mut self, who: &Person, call_id: &str, outcome: &str) -> Result<(), String> {
        let mut desk = who.desk();
        let end = pb::EndCallRequest { request_id: new_request(), call_id: call_id.into(), ..Default::default() };
        self.guide.step(who, "DeskService/EndCall", desk.end_call(end), |_| "ends the call".into()).await?;
        let wrap_up =
            pb::FinishWrapUpRequest { request_id: new_request(), call_id: call_id.into(), outcome: outcome.into() };
        let mut desk = who.desk();
        let tell = |_: &_| format!("finishes the wrap-up: {outcome}");
        self.guide.step(who, "DeskService/FinishWrapUp", desk.finish_wrap_up(wrap_up), tell).await?;
        Ok(())
    }
}

async fn watch(who: &Person) -> Result<Streaming<pb::WatchDeskResponse>, String> {
    let watching = who.desk().watch_desk(pb::WatchDeskRequest {}).await.map_err(|status| status.to_string())?;
    Ok(watching.into_inner())
}

async fn next_offer(desk: &mut Streaming<pb::WatchDeskResponse>) -> Result<pb::Offer, String> {
    loop {
        let said = desk.message().await.map_err(|status| status.to_string())?;
        match said.ok_or("the desk's stream ended")?.event {
            Some(Event::Offer(offer)) => return Ok(offer),
            _ => continue,
        }
    }
}

async fn next_instruction(call: &mut Streaming<pb::EnterCallResponse>) -> Result<Instruction, String> {
    let said = call.message().await.map_err(|status| status.to_string())?;
    said.and_then(|said| said.instruction).ok_or_else(|| "the call's stream ended".into())
}
