//! What the pages say, in both languages: a page cannot be in one of them alone.

use startline_foundation::formats::Language;
use startline_identity::password::NotGood;
use startline_rooms::access::Role;

macro_rules! words {
    ($($word:ident: $english:literal, $welsh:literal;)*) => {
        pub struct Words {
            pub language: Language,
            $(pub $word: &'static str,)*
        }

        static ENGLISH: Words = Words { language: Language::English, $($word: $english,)* };
        static WELSH: Words = Words { language: Language::Welsh, $($word: $welsh,)* };

        #[cfg(test)]
        pub const PAIRS: &[(&str, &str, &str)] = &[$((stringify!($word), $english, $welsh)),*];
    };
}

words! {
    skip: "Skip to the main part of the page", "Neidio i brif ran y dudalen";
    other_language: "Cymraeg", "English";
    sign_in: "Sign in", "Mewngofnodi";
    name: "Your name", "Eich enw";
    name_hint: "As your administrator wrote it, for example Ana Jones", "Fel yr ysgrifennodd eich gweinyddwr ef, er enghraifft Ana Jones";
    password: "Password", "Cyfrinair";
    problem: "There is a problem", "Mae problem";
    error: "Error:", "Gwall:";
    name_needed: "Enter your name", "Rhowch eich enw";
    password_needed: "Enter your password", "Rhowch eich cyfrinair";
    wrong_password: "This name and this password do not belong together. Check both and try again.", "Nid yw'r enw hwn a'r cyfrinair hwn yn perthyn i'w gilydd. Gwiriwch y ddau a rhowch gynnig arall arni.";
    first_password_over: "The password that was made for you was good for seven days. Ask your administrator for another.", "Roedd y cyfrinair a wnaed i chi yn ddilys am saith diwrnod. Gofynnwch i'ch gweinyddwr am un arall.";
    forgotten: "If you have forgotten your password, ask your administrator for another.", "Os ydych wedi anghofio'ch cyfrinair, gofynnwch i'ch gweinyddwr am un arall.";
    with_account: "Sign in with your organisation's account", "Mewngofnodi gyda chyfrif eich sefydliad";
    no_way_in: "Nobody signs in with a browser here", "Nid oes neb yn mewngofnodi â phorwr yma";
    no_way_in_more: "This service knows your organisation's accounts by their tokens alone. Use your desk's own program.", "Mae'r gwasanaeth hwn yn adnabod cyfrifon eich sefydliad wrth eu tocynnau yn unig. Defnyddiwch raglen eich desg.";
    one_moment: "One moment", "Un eiliad";
    go_on: "Go on", "Ymlaen";
    signed_in: "You are signed in", "Rydych wedi mewngofnodi";
    signed_out: "You are signed out here", "Rydych wedi allgofnodi yma";
    sign_out_there: "Sign out of your organisation's account as well", "Allgofnodi o gyfrif eich sefydliad hefyd";
    nobody_here: "You may do nothing here", "Ni chewch wneud dim yma";
    nobody_here_more: "Your organisation's account is right, but none of its groups has work in this service. Ask your administrator.", "Mae cyfrif eich sefydliad yn iawn, ond nid oes gwaith yn y gwasanaeth hwn i'r un o'i grwpiau. Gofynnwch i'ch gweinyddwr.";
    provider_away: "Your organisation's sign-in does not answer", "Nid yw mewngofnodi eich sefydliad yn ateb";
    provider_away_more: "Try again in a minute. Nobody else is signed out by this.", "Rhowch gynnig arall arni ymhen munud. Nid yw hyn yn allgofnodi neb arall.";
    not_signed_in: "You are not signed in", "Nid ydych wedi mewngofnodi";
    not_signed_in_more: "The sign-in took longer than ten minutes, or was begun in another window. Begin again.", "Cymerodd y mewngofnodi fwy na deng munud, neu fe'i dechreuwyd mewn ffenestr arall. Dechreuwch eto.";
    not_ours: "Nothing was done", "Ni wnaed dim";
    not_ours_more: "The request did not come from a page of this service that is open in your browser now. Go back to the first page and do it again.", "Ni ddaeth y cais o dudalen o'r gwasanaeth hwn sydd ar agor yn eich porwr nawr. Ewch yn ôl i'r dudalen gyntaf a'i wneud eto.";
    away: "This cannot be done just now", "Ni ellir gwneud hyn ar hyn o bryd";
    away_more: "Nothing that was saved is lost. Try again in a few seconds.", "Nid oes dim a gadwyd wedi'i golli. Rhowch gynnig arall arni ymhen ychydig eiliadau.";
    busy_more: "Many people are signing in at this moment. Try again in a few seconds.", "Mae llawer o bobl yn mewngofnodi ar hyn o bryd. Rhowch gynnig arall arni ymhen ychydig eiliadau.";
    first_page: "To the first page", "I'r dudalen gyntaf";
    your_account: "Your account", "Eich cyfrif";
    your_work: "What you do here", "Beth rydych yn ei wneud yma";
    no_work: "Nothing at present. Ask your administrator.", "Dim ar hyn o bryd. Gofynnwch i'ch gweinyddwr.";
    signed_in_since: "Signed in here since", "Wedi mewngofnodi yma ers";
    browsers: "Browsers that you are signed in with", "Porwyr rydych wedi mewngofnodi â nhw";
    sign_out: "Sign out", "Allgofnodi";
    sign_out_everywhere: "Sign out of all browsers", "Allgofnodi o bob porwr";
    change_password: "Change your password", "Newid eich cyfrinair";
    own_password: "Make a password of your own", "Gwnewch eich cyfrinair eich hun";
    own_password_more: "The one that you have was made by somebody else. It opens nothing but this page.", "Rhywun arall a wnaeth yr un sydd gennych. Nid yw'n agor dim ond y dudalen hon.";
    old_password: "The password that you have", "Y cyfrinair sydd gennych";
    new_password: "The new password", "Y cyfrinair newydd";
    new_password_hint: "At least 12 characters. Three or four words that do not belong together are good.", "O leiaf 12 nod. Mae tri neu bedwar gair nad ydynt yn perthyn i'w gilydd yn dda.";
    password_again: "The new password again", "Y cyfrinair newydd eto";
    save_password: "Save the new password", "Cadw'r cyfrinair newydd";
    others_signed_out: "Your other browsers will be signed out.", "Bydd eich porwyr eraill yn cael eu hallgofnodi.";
    not_twice_the_same: "Enter the new password twice alike", "Rhowch y cyfrinair newydd ddwywaith yr un fath";
    old_needed: "Enter the password that you have", "Rhowch y cyfrinair sydd gennych";
    no_page: "There is no such page", "Nid oes tudalen o'r fath";
    no_page_more: "If you typed the address, check it.", "Os gwnaethoch deipio'r cyfeiriad, gwiriwch ef.";
    wrong_old_password: "This is not the password that you have", "Nid dyma'r cyfrinair sydd gennych";
    password_short: "The new password must have at least 12 characters", "Rhaid i'r cyfrinair newydd gael o leiaf 12 nod";
    password_long: "The new password must have at most 128 characters", "Rhaid i'r cyfrinair newydd gael 128 nod ar y mwyaf";
    password_untyped: "The new password must not have characters that cannot be typed", "Ni chaiff y cyfrinair newydd gynnwys nodau na ellir eu teipio";
    password_name: "The new password must not be your name", "Ni chaiff y cyfrinair newydd fod yr un fath â'ch enw";
    password_common: "The new password is among those that are tried first: choose one that nobody else would", "Mae'r cyfrinair newydd ymhlith y rhai y rhoddir cynnig arnynt gyntaf: dewiswch un na fyddai neb arall yn ei ddewis";
    password_same: "The new password must be another than the one that you have", "Rhaid i'r cyfrinair newydd fod yn wahanol i'r un sydd gennych";
    adviser: "Call centre adviser", "Cynghorydd canolfan alwadau";
    team_leader: "Team leader", "Arweinydd tîm";
    supervisor: "Supervisor", "Goruchwyliwr";
    personal_adviser: "Personal adviser", "Cynghorydd personol";
    benefits_expert: "Benefits expert", "Arbenigwr budd-daliadau";
    reception: "Reception", "Derbynfa";
    print_room: "Print room", "Ystafell argraffu";
    switch: "Telephone switch", "Switsfwrdd ffôn";
    admin: "Administrator", "Gweinyddwr";
    agency: "Agency", "Asiantaeth";
    privacy_officer: "Privacy officer", "Swyddog preifatrwydd";
}

impl Words {
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Welsh => &WELSH,
        }
    }

    pub fn tag(&self) -> &'static str {
        self.language.as_str()
    }

    /// Of the language that the page is not in.
    pub fn other_tag(&self) -> &'static str {
        match self.language {
            Language::English => Language::Welsh.as_str(),
            Language::Welsh => Language::English.as_str(),
        }
    }

    /// What somebody is told whose name was tried too often.
    pub fn wait(&self, seconds: u64) -> String {
        match self.language {
            Language::English => {
                format!("This name was tried several times with a wrong password. Try again in {seconds} s.")
            }
            Language::Welsh => {
                format!(
                    "Rhoddwyd cynnig ar yr enw hwn sawl gwaith gyda chyfrinair anghywir. Rhowch gynnig arall arni ymhen {seconds} s."
                )
            }
        }
    }

    pub fn until(&self, when: &str) -> String {
        match self.language {
            Language::English => format!("until {when}"),
            Language::Welsh => format!("tan {when}"),
        }
    }

    pub fn not_good(&self, why: NotGood) -> &'static str {
        match why {
            NotGood::Short => self.password_short,
            NotGood::Long => self.password_long,
            NotGood::Untyped => self.password_untyped,
            NotGood::Name => self.password_name,
            NotGood::Common => self.password_common,
            NotGood::Same => self.password_same,
        }
    }

    pub fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Adviser => self.adviser,
            Role::TeamLeader => self.team_leader,
            Role::Supervisor => self.supervisor,
            Role::PersonalAdviser => self.personal_adviser,
            Role::BenefitsExpert => self.benefits_expert,
            Role::Reception => self.reception,
            Role::PrintRoom => self.print_room,
            Role::Switch => self.switch,
            Role::Admin => self.admin,
            Role::Agency => self.agency,
            Role::PrivacyOfficer => self.privacy_officer,
        }
    }
}
