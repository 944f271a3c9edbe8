//! Whether somebody may reach a record, and what they see of it: the rules are `access::walls` and `access::marks`, what they ask about is gathered here.

use crate::Service;
use dashmap::DashMap;
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{ClaimId, ClientId, SiteId};
use startline_foundation::store::Db;
use startline_rooms::access::{self, CallInHand, Case, Context, Kind, Place, Right, Role, Sees};
use startline_rooms::clients::Within;
use startline_rooms::{contingency, records};
use uuid::Uuid;

/// Whose work claims are, as far as somebody has asked: memory only, and bounded.
#[derive(Debug, Default)]
pub struct SitesOfClaims(DashMap<Uuid, (SiteId, Option<ClientId>)>);

/// When as many as this are known, all are forgotten.
const MOST_CLAIMS: usize = 50_000;

impl SitesOfClaims {
    fn get(&self, claim: Uuid) -> Option<(SiteId, Option<ClientId>)> {
        self.0.get(&claim).map(|known| known.value().clone())
    }

    fn remember(&self, claim: Uuid, known: (SiteId, Option<ClientId>)) {
        if self.0.len() >= MOST_CLAIMS {
            self.0.clear();
        }
        self.0.insert(claim, known);
    }
}

/// A record that somebody reaches.
#[derive(Debug, Clone, Copy)]
pub struct Reached {
    /// The first reason that there is, and whose rule it is.
    pub right: Right,
    pub client: Option<ClientId>,
    pub sees: Sees,
}

impl Service {
    /// Why somebody may reach this record, whose it is, and what they see of it; none when there is no such record.
    ///
    /// # Errors
    /// `OutsideWork` when they may not.
    pub async fn reach(&self, db: &mut Db<'_>, context: &Context, kind: Kind, id: Uuid) -> Result<Option<Reached>> {
        if let Some(reached) = self.reach_by_heart(context, kind, id) {
            return Ok(Some(reached));
        }
        let Some(case) = records::case(db, kind, id).await? else { return Ok(None) };
        if let (Kind::Claim, Some(site)) = (kind, &case.site) {
            self.sites_of_claims.remember(id, (site.clone(), case.client));
        }
        let rights = self.rights(db, context, &case).await?;
        match rights.first() {
            Some(right) => {
                let sees = rights.iter().copied().map(Sees::by).fold(Sees::NOTHING, Sees::or);
                Ok(Some(Reached { right: *right, client: case.client, sees }))
            }
            None if access::may_ask(&context.user) => Err(Error::OutsideWork(
                "this record is not of your work: with a reason, PrivacyService.AskForRecord opens it to you",
            )),
            None => Err(Error::OutsideWork("this record is not of your work")),
        }
    }

    /// The same without asking the database: for the claims of somebody's own site, whose site never changes. So answers are
    /// saved as they are typed, and no faster or slower for the wall.
    pub fn reach_by_heart(&self, context: &Context, kind: Kind, id: Uuid) -> Option<Reached> {
        let (site, client) = (kind == Kind::Claim).then(|| self.sites_of_claims.get(id)).flatten()?;
        let case = Case { kind, client, claim: Some(ClaimId(id)), site: Some(site), home: None, holder: None };
        let right = access::by_the_case(&context.user, &case)?;
        let sees = Sees::by(right);
        // Where less is seen, there may be another ground that shows more.
        sees.is_all().then_some(Reached { right, client, sees })
    }

    /// What costs least is asked first, and nothing more once it shows them everything. Print rooms and supervisors have no
    /// other work with a client, unless they are somebody else as well.
    async fn rights(&self, db: &mut Db<'_>, context: &Context, case: &Case) -> Result<Vec<Right>> {
        let user = &context.user;
        let shows_all = |right: &Right| Sees::by(*right).is_all();
        let mut rights: Vec<Right> = access::by_the_case(user, case).into_iter().collect();
        let is_all_they_do = user.roles.iter().all(|role| matches!(role, Role::PrintRoom | Role::Supervisor));
        if rights.iter().any(|right| shows_all(right) || is_all_they_do) {
            return Ok(rights);
        }
        let place = self.place_of(db, context).await?;
        rights.extend(access::by_the_place(user, &place, case));
        if let Some(client) = case.client.filter(|_| !rights.iter().any(shows_all)) {
            let ties = records::ties(db, client, user.id).await?;
            rights.extend(access::by_the_ties(user, &place, case, &ties, context.now));
        }
        Ok(rights)
    }

    /// Where somebody stands: whose work their site does now, its offices, and whom they have on the telephone.
    pub async fn place_of(&self, db: &mut Db<'_>, context: &Context) -> Result<Place> {
        let Some(site) = &context.user.site else { return Ok(Place::default()) };
        let advises = context.user.roles.any(&[Role::Adviser, Role::TeamLeader]);
        let serves = match advises {
            true => contingency::sites_served_by(db, site).await?,
            false => Vec::new(),
        };
        let offices = self.definitions.current().offices_of(site).map(|office| office.id.clone()).collect();
        Ok(Place { serves, offices, call: if advises { self.call_in_hand(context) } else { None } })
    }

    /// Among whose clients somebody finds one.
    pub async fn findable(&self, db: &mut Db<'_>, context: &Context) -> Result<Within> {
        let (user, place) = (&context.user, self.place_of(db, context).await?);
        let advises = user.roles.any(&[Role::Adviser, Role::TeamLeader]);
        let meets = user.roles.any(&[Role::PersonalAdviser, Role::Reception, Role::BenefitsExpert]);
        let own = user.site.clone().filter(|_| advises);
        let called = place.call.as_ref().and_then(|call| call.home.clone());
        Ok(Within {
            sites: own.into_iter().chain(called).chain(place.serves.iter().cloned()).collect(),
            offices: if meets { access::offices_of(user, &place) } else { Vec::new() },
            personal_adviser: user.is(Role::PersonalAdviser).then_some(user.id),
            meetings_after: context.now - access::MEETING_COUNTS_FOR,
            steps_at: user.site.clone().filter(|_| meets),
            seen: access::at_offices(user),
            now: context.now,
        })
    }

    fn call_in_hand(&self, context: &Context) -> Option<CallInHand> {
        let network = self.switchboard.network();
        let call = network.desk_view(context.user.id).ok()?.call()?;
        let card = network.call_view(call).ok()?.card;
        Some(CallInHand { home: card.home.clone(), client: card.passed.as_ref().and_then(|screen| screen.client) })
    }
}
