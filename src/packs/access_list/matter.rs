//! What was looked at, in as many words as a client needs: a method's name tells an engineer, and a client nothing. Pure.

use startline_foundation::formats::words;
use startline_rooms::access::Kind;

words! {
    /// What of a client's record somebody looked at. Its word is a key of the letters' wording.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Matter {
        /// Name, address, and what else stands in the client record.
        Details = "details",
        /// What was changed there.
        Changes = "changes",
        /// The client was among those whom a search found.
        Search = "search",
        Callbacks = "callbacks",
        /// What was said in the start-up call.
        StartUp = "start_up",
        Claim = "claim",
        /// What one agency sees of the claim.
        AgencyView = "agency_view",
        Meetings = "meetings",
        Steps = "steps",
        Reminders = "reminders",
        Letters = "letters",
        /// A list such as this.
        Looks = "looks",
    }
}

/// What the command line notes when it makes the list.
const COMMAND: &str = "startline audit access";

impl Matter {
    /// Of a look by this method (`ClientService.GetClient`) at this kind of record. Methods are many and will be more, so
    /// what a service is about decides, and for one that nobody named the kind of record.
    pub fn of(method: &str, kind: &str) -> Self {
        let (service, method) = method.split_once('.').unwrap_or((method, ""));
        match (service, method) {
            ("ClientService", "FindClients") => Self::Search,
            ("ClientService", "ListClientChanges") => Self::Changes,
            ("ClientService", _) => Self::Details,
            ("CallbackService", _) => Self::Callbacks,
            ("ScriptService", _) => Self::StartUp,
            ("ClaimService", "GetAgencyView") | ("PackService", "GetAgencyDocument") => Self::AgencyView,
            ("ClaimService" | "CheckService", _) => Self::Claim,
            ("DiaryService", _) => Self::Meetings,
            ("FollowUpService", _) => Self::Steps,
            ("ReminderService", _) => Self::Reminders,
            ("PackService", _) => Self::Letters,
            ("PrivacyService" | COMMAND, _) => Self::Looks,
            _ => Kind::parse(kind).map_or(Self::Details, Self::of_kind),
        }
    }

    fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Client => Self::Details,
            Kind::Claim | Kind::Query => Self::Claim,
            Kind::Callback | Kind::MissedCaller => Self::Callbacks,
            Kind::Walk => Self::StartUp,
            Kind::Appointment => Self::Meetings,
            Kind::Reminder => Self::Reminders,
            Kind::Step | Kind::Standby | Kind::StandbyOffer => Self::Steps,
            Kind::Pack | Kind::PrintJob | Kind::PackException => Self::Letters,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_is_what_the_method_is_about_and_else_what_the_record_is() {
        for (method, kind, matter) in [
            ("ClientService.GetClient", "client", Matter::Details),
            ("ClientService.FindClients", "client", Matter::Search),
            ("CallbackService.ListCallbacks", "client", Matter::Callbacks),
            ("PackService.ListPacks", "claim", Matter::Letters),
            ("PackService.GetAgencyDocument", "claim", Matter::AgencyView),
            ("NewService.GetSomething", "walk", Matter::StartUp),
            ("NewService.GetSomething", "a kind of tomorrow", Matter::Details),
        ] {
            assert_eq!(Matter::of(method, kind), matter, "{method} {kind}");
        }
    }
}
