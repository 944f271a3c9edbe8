//! People: those whom nobody else needs in the storm.

use super::Writes::Once;
use super::{Method, method};
use crate::contention::cast::Who;
use crate::contention::ground::{Stage, Turn};
use startline::grpc::pb;

fn spare(t: &mut Turn<'_>) -> String {
    let spare = t.ground.cast.all(Who::Spare);
    t.of(&spare).id.clone()
}

fn new_duty(t: &mut Turn<'_>) -> Option<pb::NewDuty> {
    let role = t.of(&[pb::Role::Adviser, pb::Role::Reception, pb::Role::BenefitsExpert]);
    Some(pb::NewDuty { role: role.into(), site_id: "somerset".into(), ..Default::default() })
}

fn name(t: &mut Turn<'_>, beside: &str) -> String {
    format!("{beside} {}", t.number(1_000_000))
}

fn identity(t: &mut Turn<'_>) -> Option<pb::Identity> {
    let name = t.of(&["sid.desks.example", "sam.desks.example"]).to_owned();
    Some(pb::Identity { kind: pb::IdentityKind::Certificate.into(), name })
}

pub fn all() -> Vec<Method> {
    vec![
        method!("PrivacyService.AskForRecord", Once("record_asked_for"), Expert, |t| {
            let client = t.record(Stage::Met).client;
            let reason = pb::RequestReason::Complaint.into();
            let request = pb::AskForRecordRequest {
                client_id: client,
                reason,
                note: "a complaint of last week".into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("PrivacyService.CloseRecordRequest", Once("record_request_closed"), PrivacyOfficer, |t| {
            let request = pb::CloseRecordRequestRequest {
                record_request_id: t.one("record_request_id"),
                verdict: pb::Verdict::Justified.into(),
                ..Default::default()
            };
            (String::new(), request)
        }),
        method!("AdminService.AddUser", Once("user_added"), Admin, |t| AddUserRequest {
            name: name(t, "Newcomer"),
            duties: new_duty(t).into_iter().collect(),
            ..Default::default()
        }),
        method!("AdminService.ChangeUser", Once("user_changed"), Admin, |t| ChangeUserRequest {
            user_id: spare(t),
            skills: Some(pb::Skills { skills: vec![t.of(&["welsh", "urdu"]).into()] }),
            ..Default::default()
        }),
        method!("AdminService.GiveDuty", Once("duty_given"), Admin, |t| GiveDutyRequest {
            user_id: spare(t),
            duty: new_duty(t),
            ..Default::default()
        }),
        method!("AdminService.TakeDuty", Once("duty_taken"), Admin, |t| TakeDutyRequest {
            duty_id: t.one("duty_id"),
            ..Default::default()
        }),
        method!("AdminService.DisableUser", Once("user_disabled"), Admin, |t| DisableUserRequest {
            user_id: spare(t),
            ..Default::default()
        }),
        method!("AdminService.EnableUser", Once("user_enabled"), Admin, |t| EnableUserRequest {
            user_id: spare(t),
            ..Default::default()
        }),
        method!("AdminService.CreateToken", Once("token_made"), Admin, |t| CreateTokenRequest {
            user_id: spare(t),
            name: name(t, "desk"),
            ..Default::default()
        }),
        method!("AdminService.CreateFirstPassword", Once("first_password_made"), Admin, |t| {
            let request = pb::CreateFirstPasswordRequest { user_id: spare(t), ..Default::default() };
            (String::new(), request)
        }),
        method!("AdminService.SignOutEverywhere", Once("signed_out_everywhere"), Admin, |t| SignOutEverywhereRequest {
            user_id: spare(t),
            ..Default::default()
        }),
        method!("AdminService.RevokeToken", Once("token_revoked"), Admin, |t| RevokeTokenRequest {
            token_id: t.one("token_id"),
            ..Default::default()
        }),
        method!("AdminService.AddIdentity", Once("identity_added"), Admin, |t| AddIdentityRequest {
            user_id: spare(t),
            identity: identity(t),
            ..Default::default()
        }),
        method!("AdminService.RemoveIdentity", Once("identity_removed"), Admin, |t| RemoveIdentityRequest {
            user_id: spare(t),
            identity: identity(t),
            ..Default::default()
        }),
    ]
}
