//! What the pages say, in both languages: a page cannot be in one of them alone.

use startline_api::{AdviserState, AdviserStatus};
use startline_foundation::formats::Language;
use startline_identity::password::NotGood;
use startline_rooms::access::Role;

/// The words of a screen, `words! { pub Desk { accept: "Accept", "Derbyn"; } }`, each in English and in Welsh.
macro_rules! words {
    ($visible:vis $name:ident { $($word:ident: $english:literal, $welsh:literal;)* }) => {
        $visible struct $name {
            #[allow(dead_code, reason = "of those whose sentences are put together")]
            pub language: startline_foundation::formats::Language,
            $(pub $word: &'static str,)*
        }

        impl $name {
            pub fn of(language: startline_foundation::formats::Language) -> &'static Self {
                use startline_foundation::formats::Language;
                static ENGLISH: $name = $name { language: Language::English, $($word: $english,)* };
                static WELSH: $name = $name { language: Language::Welsh, $($word: $welsh,)* };
                match language {
                    Language::English => &ENGLISH,
                    Language::Welsh => &WELSH,
                }
            }

            /// The one of this name: what an address says was done, or a word of the API.
            #[allow(dead_code, reason = "of a few lists only")]
            pub fn sentence(&self, name: &str) -> Option<&'static str> {
                match name {
                    $(stringify!($word) => Some(self.$word),)*
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use words;

words! { pub Words {
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
    asks_from: "You work at several sites. Work from", "Rydych yn gweithio mewn sawl safle. Gweithio o";
    // What is around every page.
    nav: "Your work", "Eich gwaith";
    nav_desk: "Desk", "Desg";
    nav_callbacks: "Call-backs", "Galwadau'n ôl";
    nav_floor: "Floor", "Llawr";
    nav_day: "Day", "Diwrnod";
    nav_checks: "Checks", "Gwiriadau";
    nav_steps: "Steps", "Camau";
    nav_post: "Post", "Post";
    nav_reminders: "Reminder calls", "Galwadau atgoffa";
    nav_letters: "Letters to write", "Llythyrau i'w hysgrifennu";
    nav_reports: "Reports", "Adroddiadau";
    nav_people: "People", "Pobl";
    nav_access: "Who looked", "Pwy edrychodd";
    nav_agency: "Claims", "Hawliadau";
    nav_operations: "Jobs", "Swyddi";
    find: "Find a client", "Dod o hyd i gleient";
    find_hint: "Name, number, NI number or a page's code", "Enw, rhif, rhif YG neu god tudalen";
    today: "today", "heddiw";
    tomorrow: "tomorrow", "yfory";
    yesterday: "yesterday", "ddoe";
    to: "to", "i";
    yes: "Yes", "Ie";
    no: "No", "Na";
    none: "None", "Dim";
    change: "Change", "Newid";
    save: "Save", "Cadw";
    cancel: "Go back without saving", "Yn ôl heb gadw";
    back: "Back", "Yn ôl";
    more: "More", "Rhagor";
    next_page: "Next page", "Tudalen nesaf";
    nothing_here: "Nothing here now", "Dim yma nawr";
    keys: "Keys", "Bysellau";
    done_heading: "Done", "Wedi'i wneud";
    // What the script says by itself.
    saved: "Saved", "Wedi'i gadw";
    saving: "Saving", "Yn cadw";
    not_saved: "Not saved yet", "Heb ei gadw eto";
    more_to_ask: "Saved. There is more to ask here now.", "Wedi'i gadw. Mae rhagor i'w ofyn yma nawr.";
    put_back: "What you had typed is back in the form. It is not saved yet.", "Mae'r hyn roeddech wedi'i deipio yn ôl yn y ffurflen. Nid yw wedi'i gadw eto.";
    cut_off: "No connection. What you see is as it was at", "Dim cysylltiad. Mae'r hyn a welwch fel yr oedd am";
    connected_again: "Connected again", "Wedi cysylltu eto";
    newer: "The service was restarted or brought up to date. Finish what you are typing, then load the page again.", "Cafodd y gwasanaeth ei ailgychwyn neu ei ddiweddaru. Gorffennwch deipio, yna llwythwch y dudalen eto.";
    load_again: "Load again", "Llwytho eto";
    is_signed_out: "You are signed out. What you have typed is kept in this window until you sign in again.", "Rydych wedi allgofnodi. Cedwir yr hyn rydych wedi'i deipio yn y ffenestr hon nes i chi fewngofnodi eto.";
    another_window: "Another window of this browser rings for you.", "Mae ffenestr arall o'r porwr hwn yn canu i chi.";
    // The desk's own line on every page.
    bar: "Your desk", "Eich desg";
    bar_closed: "You are not taking calls in this browser.", "Nid ydych yn derbyn galwadau yn y porwr hwn.";
    bar_start: "Start taking calls", "Dechrau derbyn galwadau";
    bar_elsewhere: "Your desk was opened in another window or program. Calls ring there.", "Agorwyd eich desg mewn ffenestr neu raglen arall. Mae galwadau'n canu yno.";
    bar_take: "Take calls here", "Derbyn galwadau yma";
    available: "Available", "Ar gael";
    on_break: "On break", "Ar egwyl";
    signed_out_of_desk: "Not taking calls", "Ddim yn derbyn galwadau";
    idle: "waiting for a call", "yn aros am alwad";
    offered: "a call is ringing", "mae galwad yn canu";
    on_call: "on a call", "ar alwad";
    wrap_up: "writing up", "yn cofnodi";
    outbound: "ringing a client", "yn ffonio cleient";
    kept: "kept free for your next call-back", "wedi'ch cadw'n rhydd ar gyfer eich galwad yn ôl nesaf";
    next_callback: "Next call-back", "Galwad yn ôl nesaf";
    accept: "Accept", "Derbyn";
    decline: "Decline", "Gwrthod";
    ringing: "A call is ringing", "Mae galwad yn canu";
    unknown_number: "number withheld", "rhif wedi'i gadw'n ôl";
    to_the_call: "To the call", "I'r alwad";
    left: "left", "ar ôl";
    // What a page says when something was not done.
    denied: "You may not do this", "Ni chewch wneud hyn";
    denied_more: "It belongs to other work than yours. If it should be yours, ask your team leader.", "Mae'n perthyn i waith arall. Os dylai fod yn waith i chi, gofynnwch i'ch arweinydd tîm.";
    typed_more: "Go back, change what is named here and send it again.", "Ewch yn ôl, newidiwch yr hyn a enwir yma a'i anfon eto.";
    not_found: "This is not there", "Nid yw hwn yno";
    not_found_more: "It was taken away, or the address is not right.", "Cafodd ei dynnu i ffwrdd, neu nid yw'r cyfeiriad yn gywir.";
    race: "Somebody was first", "Roedd rhywun yn gynt";
    race_more: "It has changed since you opened the page. Nothing of yours was written over it. Go back, load the page again and decide anew.", "Mae wedi newid ers i chi agor y dudalen. Nid ysgrifennwyd dim o'ch eiddo drosto. Ewch yn ôl, llwythwch y dudalen eto a phenderfynwch o'r newydd.";
    not_now: "This cannot be done as things stand", "Ni ellir gwneud hyn fel y mae pethau";
    not_now_more: "Nothing was changed.", "Ni newidiwyd dim.";
    limit_more: "Too much was asked for at once. Try again in a few seconds.", "Gofynnwyd am ormod ar unwaith. Rhowch gynnig arall arni ymhen ychydig eiliadau.";
    fault: "Something went wrong on our side", "Aeth rhywbeth o'i le ar ein hochr ni";
    fault_more: "It is in the log under the number below. Nothing that was saved is lost.", "Mae yn y cofnod o dan y rhif isod. Nid oes dim a gadwyd wedi'i golli.";
    free_now: "Free now", "Ar gael nawr";
    ask_for_record: "Ask for this record", "Gofyn am y cofnod hwn";
} }

// What has just been done, by the word that the address of the next page has.
words! { pub Done {
    saved: "Saved.", "Wedi'i gadw.";
    client_made: "The record is made.", "Mae'r cofnod wedi'i wneud.";
    record_open: "The record is open to you until the end of your day.", "Mae'r cofnod ar agor i chi tan ddiwedd eich diwrnod.";
    taken_back: "The change is taken back.", "Mae'r newid wedi'i dynnu'n ôl.";
    booked: "The call-back is booked. Read the sentence below to the client.", "Mae'r alwad yn ôl wedi'i threfnu. Darllenwch y frawddeg isod i'r cleient.";
    moved: "It is moved.", "Mae wedi'i symud.";
    called_off: "It is called off, and its time is free.", "Mae wedi'i chanslo, ac mae ei hamser yn rhydd.";
    parked: "It is parked, and comes back to you at its time.", "Mae wedi'i pharcio, a daw'n ôl atoch ar ei hamser.";
    recorded: "Recorded.", "Wedi'i gofnodi.";
    tried: "Recorded. It comes back by itself for the next try; after the last one a letter is owed.", "Wedi'i gofnodi. Daw'n ôl ohoni'i hun ar gyfer yr ymgais nesaf; ar ôl yr un olaf mae llythyr yn ddyledus.";
    number_wrong: "Recorded. It is on the list of numbers to check.", "Wedi'i gofnodi. Mae ar restr y rhifau i'w gwirio.";
    number_right: "The number is put right.", "Mae'r rhif wedi'i gywiro.";
    taken_over: "It is done in this call.", "Fe'i gwneir yn yr alwad hon.";
    assigned: "They are asked to make it, and see it on their list.", "Gofynnwyd iddynt ei gwneud, a gwelant hi ar eu rhestr.";
    seen_to: "The caller is off the list.", "Mae'r galwr oddi ar y rhestr.";
    letter_gone: "Recorded. The call-back is booked for the time that the letter names.", "Wedi'i gofnodi. Mae'r alwad yn ôl wedi'i threfnu ar gyfer yr amser a enwir yn y llythyr.";
    duty_given: "The duty is given.", "Mae'r ddyletswydd wedi'i rhoi.";
    duty_taken: "The duty is taken back.", "Mae'r ddyletswydd wedi'i chymryd yn ôl.";
    person_added: "They are added. Make a first password or a token, so that they are let in.", "Maent wedi'u hychwanegu. Gwnewch gyfrinair cyntaf neu docyn, fel y cânt eu gadael i mewn.";
    identity_added: "It is added.", "Mae wedi'i ychwanegu.";
    identity_removed: "It is removed.", "Mae wedi'i dynnu.";
    revoked: "It is refused from now on.", "Fe'i gwrthodir o hyn ymlaen.";
    signed_out_everywhere: "They are signed out everywhere.", "Maent wedi'u hallgofnodi ym mhobman.";
    disabled: "Disabled. Nothing is let through for them any more.", "Wedi'i analluogi. Ni adewir dim drwodd iddynt mwyach.";
    enabled: "Enabled. They may sign in again.", "Wedi'i alluogi. Cânt fewngofnodi eto.";
    judged: "Closed. What you wrote stands with it.", "Wedi'i gau. Mae'r hyn a ysgrifennoch yn sefyll gydag ef.";
    leased: "Leased. They are yours until the time beside each.", "Ar brydles. Chi biau nhw tan yr amser wrth ymyl pob un.";
    none_leased: "Nothing waits to be printed.", "Nid oes dim yn aros i'w argraffu.";
    lease_extended: "You have it for longer.", "Mae gennych ef am fwy o amser.";
    job_begun: "Begun. Nobody else gets it.", "Wedi'i ddechrau. Nid yw neb arall yn ei gael.";
    job_returned: "It is back in the queue.", "Mae'n ôl yn y ciw.";
    job_printed: "Printed.", "Wedi'i argraffu.";
    job_spoiled: "Spoiled. A new job stands for it, first in the queue.", "Wedi'i ddifetha. Mae swydd newydd yn sefyll drosto, yn gyntaf yn y ciw.";
    job_posted: "Posted.", "Wedi'i bostio.";
    pack_handed_over: "Handed over.", "Wedi'i drosglwyddo.";
    pack_came_back: "Noted that the post brought it back.", "Nodwyd bod y post wedi dod ag ef yn ôl.";
    pack_cancelled: "Cancelled.", "Wedi'i ganslo.";
    pack_reprinted: "Queued to be printed again.", "Yn y ciw i'w argraffu eto.";
    batch_counted: "Counted.", "Wedi'i gyfrif.";
    exception_composed: "Mended and composed. It is queued.", "Wedi'i drwsio a'i gyfansoddi. Mae yn y ciw.";
    exception_dismissed: "Dismissed.", "Wedi'i ddiystyru.";
    job_retried: "It is tried again from now on.", "Rhoddir cynnig arno eto o hyn ymlaen.";
    job_dropped: "Dropped. Nobody tries it again.", "Wedi'i ollwng. Nid oes neb yn rhoi cynnig arno eto.";
    client_arrived: "The client is here.", "Mae'r cleient yma.";
    meeting_begun: "The meeting has begun.", "Mae'r cyfarfod wedi dechrau.";
    did_not_come: "Noted: they did not come. What is to be done about it is among the steps.", "Wedi'i nodi: ni ddaethant. Mae'r hyn sydd i'w wneud am hynny ymhlith y camau.";
    meeting_moved: "The meeting is moved.", "Symudwyd y cyfarfod.";
    meeting_cancelled: "The meeting is cancelled.", "Canslwyd y cyfarfod.";
    meeting_booked: "The meeting is booked.", "Trefnwyd y cyfarfod.";
    series_booked: "All the meetings are booked.", "Trefnwyd yr holl gyfarfodydd.";
    hours_set: "The hours are set.", "Gosodwyd yr oriau.";
    time_blocked: "It is added to the diary.", "Fe'i hychwanegwyd at y dyddiadur.";
    time_given_back: "It is taken back: what it kept free can be booked again.", "Fe'i tynnwyd yn ôl: gellir trefnu'r amser eto.";
    calendar_revoked: "Revoked. Nobody gets anything there any more.", "Wedi'i ddirymu. Nid oes neb yn cael dim yno mwyach.";
    step_recorded: "The step is recorded.", "Cofnodwyd y cam.";
    attempt_recorded: "The call is recorded.", "Cofnodwyd yr alwad.";
    good_cause_recorded: "Good cause is recorded: the missed meeting does not count.", "Cofnodwyd achos da: nid yw'r cyfarfod a gollwyd yn cyfrif.";
    reversed: "The decision is taken back. A letter tells the client.", "Mae'r penderfyniad wedi'i dynnu'n ôl. Bydd llythyr yn dweud wrth y cleient.";
    decided: "Your decision is recorded.", "Cofnodwyd eich penderfyniad.";
    upheld: "The decision stands, and the client is told.", "Mae'r penderfyniad yn sefyll, a dywedir wrth y cleient.";
    asked_again: "It is on the list until somebody has looked at it.", "Mae ar y rhestr nes bod rhywun wedi edrych arno.";
    event_recorded: "It is recorded.", "Fe'i cofnodwyd.";
    standby_joined: "They are on the standby list.", "Maent ar y rhestr wrth gefn.";
    standby_left: "They are off the standby list.", "Nid ydynt ar y rhestr wrth gefn mwyach.";
    standby_answered: "The answer is recorded.", "Cofnodwyd yr ateb.";
    query_raised: "The query is raised.", "Codwyd yr ymholiad.";
    query_settled: "The query is settled.", "Datryswyd yr ymholiad.";
    evidence_ticked: "Noted.", "Wedi'i nodi.";
    amended_too_late: "The answer is amended. A letter to the old address has left already: tell the client.", "Diwygiwyd yr ateb. Mae llythyr i'r hen gyfeiriad wedi mynd eisoes: dywedwch wrth y cleient.";
    answer_amended: "The answer is amended.", "Diwygiwyd yr ateb.";
    check_taken: "You check this claim.", "Chi sy'n gwirio'r hawliad hwn.";
    check_handed_back: "The check is handed back: somebody else can take it.", "Rhoddwyd y gwiriad yn ôl: gall rhywun arall ei gymryd.";
    check_completed: "The claim is complete and may be handed over.", "Mae'r hawliad yn gyflawn a gellir ei drosglwyddo.";
    form_back: "The form is back.", "Mae'r ffurflen yn ôl.";
    claim_lodged: "The claim is handed over.", "Trosglwyddwyd yr hawliad.";
} }

impl Words {
    pub fn status(&self, status: AdviserStatus) -> &'static str {
        match status {
            AdviserStatus::Available => self.available,
            AdviserStatus::OnBreak => self.on_break,
            AdviserStatus::SignedOut | AdviserStatus::Unspecified => self.signed_out_of_desk,
        }
    }

    pub fn state(&self, state: AdviserState) -> &'static str {
        match state {
            AdviserState::Idle | AdviserState::Unspecified => self.idle,
            AdviserState::Offered => self.offered,
            AdviserState::OnCall => self.on_call,
            AdviserState::WrapUp => self.wrap_up,
            AdviserState::Outbound => self.outbound,
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
