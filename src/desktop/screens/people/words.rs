//! The words of the pages on which an administrator looks after people.

use crate::words::words;

words! { pub PeopleWords {
    title: "People", "Pobl";
    new: "Add somebody", "Ychwanegu rhywun";
    find: "Find somebody", "Dod o hyd i rywun";
    part_of_name: "Part of a name", "Rhan o enw";
    name_not_in_address: "What is typed here does not stand in the address.", "Nid yw'r hyn a deipir yma yn y cyfeiriad.";
    site: "Site", "Safle";
    own_site: "Where they work", "Lle maent yn gweithio";
    own_site_more: "None: the site of the first duty. Administrators, switches and agencies' people have none.", "Dim: safle'r ddyletswydd gyntaf. Nid oes gan weinyddwyr, switsfyrddau na phobl asiantaethau un.";
    any_site: "All sites", "Pob safle";
    role: "Role", "Rôl";
    any_role: "All roles", "Pob rôl";
    with_disabled: "Also those who are disabled", "Hefyd y rhai sydd wedi'u hanalluogi";
    show: "Show", "Dangos";
    name: "Name", "Enw";
    duties: "Duties", "Dyletswyddau";
    duty: "Duty", "Dyletswydd";
    disabled: "Disabled", "Wedi'i analluogi";
    nobody: "Nobody is like that", "Nid oes neb felly";
    next: "Next page", "Tudalen nesaf";
    skills: "Skills", "Sgiliau";
    skills_more: "Advisers and team leaders take calls and make call-backs unless one of the two is chosen.", "Mae cynghorwyr ac arweinwyr tîm yn derbyn galwadau ac yn gwneud galwadau'n ôl oni ddewisir un o'r ddau.";
    inbound: "Takes calls", "Yn derbyn galwadau";
    outbound: "Makes call-backs", "Yn gwneud galwadau'n ôl";
    add: "Add them", "Eu hychwanegu";
    first_duty: "Their first duty", "Eu dyletswydd gyntaf";
    where_: "Where", "Lle";
    where_more: "A site, one office of a site, an agency, or no place: for administrators, switches and privacy officers of the whole network.", "Safle, un swyddfa safle, asiantaeth, neu ddim lle: ar gyfer gweinyddwyr, switsfyrddau a swyddogion preifatrwydd y rhwydwaith cyfan.";
    no_place: "No place", "Dim lle";
    all_offices: "all of it", "y cyfan";
    office: "office", "swyddfa";
    agency: "agency", "asiantaeth";
    first_day: "First day", "Diwrnod cyntaf";
    first_day_more: "Empty: from now on.", "Gwag: o hyn ymlaen.";
    last_day: "Last day", "Diwrnod olaf";
    last_day_more: "The duty ends with this day. For cover, say when it ends. Empty: it lasts until it is taken back.", "Daw'r ddyletswydd i ben gyda'r diwrnod hwn. Ar gyfer cyflenwi, dywedwch pryd y daw i ben. Gwag: mae'n para nes ei chymryd yn ôl.";
    name_needed: "Enter their name", "Rhowch eu henw";
    kind_needed: "Choose who vouches for it", "Dewiswch pwy sy'n tystio drosto";
    not_a_day: "Enter a day, such as 31/12/2026", "Rhowch ddiwrnod, fel 31/12/2026";
    give: "Give a duty", "Rhoi dyletswydd";
    give_more: "It holds within a second, also on pages that they have open.", "Mae'n dod i rym o fewn eiliad, hefyd ar dudalennau sydd ar agor ganddynt.";
    cover: "Temporary cover", "Cyflenwi dros dro";
    take: "Take back", "Cymryd yn ôl";
    take_title: "Take this duty back?", "Cymryd y ddyletswydd hon yn ôl?";
    take_one: "It ends at once: whatever they have open by it is closed to them within a second.", "Daw i ben ar unwaith: caiff beth bynnag sydd ar agor ganddynt drwyddi ei gau iddynt o fewn eiliad.";
    take_two: "It stays on the list, with who gave it and who took it back.", "Mae'n aros ar y rhestr, gyda phwy a'i rhoddodd a phwy a'i cymerodd yn ôl.";
    from: "From", "O";
    until: "Until", "Tan";
    until_taken: "until it is taken back", "nes ei chymryd yn ôl";
    by_service: "the service itself", "y gwasanaeth ei hun";
    given_by: "Given by", "Rhoddwyd gan";
    taken_by: "Taken back by", "Cymerwyd yn ôl gan";
    by_itself: "ended by itself", "daeth i ben ohono'i hun";
    not_yet: "Not yet", "Ddim eto";
    no_duties: "They have no duty now, and may do nothing.", "Nid oes ganddynt ddyletswydd nawr, ac ni chânt wneud dim.";
    over: "Duties that are over", "Dyletswyddau sydd ar ben";
    site_and_skills: "Where they work, and what they can do", "Lle maent yn gweithio, a beth y gallant ei wneud";
    change_title: "Name, site and skills", "Enw, safle a sgiliau";
    name_more: "Theirs alone; they sign in with it. At most 70 characters.", "Eu henw nhw yn unig; maent yn mewngofnodi ag ef. 70 nod ar y mwyaf.";
    no_site: "None", "Dim";
    added: "Added", "Ychwanegwyd";
    may_ask: "May sign in", "Caiff fewngofnodi";
    signing_in: "Signing in", "Mewngofnodi";
    browsers: "Browsers", "Porwyr";
    no_browsers: "Not signed in with any browser in the last 90 days.", "Heb fewngofnodi ag unrhyw borwr yn y 90 diwrnod diwethaf.";
    sign_out_one: "Sign out", "Allgofnodi";
    signed_in: "Signed in", "Mewngofnodwyd";
    last_used: "Last used", "Defnyddiwyd ddiwethaf";
    never_used: "not used yet", "heb ei ddefnyddio eto";
    by: "With", "Gyda";
    with_password: "password", "cyfrinair";
    with_provider: "the organisation's account", "cyfrif y sefydliad";
    state: "State", "Cyflwr";
    holds: "Holds", "Yn ddilys";
    ended: "Over", "Ar ben";
    revoked: "Revoked", "Wedi'i ddirymu";
    first_password: "Make a first password", "Gwneud cyfrinair cyntaf";
    first_password_title: "Make a first password?", "Gwneud cyfrinair cyntaf?";
    first_password_one: "The password that they have now opens nothing any more.", "Nid yw'r cyfrinair sydd ganddynt nawr yn agor dim mwyach.";
    first_password_two: "The browsers that they are signed in with are signed out.", "Caiff y porwyr y maent wedi mewngofnodi â nhw eu hallgofnodi.";
    first_password_three: "The new one is shown once. It is good for seven days, and only for making one of their own.", "Dangosir yr un newydd unwaith. Mae'n ddilys am saith diwrnod, a dim ond i wneud un eu hunain.";
    sign_out_all: "Sign out everywhere", "Allgofnodi ym mhobman";
    sign_out_title: "Sign them out everywhere?", "Eu hallgofnodi ym mhobman?";
    sign_out_more: "Every browser that they are signed in with is signed out, and what their provider vouched for before now is refused.", "Caiff pob porwr y maent wedi mewngofnodi ag ef ei allgofnodi, a gwrthodir yr hyn y tystiodd eu darparwr drosto cyn nawr.";
    sign_out_tokens: "Their access tokens go on: revoke those one by one.", "Mae eu tocynnau mynediad yn parhau: dirymwch y rheini fesul un.";
    tokens: "Access tokens", "Tocynnau mynediad";
    tokens_more: "For programs: a softphone, a print system, a switch.", "Ar gyfer rhaglenni: ffôn meddal, system argraffu, switsfwrdd.";
    no_tokens: "None", "Dim";
    old_tokens: "Tokens that are over", "Tocynnau sydd ar ben";
    new_token: "Make a token", "Gwneud tocyn";
    token_name: "What it is for, or on which machine", "At beth y mae, neu ar ba beiriant";
    token_name_more: "At most 40 characters. No other token of theirs that holds has this name.", "40 nod ar y mwyaf. Nid oes gan yr un tocyn arall dilys o'u heiddo yr enw hwn.";
    token_last_day: "Last day on which it is taken", "Diwrnod olaf y caiff ei dderbyn";
    token_last_day_more: "Empty: as many days as the server's settings say.", "Gwag: cynifer o ddiwrnodau ag y mae gosodiadau'r gweinydd yn ei ddweud.";
    revoke: "Revoke", "Dirymu";
    revoke_title: "Revoke this token?", "Dirymu'r tocyn hwn?";
    revoke_more: "Whoever shows it is refused from now on. It cannot be given back: another can be made.", "Gwrthodir pwy bynnag sy'n ei ddangos o hyn ymlaen. Ni ellir ei roi'n ôl: gellir gwneud un arall.";
    session_title: "Sign this browser out?", "Allgofnodi'r porwr hwn?";
    session_more: "Whoever sits in front of it has to sign in again.", "Rhaid i bwy bynnag sydd o'i flaen fewngofnodi eto.";
    ends: "Ends", "Yn dod i ben";
    made: "Made", "Gwnaed";
    once: "This is shown once. Write it down or hand it over now: it is kept nowhere, and loading this page again does not show it.", "Dangosir hwn unwaith. Ysgrifennwch ef neu ei roi nawr: nis cedwir yn unman, ac nid yw llwytho'r dudalen hon eto yn ei ddangos.";
    shown_before: "It was shown before, and cannot be shown again", "Fe'i dangoswyd o'r blaen, ac ni ellir ei ddangos eto";
    shown_before_more: "If nobody wrote it down, make another.", "Os na ysgrifennodd neb ef, gwnewch un arall.";
    token_made: "The new token", "Y tocyn newydd";
    password_made: "The first password", "Y cyfrinair cyntaf";
    read_aloud: "It can be read aloud: four groups of four.", "Gellir ei ddarllen yn uchel: pedwar grŵp o bedwar.";
    good_until: "Good until", "Yn ddilys tan";
    back_to: "Back to", "Yn ôl at";
    identities: "Certificates and accounts", "Tystysgrifau a chyfrifon";
    identities_more: "By what they are known elsewhere. A name stands for one person.", "Wrth yr hyn y'u hadwaenir mewn mannau eraill. Mae enw yn sefyll am un person.";
    new_identity: "Add a certificate's name or an account", "Ychwanegu enw tystysgrif neu gyfrif";
    certificate: "Client certificate", "Tystysgrif cleient";
    account: "Account with the organisation's provider", "Cyfrif gyda darparwr y sefydliad";
    kind: "Who vouches for it", "Pwy sy'n tystio drosto";
    identity_name: "Name", "Enw";
    identity_name_more: "A certificate's subject alternative name, or what the provider calls them. At most 256 characters.", "Enw amgen pwnc tystysgrif, neu'r hyn y mae'r darparwr yn eu galw. 256 nod ar y mwyaf.";
    remove: "Remove", "Tynnu";
    remove_title: "Remove this?", "Tynnu hwn?";
    remove_more: "Whoever shows such a certificate, or has that account, is nobody here from now on.", "Nid yw pwy bynnag sy'n dangos tystysgrif o'r fath, neu sydd â'r cyfrif hwnnw, yn neb yma o hyn ymlaen.";
    not_there: "This is not there any more", "Nid yw hwn yno mwyach";
    disable: "Disable", "Analluogi";
    disable_title: "Disable this person?", "Analluogi'r person hwn?";
    disable_one: "Nothing is let through for them from then on, whatever they show: they are signed out everywhere, and their tokens, certificates and accounts are refused.", "Ni adewir dim drwodd iddynt o hynny ymlaen, beth bynnag a ddangosant: cânt eu hallgofnodi ym mhobman, a gwrthodir eu tocynnau, eu tystysgrifau a'u cyfrifon.";
    disable_two: "What they have done stays, under their name. Their duties stay too, and hold again if they are enabled.", "Mae'r hyn a wnaethant yn aros, dan eu henw. Mae eu dyletswyddau'n aros hefyd, ac yn dod i rym eto os cânt eu galluogi.";
    disable_three: "What they had in hand is not done by this: look through their call-backs and meetings.", "Nid yw hyn yn gwneud yr hyn oedd ganddynt mewn llaw: edrychwch drwy eu galwadau'n ôl a'u cyfarfodydd.";
    enable: "Enable", "Galluogi";
    enable_more: "They may sign in again, with the duties and tokens that still hold. Browsers sign in anew.", "Cânt fewngofnodi eto, gyda'r dyletswyddau a'r tocynnau sy'n dal yn ddilys. Mae porwyr yn mewngofnodi o'r newydd.";
    disabled_since: "Disabled since", "Wedi'i analluogi ers";
    last_administrator: "Nobody else could look after people then. Make another administrator first, without an end.", "Ni allai neb arall ofalu am bobl wedyn. Gwnewch weinyddwr arall yn gyntaf, heb ddiwedd.";
    provider_signs_in: "People sign in with their organisation's accounts here, and have no passwords of this service.", "Mae pobl yn mewngofnodi gyda chyfrifon eu sefydliad yma, ac nid oes ganddynt gyfrineiriau'r gwasanaeth hwn.";
    is_disabled: "They are disabled: enable them first.", "Maent wedi'u hanalluogi: galluogwch nhw yn gyntaf.";
    duty_over: "This duty is over already.", "Mae'r ddyletswydd hon ar ben yn barod.";
    token_revoked: "This was revoked before.", "Dirymwyd hwn o'r blaen.";
} }

impl PeopleWords {
    /// What the service says when it is a sentence of its own, in the page's language.
    pub fn why_not(&self, reason: &str) -> Option<&'static str> {
        Some(match reason {
            "LAST_ADMINISTRATOR" => self.last_administrator,
            "PROVIDER_SIGNS_IN" => self.provider_signs_in,
            "USER_DISABLED" => self.is_disabled,
            "DUTY_OVER" => self.duty_over,
            "TOKEN_REVOKED" => self.token_revoked,
            _ => return None,
        })
    }
}
