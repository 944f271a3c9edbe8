//! Windows that are open, and nobody at them.

use super::{OWN, browser_of};
use crate::support::World;
use crate::support::values::new_id;
use startline::access::Role;

home_story!(a_window_that_says_by_itself_that_it_is_there_keeps_nobody_signed_in, |mut home| {
    home.open_to_the_web();
    let world = World::on(home).await;
    let root = world.add("Root", Role::Admin, None).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut browser = browser_of(&world, &root, &asha).await;
    let page = browser.open("/desk").await;
    let id = new_id();
    let typed = [("request_id", id.as_str()), ("address", "sip:asha@desk.example"), ("available", "yes")];
    let page = browser.send(&page, "/desk/open", &typed).await;
    assert!(page.html.contains("Take a break"), "{}", page.html);
    let mut is_out = false;
    for _ in 0..8 {
        world.wait(5 * 60);
        let here = browser.send(&page, "/live/here", &[("from", "/desk")]).await;
        let part = browser.part("/desk").await;
        is_out = [&here.path, &part.path].iter().any(|path| *path == "/sign-in");
        if is_out {
            break;
        }
    }
    assert!(is_out, "forty minutes in which nobody asked for anything");
    // Whoever does something stays.
    browser.signs_in("Asha", OWN).await;
    for _ in 0..8 {
        world.wait(5 * 60);
        assert_eq!(browser.open("/account").await.path, "/account");
    }
});
