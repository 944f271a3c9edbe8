//! `[[printers]]`: the printers that the service prints to by itself, and the folders from which a print system of
//! another make takes its work. Without one, print rooms lease their jobs by `LeasePrintJobs`.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Where a printer's password is read from when `password_file` names no file.
pub const PRINTER_PASSWORD_VARIABLE: &str = "STARTLINE_PRINTER_PASSWORD";

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrinterConfig {
    /// Under which print jobs are written down as begun on it: lower-case letters, digits, hyphens. A name must stay with
    /// its printer while anything is under way on it.
    pub name: String,
    /// Whose print room it stands in.
    pub site: String,
    /// `ipp://127.0.0.1:631/printers/packs`, or `ipps://`; a printer's own address or a queue of CUPS.
    #[serde(default)]
    pub uri: Option<String>,
    /// Instead of a printer: jobs are laid into `<folder>/<site>/incoming`, see deploy/printers.md.
    #[serde(default)]
    pub folder: Option<PathBuf>,
    /// Who we are to a printer that asks for a password.
    #[serde(default)]
    pub user: Option<String>,
    /// A file with that password, readable by the service alone. Else the variable STARTLINE_PRINTER_PASSWORD holds it. The
    /// password itself never stands in the configuration.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// `two-sided-long-edge`, `two-sided-short-edge` or `one-sided`.
    #[serde(default = "long_edge")]
    pub sides: String,
    /// The paper, by its name in IPP.
    #[serde(default = "a4")]
    pub media: String,
    /// The tray the paper comes from, as the printer calls it in `media-source-supported`; its own choice when none is
    /// named.
    #[serde(default)]
    pub tray: Option<String>,
    /// Another tray for what goes by this class of post.
    #[serde(default)]
    pub trays_by_post_class: BTreeMap<String, String>,
    /// Another tray for this kind of letter; before the class of post.
    #[serde(default)]
    pub trays_by_kind: BTreeMap<String, String>,
    #[serde(default = "one")]
    pub copies: u32,
    /// How often the printer is asked how it goes.
    #[serde(default = "poll_ms")]
    pub poll_ms: u64,
    /// Without progress for so long, a job is shown as stalled.
    #[serde(default = "stall_after_s")]
    pub stall_after_s: u32,
    /// How long after this process died another takes over its jobs on this printer.
    #[serde(default = "lease_s")]
    pub lease_s: u32,
    /// Jobs that may be under way on it at once. What is in the printer's own queue cannot be printed elsewhere when it
    /// breaks down.
    #[serde(default = "two")]
    pub jobs_at_a_time: u32,
    /// Whether a job counts as printed only when the printer has counted all its pages. A printer that counts pages at all
    /// is held to it in any case.
    #[serde(default)]
    pub must_count: bool,
}

fn long_edge() -> String {
    "two-sided-long-edge".into()
}

fn a4() -> String {
    "iso_a4_210x297mm".into()
}

fn one() -> u32 {
    1
}

fn two() -> u32 {
    2
}

fn poll_ms() -> u64 {
    2000
}

fn stall_after_s() -> u32 {
    180
}

fn lease_s() -> u32 {
    60
}

impl PrinterConfig {
    /// # Errors
    /// A sentence that names the printer and the setting.
    pub fn check_all(printers: &[Self]) -> Result<(), String> {
        let mut names = BTreeSet::new();
        let mut folders = BTreeSet::new();
        for printer in printers {
            printer.check()?;
            if !names.insert(&printer.name) {
                return Err(format!("printers.name must be a printer's own: {:?} is there twice", printer.name));
            }
            if let Some(folder) = &printer.folder
                && !folders.insert((folder, &printer.site))
            {
                return Err(printer.wrong("folder", "is another printer's of the same site"));
            }
        }
        Ok(())
    }

    fn wrong(&self, setting: &str, what: &str) -> String {
        format!("printers.{setting} of {:?} {what}", self.name)
    }

    fn check(&self) -> Result<(), String> {
        let plain = |name: &str| {
            let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            (1..=60).contains(&name.len()) && name.bytes().all(fits)
        };
        if !plain(&self.name) {
            return Err(self.wrong("name", "must be 1 to 60 lower-case letters, digits and hyphens"));
        }
        if self.site.is_empty() {
            return Err(self.wrong("site", "must name a site of the service definition"));
        }
        self.check_place()?;
        let sides = ["one-sided", "two-sided-long-edge", "two-sided-short-edge"];
        if !sides.contains(&self.sides.as_str()) {
            return Err(self.wrong("sides", &format!("must be one of {}", sides.join(", "))));
        }
        if !is_keyword(&self.media) {
            return Err(self.wrong("media", "must be a name of IPP such as \"iso_a4_210x297mm\""));
        }
        if self.tray.as_ref().is_some_and(|tray| !is_keyword(tray)) {
            return Err(self.wrong("tray", "must be a name of IPP such as \"tray-1\""));
        }
        for (setting, trays) in
            [("trays_by_post_class", &self.trays_by_post_class), ("trays_by_kind", &self.trays_by_kind)]
        {
            if let Some((what, _)) = trays.iter().find(|(_, tray)| !is_keyword(tray)) {
                return Err(self.wrong(setting, &format!("must name for {what:?} a tray such as \"tray-1\"")));
            }
        }
        let within = |setting: &str, is: u64, least: u64, most: u64| match (least..=most).contains(&is) {
            true => Ok(()),
            false => Err(self.wrong(setting, &format!("must be from {least} to {most}"))),
        };
        within("copies", self.copies.into(), 1, 9)?;
        within("poll_ms", self.poll_ms, 50, 60_000)?;
        within("stall_after_s", self.stall_after_s.into(), 1, 86_400)?;
        within("lease_s", self.lease_s.into(), 1, 600)?;
        within("jobs_at_a_time", self.jobs_at_a_time.into(), 1, 100)
    }

    fn check_place(&self) -> Result<(), String> {
        match (&self.uri, &self.folder) {
            (Some(uri), None) => {
                let rest = uri.strip_prefix("ipp://").or_else(|| uri.strip_prefix("ipps://"));
                let address = |rest: &str| {
                    !rest.is_empty()
                        && !rest.starts_with(['/', ':'])
                        && rest.bytes().all(|b| b.is_ascii_graphic() && !b"?#@\"<>\\".contains(&b))
                };
                if !rest.is_some_and(address) {
                    return Err(self.wrong("uri", "must be an address such as \"ipp://127.0.0.1:631/printers/packs\""));
                }
            }
            (None, Some(folder)) if folder.as_os_str().is_empty() => {
                return Err(self.wrong("folder", "must name a folder"));
            }
            (None, Some(_)) if self.user.is_some() || self.password_file.is_some() => {
                return Err(self.wrong("user", "is for a printer: a folder asks for no password"));
            }
            (None, Some(_)) => {}
            _ => return Err(self.wrong("uri", "or its folder must be given, and not both")),
        }
        if self.user.is_none() && self.password_file.is_some() {
            return Err(self.wrong("password_file", "needs printers.user beside it"));
        }
        Ok(())
    }
}

/// A keyword or a name as printers use them.
fn is_keyword(text: &str) -> bool {
    (1..=127).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = \"taunton-1\"\nsite = \"somerset\"\nuri = \"ipp://127.0.0.1:631/printers/packs\"\n";

    fn read(text: &str) -> Result<PrinterConfig, String> {
        toml::from_str::<PrinterConfig>(text).map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_printer_needs_a_name_a_site_and_an_address() {
        let printer = read(GOOD).unwrap();
        assert_eq!(PrinterConfig::check_all(std::slice::from_ref(&printer)), Ok(()));
        assert_eq!((printer.sides.as_str(), printer.copies, printer.must_count), ("two-sided-long-edge", 1, false));
        let folder = GOOD.replace("uri = \"ipp://127.0.0.1:631/printers/packs\"", "folder = \"/srv/print\"");
        assert_eq!(read(&folder).unwrap().check(), Ok(()));
        let twice = PrinterConfig::check_all(&[printer.clone(), printer]);
        assert!(twice.is_err_and(|fault| fault.contains("printers.name") && fault.contains("twice")));
    }

    #[test]
    fn nonsense_is_refused_by_the_name_of_the_setting() {
        for (change, setting) in [
            ("copies = 0", "printers.copies"),
            ("poll_ms = 1", "printers.poll_ms"),
            ("stall_after_s = 0", "printers.stall_after_s"),
            ("lease_s = 0", "printers.lease_s"),
            ("jobs_at_a_time = 0", "printers.jobs_at_a_time"),
            ("sides = \"both\"", "printers.sides"),
            ("media = \"\"", "printers.media"),
            ("tray = \"tr\\u0000ay\"", "printers.tray"),
            ("trays_by_kind = { claim = \"\" }", "printers.trays_by_kind"),
            ("trays_by_post_class = { first = \"\" }", "printers.trays_by_post_class"),
            ("folder = \"/srv/print\"", "printers.uri"),
            ("password_file = \"/p\"", "printers.password_file"),
        ] {
            let fault = read(&format!("{GOOD}{change}\n")).unwrap().check().unwrap_err();
            assert!(fault.contains(setting) && fault.contains("taunton-1"), "{change}: {fault}");
        }
        for uri in ["http://p/", "ipp://", "ipp:///x", "ipp://user:word@p/x", "ipp://p/x?y", "p:631"] {
            let printer = read(&GOOD.replace("ipp://127.0.0.1:631/printers/packs", uri)).unwrap();
            assert!(printer.check().is_err_and(|fault| fault.contains("printers.uri")), "{uri}");
        }
        assert!(read(&GOOD.replace("taunton-1", "Taunton 1")).unwrap().check().is_err());
        // A password in the configuration file is noticed rather than used.
        assert!(read(&format!("{GOOD}password = \"word\"\n")).is_err_and(|fault| fault.contains("password")));
    }
}
