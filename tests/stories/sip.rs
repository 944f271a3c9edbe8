//! Telephone switches at the SIP front door, over real sockets.

use crate::support::steps::offered;
use crate::support::switch::Switch;
use crate::support::{Engine, Home, World};
use startline::config::SipConfig;

/// A world whose door serves 127.0.0.1, which is trusted, and 127.0.0.3, which is not. SQLite: the door knows no database.
async fn world(change: impl FnOnce(&mut SipConfig)) -> World {
    let mut home = Home::fresh(Engine::Sqlite).await;
    let mut config = toml::from_str(
        "listen = ['udp:127.0.0.1:0', 'tcp:127.0.0.1:0']\nadviser_domain = 'pbx.example'\ndrain_s = 0\n\
         switches = [{ address = '127.0.0.1', trusted = true }, { address = '127.0.0.3' }]",
    )
    .unwrap();
    change(&mut config);
    home.sip = Some(config);
    World::on(home).await
}

async fn switch(world: &World) -> Switch {
    Switch::at("127.0.0.1", world.sip_addresses()[0]).await
}

const FROME: &str = "01373000123";

#[tokio::test]
async fn a_caller_is_sent_to_the_adviser_who_accepts() {
    let mut world = world(|_| {}).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut desk = asha.take_calls().await;
    let switch = switch(&world).await;
    let invite = switch.invite("home-1", FROME, "").await;
    assert_eq!(switch.hear().await.status(), 100);
    let offer = offered(&mut desk).await;
    assert_eq!(offer.caller_number, "+441373000123");
    asha.accept(&offer).await;
    let sent_on = switch.hear_status("home-1", 302).await;
    assert_eq!((sent_on.contact(), sent_on.header("X-Startline-Site")), ("sip:asha@desk.example", Some("somerset")));
    switch.ack(&invite).await;
    assert_eq!(switch.report("call: home-1\r\nevent: answered\r\n").await.status(), 200);
    assert_eq!(switch.report("call: home-1\r\nevent: ended\r\n").await.status(), 200);
    world.stop().await;
}

#[tokio::test]
async fn a_switch_asks_whether_the_door_is_open() {
    let mut world = world(|_| {}).await;
    let switch = switch(&world).await;
    let said = switch.options().await;
    assert_eq!(said.status(), 200);
    assert!(said.header("Allow").unwrap().contains("INVITE"));
    world.stop().await;
}
