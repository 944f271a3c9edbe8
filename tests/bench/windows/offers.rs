//! How soon a call that rings is shown: on the stream of a window and on its page, beside a desk that listens by gRPC. Both
//! kinds take turns, since whoever was idle the longest is offered the next call.

use super::super::Outcome;
use super::super::autosave_grpc::{request_id, signed};
use super::super::measure::{median_ms, percentile, verdict};
use super::super::people::entering;
use super::Shown;
use super::house::{House, Person};
use startline::grpc::pb::desk_service_client::DeskServiceClient;
use startline::grpc::pb::routing_service_client::RoutingServiceClient;
use startline::grpc::pb::watch_desk_response::Event;
use startline::grpc::pb::{
    AcceptOfferRequest, AdviserStatus, EndCallRequest, FinishWrapUpRequest, SetStatusRequest, SignInRequest,
    WatchDeskRequest,
};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::MissedTickBehavior;
use tonic::transport::Channel;

/// Desks of each kind that take calls.
pub const DESKS: usize = 20;
const EVERY: Duration = Duration::from_millis(50);
const MOST_PAIRS: usize = 500;
const SHOWN_WITHIN: Duration = Duration::from_secs(5);

pub async fn run(house: &House, tell: &UnboundedSender<Shown>, shown: &mut UnboundedReceiver<Shown>) -> Outcome {
    let desks = DESKS.min(house.advisers.len());
    let pairs = (house.advisers.len() / 2).clamp(10, MOST_PAIRS);
    println!(" offers to {desks} windows and {desks} gRPC desks in turn, {pairs} each, one call at a time");
    let channel = house.serving.connect().await?;
    let mut service = DeskServiceClient::new(channel.clone());
    for (n, other) in house.others.iter().take(desks).enumerate() {
        house.advisers[n].browser.send("/desk/status", &[("status", "available")]).await?.location()?;
        listen(n, other, channel.clone(), tell.clone()).await?;
        set_status(&mut service, other, AdviserStatus::Available).await?;
    }
    let switch = RoutingServiceClient::new(house.serving.connect().await?);
    let [mut rang_us, mut page_us, mut grpc_us] = <[Vec<u32>; 3]>::default();
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for n in 0..2 * (desks + pairs) {
        ticks.tick().await;
        let rings = signed(entering(format!("+441373{:06}", 400_000 + n)), &house.switch);
        let mut switch = switch.clone();
        let begun = Instant::now();
        let ringing = tokio::spawn(async move {
            let mut stream = switch.enter_call(rings).await?.into_inner();
            while stream.message().await?.is_some() {}
            Outcome::Ok(())
        });
        let Ok(Some(offered)) = tokio::time::timeout(SHOWN_WITHIN, shown.recv()).await else {
            return Err(format!("call {n} was shown nowhere").into());
        };
        let us = |at: Instant| u32::try_from((at - begun).as_micros());
        // The first call of each desk warms up.
        let counts = n >= 2 * desks;
        let adviser = match offered.page_at {
            Some(page_at) => {
                if counts {
                    rang_us.push(us(offered.at)?);
                    page_us.push(us(page_at)?);
                }
                &house.advisers[offered.desk]
            }
            None => {
                if counts {
                    grpc_us.push(us(offered.at)?);
                }
                &house.others[offered.desk]
            }
        };
        take(&mut service, adviser, &offered.offer_id).await?;
        ringing.await??;
    }
    let differences = |of: &[u32]| {
        let mut all: Vec<u32> = of.iter().zip(&grpc_us).map(|(ours, theirs)| ours.saturating_sub(*theirs)).collect();
        all.sort_unstable();
        all
    };
    let (to_ring, to_page) = (differences(&rang_us), differences(&page_us));
    for (what, times) in [
        ("EnterCall to the gRPC desk's stream", &mut grpc_us),
        ("EnterCall to the window's `ring`", &mut rang_us),
        ("EnterCall to the part of the page that shows it", &mut page_us),
    ] {
        times.sort_unstable();
        let p99 = percentile(times, 0.99) / 1e3;
        println!("  {what}: p50 {:.2} ms, p99 {p99:.2} ms, {} calls", median_ms(times), times.len());
    }
    // One call after the other: what is sooner at the window counts as no difference.
    for (what, all) in [("`ring`", &to_ring), ("the page", &to_page)] {
        println!("  {what} after gRPC, by pairs: p50 {:.2} ms", median_ms(all));
        verdict(&format!("p99 of {what} after gRPC, in ms"), percentile(all, 0.99) / 1e3, 10.0, false);
    }
    Ok(())
}

async fn listen(desk: usize, adviser: &Person, channel: Channel, tell: UnboundedSender<Shown>) -> Outcome {
    let mut service = DeskServiceClient::new(channel);
    let address = format!("sip:g{desk}@desks.example");
    let sign_in = SignInRequest { request_id: request_id(), address, ..Default::default() };
    service.sign_in(signed(sign_in, &adviser.token)).await?;
    let mut watch = service.watch_desk(signed(WatchDeskRequest {}, &adviser.token)).await?.into_inner();
    tokio::spawn(async move {
        while let Ok(Some(message)) = watch.message().await {
            if let Some(Event::Offer(offer)) = message.event {
                let _ = tell.send(Shown { desk, offer_id: offer.offer_id, at: Instant::now(), page_at: None });
            }
        }
    });
    Ok(())
}

pub async fn set_status(service: &mut DeskServiceClient<Channel>, adviser: &Person, status: AdviserStatus) -> Outcome {
    let is_break = status == AdviserStatus::OnBreak;
    let break_reason = if is_break { "tea".to_owned() } else { String::new() };
    let request = SetStatusRequest { request_id: request_id(), status: status.into(), break_reason };
    service.set_status(signed(request, &adviser.token)).await?;
    Ok(())
}

async fn take(service: &mut DeskServiceClient<Channel>, adviser: &Person, offer_id: &str) -> Outcome {
    let accept = AcceptOfferRequest { request_id: request_id(), offer_id: offer_id.to_owned() };
    let desk = service.accept_offer(signed(accept, &adviser.token)).await?.into_inner().desk;
    let call_id = desk.ok_or("an accepted offer without a desk")?.call_id;
    let end = EndCallRequest { request_id: request_id(), call_id: call_id.clone(), ..Default::default() };
    service.end_call(signed(end, &adviser.token)).await?;
    let finish = FinishWrapUpRequest { request_id: request_id(), call_id, outcome: "call-back booked".into() };
    service.finish_wrap_up(signed(finish, &adviser.token)).await?;
    Ok(())
}
