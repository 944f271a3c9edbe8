//! What ends something for somebody is shown before it is done: what it will do, and one button.

use super::person::{identities, mark_of};
use super::words::PeopleWords;
use super::{duty_in_words, person, wrong};
use crate::html::{Frame, Mistakes, page};
use crate::seat::{Posted, Seat};
use crate::visitor::Answer;
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use startline_api as pb;

#[derive(Template)]
#[template(path = "people/check.html")]
struct Check<'a> {
    frame: Frame<'a>,
    p: &'static PeopleWords,
    mistakes: Mistakes,
    id: String,
    name: String,
    title: &'static str,
    /// What it is about, beside the person.
    subject: String,
    will: Vec<&'static str>,
    /// To which the button leads, after the person's own address.
    action: String,
    button: &'static str,
}

/// A question as it is asked of whoever is about to do something.
struct Asked {
    title: &'static str,
    subject: String,
    will: Vec<&'static str>,
    action: String,
    button: &'static str,
}

async fn show(seat: &Seat, id: &str, asked: Asked, mistakes: Mistakes, status: StatusCode) -> Answer {
    let (_, user) = person(seat, id).await?;
    let Asked { title, subject, will, action, button } = asked;
    let p = PeopleWords::of(seat.language());
    let (id, name, frame) = (id.to_owned(), user.name, seat.frame());
    let shown = page(status, &Check { frame, p, mistakes, id, name, title, subject, will, action, button });
    Ok(seat.visitor.keeping_language(&seat.pages, shown))
}

/// The person's page, or the question again with why it was not done.
async fn after<T>(
    posted: &Posted,
    id: &str,
    done: &str,
    answered: Result<T, startline_service::methods::Refusal>,
    asked: Asked,
) -> Answer {
    match answered {
        Ok(_) => posted.then(&format!("/people/{id}?done={done}")),
        Err(refusal) => {
            let mistakes = wrong(&posted.seat, &refusal, &[("", "main")]);
            show(&posted.seat, id, asked, mistakes, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn of_duty(seat: &Seat, id: &str, duty: &str) -> Result<Asked, axum::response::Response> {
    let p = PeopleWords::of(seat.language());
    let (person, _) = person(seat, id).await?;
    let given = person.duties.iter().filter_map(|given| given.duty.as_ref()).find(|of| of.duty_id == duty);
    let Some(given) = given else { return Err(seat.no_page()) };
    Ok(Asked {
        title: p.take_title,
        subject: duty_in_words(seat, given),
        will: vec![p.take_one, p.take_two],
        action: format!("/duties/{duty}/take"),
        button: p.take,
    })
}

pub async fn take_duty(Path((id, duty)): Path<(String, String)>, seat: Seat) -> Answer {
    let asked = of_duty(&seat, &id, &duty).await?;
    show(&seat, &id, asked, Mistakes::default(), StatusCode::OK).await
}

pub async fn do_take_duty(Path((id, duty)): Path<(String, String)>, posted: Posted) -> Answer {
    let asked = of_duty(&posted.seat, &id, &duty).await?;
    let request = pb::TakeDutyRequest { request_id: posted.request_id(), duty_id: duty };
    let answered = posted.ask(request).await?;
    after(&posted, &id, "duty_taken", answered, asked).await
}

async fn of_token(seat: &Seat, id: &str, token: &str) -> Result<Asked, axum::response::Response> {
    let p = PeopleWords::of(seat.language());
    let (person, _) = person(seat, id).await?;
    let action = format!("/tokens/{token}/revoke");
    if let Some(known) = person.tokens.iter().find(|of| of.token_id == token) {
        let (subject, will) = (known.name.clone(), vec![p.revoke_more]);
        return Ok(Asked { title: p.revoke_title, subject, will, action, button: p.revoke });
    }
    let Some(known) = person.sessions.iter().find(|of| of.token_id == token) else { return Err(seat.no_page()) };
    let subject = format!("{} {}", p.signed_in, seat.when(known.create_time.as_ref()));
    Ok(Asked { title: p.session_title, subject, will: vec![p.session_more], action, button: p.sign_out_one })
}

pub async fn revoke(Path((id, token)): Path<(String, String)>, seat: Seat) -> Answer {
    let asked = of_token(&seat, &id, &token).await?;
    show(&seat, &id, asked, Mistakes::default(), StatusCode::OK).await
}

pub async fn do_revoke(Path((id, token)): Path<(String, String)>, posted: Posted) -> Answer {
    let asked = of_token(&posted.seat, &id, &token).await?;
    let request = pb::RevokeTokenRequest { request_id: posted.request_id(), token_id: token };
    let answered = posted.ask(request).await?;
    after(&posted, &id, "revoked", answered, asked).await
}

pub async fn remove_identity(Path((id, mark)): Path<(String, String)>, seat: Seat) -> Answer {
    let p = PeopleWords::of(seat.language());
    let (person, _) = person(&seat, &id).await?;
    let Some(known) = identities(&seat, &person).into_iter().find(|known| known.mark == mark) else {
        return Err(seat.no_page());
    };
    let asked = Asked {
        title: p.remove_title,
        subject: format!("{}: {}", known.kind, known.name),
        will: vec![p.remove_more],
        action: format!("/identities/{mark}/remove"),
        button: p.remove,
    };
    show(&seat, &id, asked, Mistakes::default(), StatusCode::OK).await
}

pub async fn do_remove_identity(Path((id, mark)): Path<(String, String)>, posted: Posted) -> Answer {
    let (person, _) = person(&posted.seat, &id).await?;
    // Sent twice, it is gone already, as was wanted.
    if let Some(identity) = person.identities.iter().find(|identity| mark_of(identity) == mark) {
        let identity = Some(identity.clone());
        let request = pb::RemoveIdentityRequest { request_id: posted.request_id(), user_id: id.clone(), identity };
        posted.need(request).await?;
    }
    posted.then(&format!("/people/{id}?done=identity_removed"))
}

pub fn of_first_password(seat: &Seat) -> (&'static str, Vec<&'static str>) {
    let p = PeopleWords::of(seat.language());
    (p.first_password_title, vec![p.first_password_one, p.first_password_two, p.first_password_three])
}

fn ask_for_password(seat: &Seat) -> Asked {
    let p = PeopleWords::of(seat.language());
    let (title, will) = of_first_password(seat);
    Asked { title, subject: String::new(), will, action: "/password".into(), button: p.first_password }
}

pub async fn first_password(Path(id): Path<String>, seat: Seat) -> Answer {
    let asked = ask_for_password(&seat);
    show(&seat, &id, asked, Mistakes::default(), StatusCode::OK).await
}

/// Why there is no first password.
pub async fn no_password(seat: &Seat, id: &str, mistakes: Mistakes) -> Answer {
    show(seat, id, ask_for_password(seat), mistakes, StatusCode::UNPROCESSABLE_ENTITY).await
}

fn ask_to_sign_out(seat: &Seat) -> Asked {
    let p = PeopleWords::of(seat.language());
    let will = vec![p.sign_out_more, p.sign_out_tokens];
    Asked { title: p.sign_out_title, subject: String::new(), will, action: "/sign-out".into(), button: p.sign_out_all }
}

pub async fn sign_out(Path(id): Path<String>, seat: Seat) -> Answer {
    let asked = ask_to_sign_out(&seat);
    show(&seat, &id, asked, Mistakes::default(), StatusCode::OK).await
}

pub async fn do_sign_out(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::SignOutEverywhereRequest { request_id: posted.request_id(), user_id: id.clone() };
    let answered = posted.ask(request).await?;
    let asked = ask_to_sign_out(&posted.seat);
    after(&posted, &id, "signed_out_everywhere", answered, asked).await
}

fn ask_to_disable(seat: &Seat) -> Asked {
    let p = PeopleWords::of(seat.language());
    let will = vec![p.disable_one, p.disable_two, p.disable_three];
    Asked { title: p.disable_title, subject: String::new(), will, action: "/disable".into(), button: p.disable }
}

pub async fn disable(Path(id): Path<String>, seat: Seat) -> Answer {
    let asked = ask_to_disable(&seat);
    show(&seat, &id, asked, Mistakes::default(), StatusCode::OK).await
}

pub async fn do_disable(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::DisableUserRequest { request_id: posted.request_id(), user_id: id.clone() };
    let answered = posted.ask(request).await?;
    let asked = ask_to_disable(&posted.seat);
    after(&posted, &id, "disabled", answered, asked).await
}

pub async fn enable(Path(id): Path<String>, posted: Posted) -> Answer {
    let request = pb::EnableUserRequest { request_id: posted.request_id(), user_id: id.clone() };
    posted.need(request).await?;
    posted.then(&format!("/people/{id}?done=enabled"))
}
