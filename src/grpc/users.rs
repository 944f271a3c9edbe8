//! `UserService`.

use super::empty::{last_page_or, why};
use super::mirrors::{Mirror, shown};
use super::{admin, clients as client_door, convert, pb};
use crate::call::Call;
use crate::doors::UserDoor;
use crate::paging::Page;
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{OfficeId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::{self, Context, Duty, Sought, User};
use startline_rooms::{contingency, rota};
use std::collections::HashMap;

impl UserDoor {
    pub async fn who_am_i(&self, call: Call<pb::WhoAmIRequest>) -> Result<pb::WhoAmIResponse> {
        let mut reader = self.0.read().await?;
        let (db, context) = (&mut reader.db(), &call.operation.context);
        let definition = self.0.definitions.current();
        let user = &context.user;
        let site = user.site.as_ref().and_then(|site| definition.site(site));
        let serves = match &user.site {
            Some(site) => contingency::sites_served_by(db, site).await?,
            None => Vec::new(),
        };
        let offices = offices(db, definition, context, std::slice::from_ref(user)).await?;
        let shown = call.admitted.session().await?.token;
        let token = match shown {
            Some(shown) => access::person(db, user.id).await?.tokens.into_iter().find(|token| token.id == shown),
            None => None,
        };
        Ok(pb::WhoAmIResponse {
            user: Some(message(user, &offices, false)),
            site_name: site.map(|site| site.name.in_language(context.language).to_owned()).unwrap_or_default(),
            serves_site_ids: serves.iter().map(ToString::to_string).collect(),
            token: token.as_ref().map(admin::token_message),
            definition_version: definition.version.to_string(),
        })
    }

    pub async fn list_users(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ListUsersRequest,
    ) -> Result<pb::ListUsersResponse> {
        let definition = self.0.definitions.current();
        let page = Page::<String>::of(&asked, 50, 200)?;
        let site = match asked.site_id.as_str() {
            "" => None,
            id => Some(client_door::known_site(definition, id)?),
        };
        let role = pb::Role::try_from(asked.role).map_err(|_| Error::invalid("role", "is no role of ours"))?.word();
        let sought = Sought { site, role, name: asked.name.clone(), with_disabled: asked.with_disabled };
        let (after, most) = (page.after.clone(), usize::try_from(page.most()).unwrap_or(0));
        let found = access::find_users(db, context, &sought, after, most).await?;
        let narrowed = role.is_some() || !asked.name.trim().is_empty();
        let none = match narrowed {
            true => why(pb::EmptyReason::NoMatch, "Nobody there has such a name or such a role."),
            false => why(pb::EmptyReason::NobodyThere, "This site has no users: an administrator adds them."),
        };
        let why_empty = last_page_or(found.is_empty(), &asked.page_token, none);
        let (found, next_page_token) = page.cut(found, |(last, _)| last.name.clone());
        let people: Vec<User> = found.iter().map(|(user, _)| user.clone()).collect();
        let offices = offices(db, definition, context, &people).await?;
        let users = found.iter().map(|(user, is_disabled)| message(user, &offices, *is_disabled)).collect();
        Ok(pb::ListUsersResponse { users, next_page_token, why_empty })
    }
}

/// Where these people meet clients today.
pub async fn offices(
    db: &mut Db<'_>,
    definition: &Definition,
    context: &Context,
    users: &[User],
) -> Result<HashMap<UserId, OfficeId>> {
    let today = definition.calendar.local_date(context.now);
    let mut offices = HashMap::new();
    for user in users.iter().filter(|user| user.is(access::Role::PersonalAdviser)) {
        let Some(site) = user.site.as_ref().and_then(|site| definition.site(site)) else { continue };
        let rota = rota::of_person(db, user.id, &site.id, (today, today)).await?;
        let office = rota.day(user.id, today, (site, &definition.calendar)).and_then(|day| day.office);
        offices.extend(office.map(|office| (user.id, office)));
    }
    Ok(offices)
}

pub fn message(user: &User, offices: &HashMap<UserId, OfficeId>, is_disabled: bool) -> pb::User {
    pb::User {
        user_id: user.id.to_string(),
        name: user.name.clone(),
        duties: user.duties.iter().map(duty).collect(),
        site_id: user.site.as_ref().map(ToString::to_string).unwrap_or_default(),
        skills: user.skills.clone(),
        languages: user.languages().into_iter().map(|language| language.as_str().to_owned()).collect(),
        office_id: offices.get(&user.id).map(ToString::to_string).unwrap_or_default(),
        is_disabled,
    }
}

pub fn duty(duty: &Duty) -> pb::Duty {
    pb::Duty {
        duty_id: duty.id.to_string(),
        role: shown::<pb::Role>(duty.role),
        site_id: duty.site.as_ref().map(ToString::to_string).unwrap_or_default(),
        office_id: duty.office.as_ref().map(ToString::to_string).unwrap_or_default(),
        agency_id: duty.agency.as_ref().map(ToString::to_string).unwrap_or_default(),
        first_time: duty.first_at.map(convert::timestamp),
        end_time: duty.ends_at.map(convert::timestamp),
    }
}
