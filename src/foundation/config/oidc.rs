//! `[oidc]`: the organisation's own accounts, by OpenID Connect. Without this section there are the service's own tokens
//! and client certificates.

use super::WebConfig;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;

/// Where the client's secret is read from when `client_secret_file` names no file.
pub const OIDC_CLIENT_SECRET_VARIABLE: &str = "STARTLINE_OIDC_CLIENT_SECRET";

/// What a provider may sign with. None of them can be made with what is public: HS256 and its like can, where somebody takes
/// a provider's public key for a secret, and `none` needs no key at all.
pub const ALGORITHMS: [&str; 9] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"];

/// The page under `web.public_url` that the provider sends a browser back to.
const RETURN_PATH: &str = "/sign-in/return";

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// `https://login.example.org/realms/staff`, letter for letter as the provider calls itself.
    pub issuer: String,
    /// For whom a token must be made to be taken here. One is enough.
    pub audiences: Vec<String>,
    /// What a token may be signed with.
    #[serde(default = "algorithms")]
    pub algorithms: Vec<String>,
    /// The claim by which a user is known, whatever else about them changes.
    #[serde(default = "user_claim")]
    pub user_claim: String,
    /// The claim with the name that others see.
    #[serde(default = "name_claim")]
    pub name_claim: String,
    /// The claim with the user's site, when the provider knows it.
    #[serde(default)]
    pub site_claim: Option<String>,
    /// The claim with the user's groups. `realm_access.roles` is the claim `roles` within `realm_access`.
    #[serde(default = "groups_claim")]
    pub groups_claim: String,
    /// What each group may do: whoever is in several may do what each of them may, who is in none is nobody here.
    #[serde(default)]
    pub groups: Vec<GroupConfig>,
    /// How far the provider's clock and ours may be apart.
    #[serde(default = "leeway_s")]
    pub leeway_s: u32,
    /// A file with the certificate (PEM) of the authority that vouches for the provider: it alone is believed then.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// As whom the provider knows this service when people sign in with a browser. Without it only tokens are taken.
    #[serde(default)]
    pub client_id: Option<String>,
    /// A file with the client's secret, readable by the service alone. Else the variable STARTLINE_OIDC_CLIENT_SECRET holds
    /// it. The secret itself never stands in the configuration.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// What is asked of the provider at a sign-in.
    #[serde(default = "scope")]
    pub scope: String,
}

/// A group of the provider's, and what whoever is in it may do here. The words are checked against the service definition by
/// whoever knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupConfig {
    pub group: String,
    pub role: String,
    #[serde(default)]
    pub site: Option<String>,
    #[serde(default)]
    pub office: Option<String>,
    #[serde(default)]
    pub agency: Option<String>,
}

fn algorithms() -> Vec<String> {
    vec!["RS256".into(), "ES256".into()]
}

fn user_claim() -> String {
    "sub".into()
}

fn name_claim() -> String {
    "name".into()
}

fn groups_claim() -> String {
    "groups".into()
}

fn leeway_s() -> u32 {
    60
}

fn scope() -> String {
    "openid profile".into()
}

impl OidcConfig {
    /// # Errors
    /// A sentence that names the setting.
    pub fn check(&self, web: Option<&WebConfig>) -> Result<(), String> {
        if !is_trusted_address(&self.issuer) || self.issuer.contains('?') {
            return Err("oidc.issuer must begin with https:// (or be http:// on this machine, for trials)".into());
        }
        self.check_tokens()?;
        for group in &self.groups {
            let GroupConfig { group, role, site, office, agency } = group;
            let optional = [("site", site), ("office", office), ("agency", agency)];
            let given = optional.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
            for (name, value) in [("group", group), ("role", role)].into_iter().chain(given) {
                if !is_word(value) {
                    return Err(format!("oidc.groups.{name} of {group:?} must be 1 to 200 characters"));
                }
            }
        }
        if self.client_id.is_none() && self.client_secret_file.is_some() {
            return Err("oidc.client_secret_file needs oidc.client_id beside it".into());
        }
        self.check_browser(web)
    }

    fn check_tokens(&self) -> Result<(), String> {
        if self.audiences.is_empty() || !self.audiences.iter().all(|word| is_word(word)) {
            return Err("oidc.audiences must name for whom tokens are made: a token for others must not do here".into());
        }
        if self.algorithms.is_empty() {
            return Err(format!("oidc.algorithms must name at least one of {}", ALGORITHMS.join(", ")));
        }
        if let Some(wrong) = self.algorithms.iter().find(|name| !ALGORITHMS.contains(&name.as_str())) {
            let known = ALGORITHMS.join(", ");
            return Err(format!(
                "oidc.algorithms has {wrong:?}: it may name {known}, and nothing that needs no key of its own"
            ));
        }
        let site_claim = self.site_claim.as_ref().map(|claim| ("site_claim", claim));
        let claims =
            [("user_claim", &self.user_claim), ("name_claim", &self.name_claim), ("groups_claim", &self.groups_claim)];
        if let Some((name, _)) = claims.into_iter().chain(site_claim).find(|(_, claim)| !is_word(claim)) {
            return Err(format!("oidc.{name} must name a claim"));
        }
        if self.leeway_s > 300 {
            return Err("oidc.leeway_s must be at most 300".into());
        }
        Ok(())
    }

    fn check_browser(&self, web: Option<&WebConfig>) -> Result<(), String> {
        let Some(client_id) = &self.client_id else { return Ok(()) };
        if !is_word(client_id) {
            return Err("oidc.client_id must be 1 to 200 characters".into());
        }
        if !self.scope.split(' ').any(|word| word == "openid") || !is_word(&self.scope) {
            return Err("oidc.scope must be words with openid among them".into());
        }
        match web.map(|web| Self::redirect(&web.public_address())) {
            Some(redirect) if is_trusted_address(&redirect) => Ok(()),
            _ => Err("oidc.client_id needs web.public_url to be an address with https:// (or http:// on this machine)"
                .into()),
        }
    }

    /// Where the provider sends a browser back to, as it is to be entered at the provider. `public_url` is how the world
    /// reaches the web door.
    pub fn redirect(public_url: &str) -> String {
        format!("{}{RETURN_PATH}", public_url.trim_end_matches('/'))
    }
}

fn is_word(text: &str) -> bool {
    (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control) && text.trim() == text
}

/// Whether what is said there and what comes from there cannot be read or changed on its way: HTTPS, or this machine.
pub fn is_trusted_address(address: &str) -> bool {
    if !address.bytes().all(|b| b.is_ascii_graphic() && !b"#@\"<>\\".contains(&b)) {
        return false;
    }
    let host = |rest: &str| {
        let authority = rest.split(['/', '?']).next().unwrap_or_default().to_owned();
        match authority.strip_prefix('[') {
            Some(bracketed) => bracketed.split(']').next().unwrap_or_default().to_owned(),
            None => authority.split(':').next().unwrap_or_default().to_owned(),
        }
    };
    if let Some(rest) = address.strip_prefix("https://") {
        return !host(rest).is_empty();
    }
    address
        .strip_prefix("http://")
        .map(host)
        .is_some_and(|host| host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "issuer = \"https://login.example.org\"\naudiences = [\"startline\"]\n";

    fn read(text: &str) -> OidcConfig {
        toml::from_str(text).unwrap()
    }

    fn web(url: &str) -> WebConfig {
        WebConfig { listen: ([127, 0, 0, 1], 8080).into(), public_url: Some(url.into()), tls: None }
    }

    #[test]
    fn nonsense_is_refused_by_the_name_of_the_setting() {
        let config = read(GOOD);
        assert_eq!(config.check(None), Ok(()));
        assert_eq!(config.algorithms, ["RS256", "ES256"]);
        for (change, setting) in [
            ("algorithms = []", "oidc.algorithms"),
            ("algorithms = [\"RS256\", \"HS256\"]", "oidc.algorithms has \"HS256\""),
            ("algorithms = [\"none\"]", "oidc.algorithms has \"none\""),
            ("user_claim = \"\"", "oidc.user_claim"),
            ("site_claim = \" x\"", "oidc.site_claim"),
            ("leeway_s = 301", "oidc.leeway_s"),
            ("client_id = \"startline\"", "web.public_url"),
            ("client_secret_file = \"/s\"", "oidc.client_secret_file"),
            ("groups = [{ group = \"advisers\", role = \"\" }]", "oidc.groups.role"),
            ("groups = [{ group = \"a\", role = \"adviser\", site = \"\" }]", "oidc.groups.site"),
        ] {
            let fault = read(&format!("{GOOD}{change}\n")).check(None).unwrap_err();
            assert!(fault.contains(setting), "{change}: {fault}");
        }
        let nobody = read(&GOOD.replace("[\"startline\"]", "[]"));
        assert!(nobody.check(None).is_err_and(|fault| fault.contains("oidc.audiences")));
        // A secret in the configuration file is noticed rather than used.
        assert!(toml::from_str::<OidcConfig>(&format!("{GOOD}client_secret = \"s\"")).is_err());
    }

    #[test]
    fn a_browser_needs_a_way_back_that_nobody_can_read() {
        let config = read(&format!("{GOOD}client_id = \"startline\"\n"));
        assert_eq!(config.check(Some(&web("https://desk.example.org/"))), Ok(()));
        assert_eq!(OidcConfig::redirect("https://desk.example.org/"), "https://desk.example.org/sign-in/return");
        assert_eq!(
            config.check(Some(&WebConfig { listen: ([127, 0, 0, 1], 80).into(), public_url: None, tls: None })),
            Ok(())
        );
        assert!(config.check(Some(&web("http://desk.example.org"))).is_err());
        let without_openid = read(&format!("{GOOD}client_id = \"startline\"\nscope = \"profile\"\n"));
        let fault = without_openid.check(Some(&web("https://desk.example.org"))).unwrap_err();
        assert!(fault.contains("oidc.scope"), "{fault}");
    }

    #[test]
    fn only_https_and_this_machine_are_trusted() {
        for good in [
            "https://login.example.org",
            "https://x:1/y",
            "http://127.0.0.1:9",
            "http://localhost/",
            "http://[::1]:8/a",
        ] {
            assert!(is_trusted_address(good), "{good}");
        }
        for wrong in [
            "",
            "https://",
            "https:///x",
            "http://login.example.org",
            "http://127.0.0.1.example.org",
            "http://127.0.0.1@example.org/",
            "http://localhost.example.org/",
            "https://user@example.org",
            "https://a b",
            "ftp://127.0.0.1",
            "http://127.0.0.1\\@example.org",
        ] {
            assert!(!is_trusted_address(wrong), "{wrong}");
        }
        let config = read(&GOOD.replace("https://", "http://"));
        assert!(config.check(None).is_err_and(|fault| fault.contains("oidc.issuer")));
    }
}
