//! Every form of every screen, as the code has its address: one that was forgotten would be found here.

use super::browser_of;
use crate::support::World;
use crate::support::values::new_id;
use startline::access::Role;
use std::path::Path;

/// The addresses that take a form, with an id in each of their gaps.
fn addresses() -> Vec<String> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/desktop")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let code = std::fs::read_to_string(path).unwrap();
                let routes = code.split(".route(").skip(1).map(|rest| rest.split(';').next().unwrap_or_default());
                let posts = routes.filter(|route| route.contains("post("));
                found.extend(posts.filter_map(|route| route.split('"').nth(1).map(filled)));
            }
        }
    }
    found.retain(|path| path != "/sign-in");
    found
}

/// `/clients/{id}/ask` with an id.
fn filled(path: &str) -> String {
    let fill = |part: &str| if part.starts_with('{') { new_id() } else { part.to_owned() };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

home_story!(no_screen_takes_a_form_that_is_not_from_a_page_of_ours, |mut home| {
    home.open_to_the_web();
    let world = World::on(home).await;
    let root = world.add("Root", Role::Admin, None).await;
    let asha = world.adviser("Asha", "somerset").await;
    let mut browser = browser_of(&world, &root, &asha).await;
    let csrf = browser.open("/account").await.csrf();
    let addresses = addresses();
    assert!(addresses.len() > 80, "only {} addresses were found", addresses.len());
    for address in addresses {
        for (csrf, from) in [("", "same-origin"), ("0123456789abcdef", "same-origin"), (csrf.as_str(), "cross-site")] {
            let fields = [("csrf".to_owned(), csrf.to_owned()), ("request_id".to_owned(), new_id())];
            let refused = browser.post(&address, &fields, from).await;
            assert_eq!(
                (refused.status, refused.heading()),
                (403, "Nothing was done"),
                "{address} {from} {}",
                refused.html
            );
        }
    }
});
