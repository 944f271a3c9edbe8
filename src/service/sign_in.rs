//! Accounts of the organisation's provider: what a token says, as a user of this service.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use startline_definition::{Definition, Definitions};
use startline_foundation::clock::Clock;
use startline_foundation::config::{GroupConfig, OidcConfig};
use startline_foundation::error::{Error, Result};
use startline_foundation::ids::{AgencyId, OfficeId, SiteId};
use startline_identity::{CodeFlow, Identity, Verifier};
use startline_rooms::access::{Account, Duty, Role, Token};
use std::sync::Arc;

/// Takes the provider's tokens.
pub struct SignIn {
    verifier: Verifier,
    settings: OidcConfig,
    definitions: Arc<Definitions>,
}

impl SignIn {
    /// # Errors
    /// A sentence for the operator that names the setting.
    pub fn open(settings: &OidcConfig, definitions: &Arc<Definitions>, clock: &Clock) -> Result<Self, String> {
        let (definition, now) = (definitions.current(), clock.now());
        for group in &settings.groups {
            // Where the provider says who works where, a site need not stand in the table.
            let site = settings.site_claim.is_some().then(|| definition.sites.first().map(|site| site.id.to_string()));
            duty(group, site.flatten().as_deref(), definition, now)
                .map_err(|fault| format!("oidc.groups of {:?}: {fault}", group.group))?;
        }
        let verifier = Verifier::open(settings, clock.clone())?;
        verifier.ask_ahead();
        Ok(Self { verifier, settings: settings.clone(), definitions: definitions.clone() })
    }

    /// How browsers sign in with the provider, if it knows this service as a client. `public_url`: how the world reaches the web
    /// door.
    ///
    /// # Errors
    /// A sentence for the operator that names the setting.
    pub fn code_flow(&self, public_url: &str) -> Result<Option<CodeFlow>, String> {
        CodeFlow::open(&self.settings, public_url, self.verifier.clone())
    }

    /// Whether one of the provider's groups looks after people here.
    pub fn names_an_administrator(settings: &OidcConfig) -> bool {
        settings.groups.iter().any(|group| group.role == Role::Admin.as_str())
    }

    /// What a token of the provider's says.
    ///
    /// # Errors
    /// `Unauthenticated`, whatever is wrong with it.
    pub async fn account(&self, token: &Token, now: DateTime<Utc>) -> Result<Account> {
        let identity: Arc<Identity> = self.verifier.verify(token.reveal(), now).await.map_err(Error::from)?;
        Ok(self.account_of(&identity, Sha256::digest(token.reveal()).into(), now))
    }

    /// Whoever the provider vouches for. `hash`: of what they showed.
    pub fn account_of(&self, identity: &Identity, hash: [u8; 32], now: DateTime<Utc>) -> Account {
        let definition = self.definitions.current();
        let granted = self
            .settings
            .groups
            .iter()
            .filter(|group| identity.groups.contains(&group.group))
            // A site that the definition does not have any more gives nothing.
            .filter_map(|group| duty(group, identity.site.as_deref(), definition, now).ok())
            .collect();
        Account {
            name: format!("{} {}", identity.issuer, identity.subject),
            shown_name: identity.name.clone(),
            granted,
            ends_at: identity.expires_at,
            hash,
            vouched_at: identity.issued_at,
        }
    }
}

/// What being in this group means here, checked.
fn duty(group: &GroupConfig, site: Option<&str>, definition: &Definition, now: DateTime<Utc>) -> Result<Duty> {
    let role: Role = group.role.parse().map_err(|fault: String| Error::invalid("role", fault))?;
    let site = group.site.as_deref().or(site.filter(|_| role.works_at_a_site()));
    let duty = Duty {
        office: group.office.as_deref().map(OfficeId::new),
        agency: group.agency.as_deref().map(AgencyId::new),
        ..Duty::new(role, site.map(SiteId::new), now)
    };
    duty.check(definition, now)?;
    Ok(duty)
}
