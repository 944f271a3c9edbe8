//! The pages of the desk in a browser: what a form changes is read back by the API as well.

mod calls;
mod day;
mod deaths;
mod floor;
mod forms;
mod people;
mod post;
mod walks;
mod welsh;
mod windows;

use crate::support::browser::{Browser, Page};
use crate::support::values::new_id;
use crate::support::{Person, World};
use startline::grpc::pb;

/// Everybody's own password.
const OWN: &str = "three quiet geese";

/// Somebody, signed in with a browser and a password of their own; `root` looks after people.
async fn browser_of(world: &World, root: &Person, person: &Person) -> Browser {
    let request = pb::CreateFirstPasswordRequest { request_id: new_id(), user_id: person.id.clone() };
    let first = root.admin().create_first_password(request).await.unwrap().into_inner().password;
    let mut browser = Browser::new(world.web_address());
    let page = browser.signs_in(&person.name, &first).await;
    let page = browser.send(&page, "/password", &[("old", &first), ("new", OWN), ("again", OWN)]).await;
    assert_eq!(page.status, 200, "{}", page.html);
    browser
}

/// A page is there, and says all of this.
fn shows(page: &Page, texts: &[&str]) {
    assert_eq!(page.status, 200, "{}", page.html);
    for text in texts {
        assert!(page.html.contains(text), "{text} is not in {}", page.html);
    }
}
