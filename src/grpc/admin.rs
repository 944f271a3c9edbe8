//! `AdminService`.

use super::mirrors::{needed, shown};
use super::{convert, pb};
use crate::call::{Call, Wire};
use crate::doors::AdminDoor;
use crate::users;
use chrono::{DateTime, Utc};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AgencyId, DutyId, OfficeId, SiteId, TokenId, UserId};
use startline_foundation::store::Db;
use startline_rooms::access::{self, Context, Duty, Identity, NewUser, TokenLine};
use startline_service::Work;
use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

impl AdminDoor {
    pub async fn add_user(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::AddUserRequest,
    ) -> Result<pb::AddUserResponse> {
        let of_each = |(i, duty)| self.duty(context, Some(duty), &format!("duties[{i}]"));
        let duties = asked.duties.into_iter().enumerate().map(of_each).collect::<Result<Vec<Duty>>>()?;
        let site = self.site(&asked.site_id)?;
        let new = NewUser { name: asked.name, site, duties, skills: asked.skills };
        let user = access::add(db, context, new).await?;
        Ok(pb::AddUserResponse { person: Some(self.person(db, context, user.id).await?) })
    }

    pub async fn change_user(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::ChangeUserRequest,
    ) -> Result<pb::ChangeUserResponse> {
        let id = user(&asked.user_id)?;
        let site = asked.site_id.as_deref().map(|site| self.site(site)).transpose()?.flatten();
        let skills = asked.skills.map(|skills| skills.skills);
        access::change(db, context, id, asked.name.as_deref(), site, skills.as_deref()).await?;
        Ok(pb::ChangeUserResponse { person: Some(self.person(db, context, id).await?) })
    }

    pub async fn get_user(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GetUserRequest,
    ) -> Result<pb::GetUserResponse> {
        let id = user(&asked.user_id)?;
        Ok(pb::GetUserResponse { person: Some(self.person(db, context, id).await?) })
    }

    pub async fn give_duty(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::GiveDutyRequest,
    ) -> Result<pb::GiveDutyResponse> {
        let (id, duty) = (user(&asked.user_id)?, self.duty(context, asked.duty, "duty")?);
        access::give(db, context, id, duty).await?;
        Ok(pb::GiveDutyResponse { person: Some(self.person(db, context, id).await?) })
    }

    pub async fn take_duty(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::TakeDutyRequest,
    ) -> Result<pb::TakeDutyResponse> {
        let id = access::take(db, context, DutyId::parse("duty_id", &asked.duty_id)?).await?;
        Ok(pb::TakeDutyResponse { person: Some(self.person(db, context, id).await?) })
    }

    pub async fn disable_user(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::DisableUserRequest,
    ) -> Result<pb::DisableUserResponse> {
        let id = user(&asked.user_id)?;
        access::disable(db, context, id).await?;
        Ok(pb::DisableUserResponse { person: Some(self.person(db, context, id).await?) })
    }

    pub async fn enable_user(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::EnableUserRequest,
    ) -> Result<pb::EnableUserResponse> {
        let id = user(&asked.user_id)?;
        access::enable(db, context, id).await?;
        Ok(pb::EnableUserResponse { person: Some(self.person(db, context, id).await?) })
    }

    pub async fn create_token(&self, call: Call<pb::CreateTokenRequest>) -> Result<pb::CreateTokenResponse> {
        let asked = &call.asked;
        let id = user(&asked.user_id)?;
        let ends_at = convert::optional_time("end_time", asked.end_time)?;
        let lasts = self.0.outside.token_lasts;
        // The answer that is kept for a replay has no token: the secret is nowhere in the database.
        let revealed = &std::sync::Mutex::new(String::new());
        let create = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let ends_at = ends_at.unwrap_or(context.now + lasts);
            let (line, token) = access::new_token(&mut db, context, id, &asked.name, ends_at).await?;
            *revealed.lock().unwrap_or_else(PoisonError::into_inner) = token.reveal().to_owned();
            work.done(Wire(pb::CreateTokenResponse { token: Some(token_message(&line)), secret: String::new() }))
        };
        let Wire(mut answer) = self.0.runner.mutate(&call.operation, create).await?;
        answer.secret = std::mem::take(&mut *revealed.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(answer)
    }

    pub async fn revoke_token(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RevokeTokenRequest,
    ) -> Result<pb::RevokeTokenResponse> {
        let line = access::revoke_token(db, context, TokenId::parse("token_id", &asked.token_id)?).await?;
        Ok(pb::RevokeTokenResponse { token: Some(token_message(&line)) })
    }

    pub async fn add_identity(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::AddIdentityRequest,
    ) -> Result<pb::AddIdentityResponse> {
        let id = user(&asked.user_id)?;
        access::add_identity(db, context, id, &identity(asked.identity)?).await?;
        Ok(pb::AddIdentityResponse { person: Some(self.person(db, context, id).await?) })
    }

    pub async fn remove_identity(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::RemoveIdentityRequest,
    ) -> Result<pb::RemoveIdentityResponse> {
        let id = user(&asked.user_id)?;
        access::remove_identity(db, context, id, &identity(asked.identity)?).await?;
        Ok(pb::RemoveIdentityResponse { person: Some(self.person(db, context, id).await?) })
    }

    pub async fn create_first_password(
        &self,
        call: Call<pb::CreateFirstPasswordRequest>,
    ) -> Result<pb::CreateFirstPasswordResponse> {
        let id = user(&call.asked.user_id)?;
        if self.0.sign_in.is_some() {
            let sentence =
                "people sign in with their organisation's accounts here, and have no passwords of this service";
            return Err(Error::illegal("PROVIDER_SIGNS_IN", sentence));
        }
        // Of the password nothing but its hash is kept, so a replay's answer has none.
        let (password, hash) = startline_service::first_password().await?;
        let (hash, is_new) = (&hash, &AtomicBool::new(false));
        let create = |mut work: Work| async move {
            let (mut db, context) = work.parts();
            let until = access::set_first_password(&mut db, context, id, hash).await?;
            let person = Some(self.person(&mut db, context, id).await?);
            is_new.store(true, Ordering::Relaxed);
            let end_time = Some(convert::timestamp(until));
            work.done(Wire(pb::CreateFirstPasswordResponse { person, password: String::new(), end_time }))
        };
        let Wire(mut answer) = self.0.runner.mutate(&call.operation, create).await?;
        if is_new.load(Ordering::Relaxed) {
            answer.password = password;
        }
        Ok(answer)
    }

    pub async fn sign_out_everywhere(
        &self,
        db: &mut Db<'_>,
        context: &Context,
        asked: pb::SignOutEverywhereRequest,
    ) -> Result<pb::SignOutEverywhereResponse> {
        let id = user(&asked.user_id)?;
        access::sign_out_everywhere(db, context, id).await?;
        Ok(pb::SignOutEverywhereResponse { person: Some(self.person(db, context, id).await?) })
    }

    fn site(&self, id: &str) -> Result<Option<SiteId>> {
        let site = (!id.is_empty()).then(|| SiteId::new(id));
        site.map(|site| self.0.definitions.current().known_site("site_id", &site).map(|site| site.id.clone()))
            .transpose()
    }

    /// The duty that is to be given, checked.
    fn duty(&self, context: &Context, asked: Option<pb::NewDuty>, path: &str) -> Result<Duty> {
        let asked = asked.ok_or_else(|| Error::invalid(path, "is needed"))?;
        let read = || {
            let role = needed::<pb::Role>("role", asked.role, "is needed: what are they to be?")?;
            let given = |id: &str| (!id.is_empty()).then(|| id.to_owned());
            let first_at = convert::optional_time("first_time", asked.first_time)?;
            let duty = Duty {
                office: given(&asked.office_id).map(|id| OfficeId::new(&id)),
                agency: given(&asked.agency_id).map(|id| AgencyId::new(&id)),
                ends_at: convert::optional_time("end_time", asked.end_time)?,
                first_at,
                ..Duty::new(role, given(&asked.site_id).map(|id| SiteId::new(&id)), context.now)
            };
            duty.check(self.0.definitions.current(), context.now)?;
            Ok(duty)
        };
        read().map_err(|fault| convert::within(path, fault))
    }

    async fn person(&self, db: &mut Db<'_>, context: &Context, id: UserId) -> Result<pb::Person> {
        let person = access::person(db, id).await?;
        let users = person.duties.iter().flat_map(|given| [Some(given.given.0), given.taken.map(|taken| taken.0)]);
        let users: Vec<UserId> = users.flatten().collect();
        let names: HashMap<UserId, String> =
            access::users(db, &users).await?.into_iter().map(|user| (user.id, user.name)).collect();
        let name = |id: UserId| names.get(&id).cloned().unwrap_or_default();
        let offices =
            users::offices(db, self.0.definitions.current(), context, std::slice::from_ref(&person.user)).await?;
        let given = |given: &access::GivenDuty| pb::GivenDuty {
            duty: Some(users::duty(&given.duty)),
            given_by_user_id: given.given.0.to_string(),
            given_by_name: name(given.given.0),
            give_time: Some(convert::timestamp(given.given.1)),
            take_time: given.taken.map(|taken| convert::timestamp(taken.1)),
            taken_by_user_id: given.taken.map(|taken| taken.0.to_string()).unwrap_or_default(),
            taken_by_name: given.taken.map(|taken| name(taken.0)).unwrap_or_default(),
        };
        Ok(pb::Person {
            user: Some(users::message(&person.user, &offices, person.disabled.is_some())),
            create_time: Some(convert::timestamp(person.created_at)),
            disable_time: person.disabled.map(|(_, at)| convert::timestamp(at)),
            disabled_by_user_id: person.disabled.and_then(|(by, _)| by).map(|by| by.to_string()).unwrap_or_default(),
            duties: person.duties.iter().map(given).collect(),
            tokens: person.tokens.iter().map(token_message).collect(),
            identities: person.identities.iter().map(identity_message).collect(),
            sessions: person.sessions.iter().map(token_message).collect(),
        })
    }
}

fn user(id: &str) -> Result<UserId> {
    UserId::parse("user_id", id)
}

fn identity(asked: Option<pb::Identity>) -> Result<Identity> {
    let asked = asked.ok_or_else(|| Error::invalid("identity", "is needed"))?;
    let kind = needed::<pb::IdentityKind>("identity.kind", asked.kind, "is needed: who vouches for it?")?;
    Ok(Identity { kind, name: asked.name })
}

fn identity_message(identity: &Identity) -> pb::Identity {
    pb::Identity { kind: shown::<pb::IdentityKind>(identity.kind), name: identity.name.clone() }
}

pub fn token_message(token: &TokenLine) -> pb::Token {
    let time = |at: Option<DateTime<Utc>>| at.map(convert::timestamp);
    pb::Token {
        token_id: token.id.to_string(),
        name: token.name.clone(),
        created_by_user_id: token.created.0.to_string(),
        create_time: time(Some(token.created.1)),
        end_time: time(Some(token.ends_at)),
        last_use_time: time(token.last_used_at),
        revoke_time: time(token.revoked.map(|revoked| revoked.1)),
        revoked_by_user_id: token.revoked.map(|revoked| revoked.0.to_string()).unwrap_or_default(),
    }
}
