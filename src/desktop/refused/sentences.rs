//! The service's own sentences in Welsh, where a screen shows them: those of fields, and those that say more than a
//! reason's (`reasons.rs`).

use super::fields::OF_FIELDS;
use super::next_steps::NEXT_STEPS;
use chrono::{Datelike, NaiveDate, Weekday};
use startline_foundation::formats::{Language, day_in_words, weekday_in_words};

/// `"{} is in the past" => "mae {} yn y gorffennol";`: the same places in both, in the same order; Welsh may have fewer.
macro_rules! sentences {
    ($name:ident { $($english:literal => $welsh:literal;)* }) => {
        pub const $name: &[(&str, &str)] = &[$(($english, $welsh)),*];
    };
}

pub(super) use sentences;

// Of whole requests.
sentences! { OTHERS {
    "this token belongs to no site" => "nid ydych yn perthyn i safle";
    "that is another site's" => "mae hwnnw'n perthyn i safle arall";
    "this adviser is at another site" => "mae'r cynghorydd hwn mewn safle arall";
    "this claim is another site's" => "mae'r hawliad hwn yn perthyn i safle arall";
    "a date that was lost is for a team leader" => "arweinydd tîm sy'n delio â dyddiad a gollwyd";
    "this step is another site's" => "mae'r cam hwn yn perthyn i safle arall";
    "this is another office's" => "mae hwn yn perthyn i swyddfa arall";
    "this is another site's" => "mae hwn yn perthyn i safle arall";
    "these are somebody else's hours" => "oriau rhywun arall yw'r rhain";
    "these are somebody else's hours, or another site's" => "oriau rhywun arall yw'r rhain, neu oriau safle arall";
    "this is what another agency may see" => "dyma'r hyn y caiff asiantaeth arall ei weld";
    "this client belongs to another site" => "mae'r cleient hwn yn perthyn i safle arall";
    "this is somebody else's calendar, or another site's" => "calendr rhywun arall neu safle arall yw hwn";
    "this batch belongs to another print room" => "mae'r swp hwn yn perthyn i ystafell argraffu arall";
    "this print job belongs to another print room" => "mae'r swydd argraffu hon yn perthyn i ystafell argraffu arall";
    "your work is with no client's record" => "nid yw eich gwaith gyda chofnod unrhyw gleient";
    "this is another site: an administrator sees its users" => "safle arall yw hwn: gweinyddwr sy'n gweld ei bobl";
    "a user with the role {} may not call this method" => "ni chewch wneud hyn yn eich gwaith";
    "you have no role at {} that may call this method" => "nid oes gennych waith yn {} sy'n caniatáu hyn";
    "a missed caller is seen to by the site they rang, or by those who help it" => "y safle a ffoniwyd, neu'r rhai sy'n ei helpu, sy'n delio â galwr a gollwyd";
    "this site is declared lost; its call-backs are made by the sites that help it" => "mae'r safle hwn wedi'i ddatgan ar goll; y safleoedd sy'n ei helpu sy'n gwneud ei alwadau'n ôl";
    "a call-back is made by an adviser of the client's home site" => "cynghorydd o safle cartref y cleient sy'n gwneud galwad yn ôl";
    "a letter about a call-back is sent by the client's home site" => "safle cartref y cleient sy'n anfon llythyr am alwad yn ôl";
    "an adviser's hours are set at their own site" => "yn ei safle ei hun y gosodir oriau cynghorydd";
    "only a team leader may do without the meeting; an adviser may defer it" => "dim ond arweinydd tîm a gaiff wneud heb y cyfarfod; caiff cynghorydd ei ohirio";
    "the working days in which good cause can be shown are over: only a team leader may record it now" => "mae'r diwrnodau gwaith i ddangos achos da ar ben: dim ond arweinydd tîm a gaiff ei gofnodi nawr";
    "this pack holds what is not of your work: whoever works with the case, or prints it, reads it" => "mae'r pecyn hwn yn cynnwys yr hyn nad yw'n rhan o'ch gwaith: y sawl sy'n gweithio gyda'r achos, neu'n ei argraffu, sy'n ei ddarllen";
    "this copy holds answers that are not of your work: whoever holds the meeting or checks the claim reads it" => "mae'r copi hwn yn cynnwys atebion nad ydynt yn rhan o'ch gwaith: y sawl sy'n cynnal y cyfarfod neu'n gwirio'r hawliad sy'n ei ddarllen";
    "this client is another site's: its own privacy officer prints who has looked, or one of the whole network" => "mae'r cleient hwn yn perthyn i safle arall: ei swyddog preifatrwydd ei hun, neu un y rhwydwaith cyfan, sy'n argraffu pwy edrychodd";
    "this record is not of your work: with a reason, PrivacyService.AskForRecord opens it to you" => "nid yw'r cofnod hwn yn rhan o'ch gwaith: gofynnwch amdano, gyda rheswm, a bydd yn agor i chi";
    "this record is not of your work" => "nid yw'r cofnod hwn yn rhan o'ch gwaith";
    "the database cannot be reached just now; try again" => "ni ellir cyrraedd y gronfa ddata ar hyn o bryd; rhowch gynnig arall arni";
    "the service is stopping; try again" => "mae'r gwasanaeth yn stopio; rhowch gynnig arall arni";
    "the service is stopping and takes no new calls" => "mae'r gwasanaeth yn stopio ac nid yw'n derbyn galwadau newydd";
    "this could not be written just now; try again" => "ni ellid ysgrifennu hyn nawr; rhowch gynnig arall arni";
    "this could not be read just now; try again" => "ni ellid darllen hyn nawr; rhowch gynnig arall arni";
    "it cannot be written down just now that you look at this; try again" => "ni ellir cofnodi nawr eich bod yn edrych ar hyn; rhowch gynnig arall arni";
    "the first try of this request was just undone; try again" => "mae'r ymgais gyntaf newydd gael ei dad-wneud; rhowch gynnig arall arni";
    "there is no site to take calls" => "nid oes safle i dderbyn galwadau";
    "callers and desks are at another server of this service: connect there" => "mae galwyr a desgiau wrth weinydd arall o'r gwasanaeth hwn: cysylltwch yno";
    "the calls of {} move to the other sites from now on, but the database cannot be reached: its call-backs stay where they are and the record is written when it is back. Send the same request again to have that confirmed" => "mae galwadau {} yn symud i'r safleoedd eraill o hyn ymlaen, ond ni ellir cyrraedd y gronfa ddata: mae ei alwadau'n ôl yn aros lle y maent, ac ysgrifennir y cofnod pan fydd yn ôl. Anfonwch yr un peth eto i gael cadarnhad";
    "many people are signing in at this moment; try again in a few seconds" => "mae llawer o bobl yn mewngofnodi ar hyn o bryd; rhowch gynnig arall arni ymhen ychydig eiliadau";
    "that is {} searches within a minute: try again in {} s" => "dyna {} o chwiliadau o fewn munud: rhowch gynnig arall arni ymhen {} eiliad";
    "you hold {} {} for other clients, and that is as many as one may hold at a time: book one of them, or wait until {}, when the first is given back" => "rydych yn cadw {} o amserau ar gyfer cleientiaid eraill, a dyna'r nifer mwyaf y gall un person eu cadw ar yr un pryd: trefnwch un ohonynt, neu arhoswch nes y rhoddir y cyntaf yn ôl";
    "a walk keeps {} notes, and this one has them" => "mae sgript yn cadw {} o nodiadau, ac mae gan hon gynifer â hynny";
    "this client cannot be erased now: {}" => "ni ellir dileu'r cleient hwn nawr: {}";
    "something went wrong on our side; it has been logged under {}" => "aeth rhywbeth o'i le ar ein hochr ni; mae yn y cofnod o dan {}";
    "{} is in a conversation at this telephone: it cannot be yours as well" => "mae {} mewn sgwrs ar y ffôn hwn: ni all fod yn ffôn i chi hefyd";
    "{} is declared lost already; end that contingency first" => "mae {} wedi'i ddatgan ar goll eisoes; rhowch ddiwedd ar hynny yn gyntaf";
    "somebody has just booked this time; these are free" => "mae rhywun newydd drefnu'r amser hwn; mae'r rhain yn rhydd";
    "there is no room around {}; nothing was booked" => "nid oes lle o gwmpas {}; ni threfnwyd dim";
    "another adviser has promised to make this call-back; it is everybody's from {}" => "mae cynghorydd arall wedi addo gwneud yr alwad yn ôl hon; caiff pawb ei gwneud o {} ymlaen";
    "this client is not to be rung; instead: {}" => "nid yw'r cleient hwn i'w ffonio; yn hytrach: {}";
    "the pack would leave on {} and be there on {}, which is too late for the meeting{}: agree with the client that it is collected or sent by e-mail, or that it is posted all the same" => "byddai'r pecyn yn gadael ar {} ac yn cyrraedd ar {}, sy'n rhy hwyr i'r cyfarfod{}: cytunwch â'r cleient ei fod yn cael ei gasglu neu ei anfon drwy e-bost, neu ei fod yn cael ei bostio beth bynnag";
    " on {}" => " ar {}";
    "this claim has been handed over already" => "trosglwyddwyd yr hawliad hwn eisoes";
    "this claim has been handed over to {} already" => "trosglwyddwyd yr hawliad hwn i {} eisoes";
    "settle what the benefits expert asks first: {}" => "yn gyntaf, datryswch yr hyn y mae'r arbenigwr budd-daliadau yn ei ofyn: {}";
    "the meeting is the client's own choice from the age of {}; this client is younger" => "o {} oed y mae'r cyfarfod yn ddewis y cleient; mae'r cleient hwn yn iau";
    "{} booked meetings would lie outside these hours; move them first, or accept that they are left" => "byddai cyfarfodydd a drefnwyd y tu allan i'r oriau hyn (nifer: {}); symudwch nhw yn gyntaf, neu derbyniwch eu bod yn cael eu gadael";
    "the client had good cause, so this missed meeting cannot count against them" => "roedd gan y cleient achos da, felly ni chaiff y cyfarfod hwn a gollwyd gyfrif yn ei erbyn";
    "{} is not for this client as the answers stand" => "yn ôl yr atebion, nid yw {} ar gyfer y cleient hwn";
    "not covered yet: {}; cover each, or say why not" => "heb eu trafod eto: {}; trafodwch bob un, neu dywedwch pam lai";
    "this print job was leased {} times, and the report is about a later lease: send the attempt that the lease gave" => "mae rhif eich prydles yn anghywir; llwythwch y dudalen eto";
    "this print job was given back and waits in the queue: destroy any copy of it, and lease it again" => "rhoddwyd y swydd argraffu hon yn ôl ac mae'n aros yn y ciw: dinistriwch unrhyw gopi ohoni, a chymerwch hi eto";
    "the lease of this print job ran out and another has it: destroy the copy that was printed" => "daeth prydles y swydd argraffu hon i ben ac mae hi gan rywun arall: dinistriwch y copi a argraffwyd";
    "{} has been changed again since: take back that change first" => "newidiwyd {} eto ers hynny: dadwnewch y newid hwnnw yn gyntaf";
    "only the adviser who has the call says where it belongs" => "dim ond y cynghorydd sydd â'r alwad sy'n dweud i ble y mae'n perthyn";
    "only the adviser who has the client's call makes the call-back that call" => "dim ond y cynghorydd sydd â galwad y cleient a gaiff wneud yr alwad yn ôl yn yr alwad honno";
    "others were busy with the same; try again" => "roedd eraill yn gwneud yr un peth; rhowch gynnig arall arni";
    "this could not be done before the deadline that the request came with" => "ni ellid gwneud hyn mewn pryd; anfonwch ef eto";
    "ni all cofnod y cleient ei gymryd ({})" => "ni all cofnod y cleient ei gymryd ({})";
    // Of packs and batches.
    "may have been printed on {}: {}" => "efallai iddo gael ei argraffu ar {}: {}";
    "was not printed in time: it is {}" => "ni chafodd ei argraffu mewn pryd";
    "is printed and was not reported posted" => "mae wedi'i argraffu ac ni nodwyd ei fod wedi'i bostio";
    "was cancelled after it was printed: take it out and destroy it" => "cafodd ei ganslo ar ôl ei argraffu: tynnwch ef allan a'i ddinistrio";
    "has {} pages, and {} were printed{}" => "mae ganddo {} tudalen, ac argraffwyd {}{}";
    "; it left so: {}" => "; aeth allan felly: {}";
    "{} {} were counted, and {} were reported posted" => "cyfrifwyd {} {}, a nodwyd bod {} wedi'u postio";
    "packs" => "o becynnau";
    "pages" => "o dudalennau";
    "has {} sheets, and the largest envelope holds {}" => "mae ganddo {} dalen, ac mae'r amlen fwyaf yn dal {}";
    "“no fixed abode” is no address that the post delivers to" => "nid yw “dim cartref sefydlog” yn gyfeiriad y gall y post ei gyrraedd";
    "the postcode {}" => "y cod post: {}";
    "line {} begins with “{}”, which sorting machines do not accept" => "mae llinell {} yn dechrau â “{}”, ac nid yw peiriannau didoli'n derbyn hynny";
    "the address has {} lines; an envelope's window shows 3 to 7" => "mae gan y cyfeiriad {} llinell; mae ffenestr amlen yn dangos rhwng 3 a 7";
    "a line is wider than the envelope's window and has no gap at which it could be broken" => "mae llinell yn lletach na ffenestr yr amlen, ac nid oes bwlch i'w thorri";
    "a new address was given without its postcode" => "rhoddwyd cyfeiriad newydd heb ei god post";
    "a new postcode was given without its address" => "rhoddwyd cod post newydd heb ei gyfeiriad";
    "the client wants letters sent to another address, which the client record does not have" => "mae'r cleient am i lythyrau fynd i gyfeiriad arall nad yw yng nghofnod y cleient";
    "Write it in Latin letters for this print, as the client spells it; the record keeps what was said." => "Ysgrifennwch ef mewn llythrennau Lladin ar gyfer yr argraffiad hwn, fel y mae'r cleient yn ei sillafu; mae'r cofnod yn cadw'r hyn a ddywedwyd.";
    "Print a shorter text that says where the rest is kept." => "Argraffwch destun byrrach sy'n dweud ble y cedwir y gweddill.";
    "Ask for the postcode of the new address, and write it into the form or the record, also when it is the same." => "Gofynnwch am god post y cyfeiriad newydd, ac ysgrifennwch ef yn y ffurflen neu'r cofnod, hyd yn oed os yw'r un fath.";
    "Ask for the address of the new postcode, and write it into the form or the record, also when it is the same." => "Gofynnwch am gyfeiriad y cod post newydd, ac ysgrifennwch ef yn y ffurflen neu'r cofnod, hyd yn oed os yw'r un fath.";
    "Ask for an address where letters reach the client, or let them collect the pack." => "Gofynnwch am gyfeiriad lle mae llythyrau'n cyrraedd y cleient, neu gadewch iddynt gasglu'r pecyn.";
    "Ask for the postcode: without one a letter cannot be sorted." => "Gofynnwch am y cod post: ni ellir didoli llythyr hebddo.";
    "Begin the line with a letter or a figure." => "Dechreuwch y llinell â llythyren neu ffigur.";
    "Add the street or the town." => "Ychwanegwch y stryd neu'r dref.";
    "Put two short lines together, or leave out the county." => "Rhowch ddwy linell fer at ei gilydd, neu gadewch y sir allan.";
    "Write it on two lines, or shorten it." => "Ysgrifennwch ef ar ddwy linell, neu talfyrrwch ef.";
    "Write it, with its postcode, into the client record as the address for letters." => "Ysgrifennwch ef, gyda'i god post, yng nghofnod y cleient fel y cyfeiriad ar gyfer llythyrau.";
    "Shorten the longest answers for this print, or hand the pack over at the office." => "Talfyrrwch yr atebion hiraf ar gyfer yr argraffiad hwn, neu rhowch y pecyn i'r cleient yn y swyddfa.";
    "Shorten the longest answers, or send them as a letter of their own." => "Talfyrrwch yr atebion hiraf, neu anfonwch nhw mewn llythyr ar wahân.";
} }

const PLACE: &str = "{}";

/// The Welsh of a sentence of the service's, with what differs put in.
pub fn welsh(english: &str) -> Option<String> {
    let known = OF_FIELDS.iter().chain(OTHERS).chain(NEXT_STEPS);
    // That of which most is fixed: "is needed" is how others begin.
    let fits = known.filter_map(|(pattern, welsh)| Some((pattern, welsh, parts(pattern, english)?)));
    let (_, welsh, parts) = fits.max_by_key(|(pattern, ..)| pattern.len())?;
    let mut parts = parts.into_iter();
    let mut told = String::new();
    for (i, fixed) in welsh.split(PLACE).enumerate() {
        if i > 0 {
            told.push_str(&parts.next().map(differing).unwrap_or_default());
        }
        told.push_str(fixed);
    }
    Some(told)
}

/// What stands in the pattern's places, when the text is of it.
fn parts<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut fixed = pattern.split(PLACE);
    let mut rest = text.strip_prefix(fixed.next()?)?;
    let mut fixed = fixed.peekable();
    let mut parts = Vec::new();
    while let Some(next) = fixed.next() {
        let at = match fixed.peek() {
            // The last one reaches to the end.
            None => rest.strip_suffix(next)?.len(),
            Some(_) => rest.find(next)?,
        };
        parts.push(&rest[..at]);
        rest = &rest[at + next.len()..];
    }
    rest.is_empty().then_some(parts)
}

/// A number or a name as it is; a day or a sentence within a sentence in Welsh.
fn differing(part: &str) -> String {
    let day = part
        .parse()
        .ok()
        .or_else(|| NaiveDate::parse_from_str(part, "%-d %B %Y").ok())
        .map(|day| day_in_words(day, Language::Welsh));
    day.or_else(|| weekday(part)).or_else(|| welsh(part)).unwrap_or_else(|| part.to_owned())
}

/// `Monday 2 March`.
fn weekday(part: &str) -> Option<String> {
    let (weekday, day) = part.split_once(' ')?;
    let weekday: Weekday = weekday.parse().ok()?;
    // A year in which that day is such a day, and that has all days: the words have no year.
    let years = (2000..2028).filter_map(|year| NaiveDate::parse_from_str(&format!("{day} {year}"), "%-d %B %Y").ok());
    years.into_iter().find(|day| day.weekday() == weekday).map(|day| weekday_in_words(day, Language::Welsh))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sentence as the service says it, and the Welsh that is meant.
    fn filled(text: &str) -> String {
        text.replace(PLACE, "7")
    }

    #[test]
    fn each_sentence_is_found_and_says_its_own_welsh_with_what_differs() {
        for (english, welsh) in OF_FIELDS.iter().chain(OTHERS).chain(NEXT_STEPS) {
            assert_eq!(super::welsh(&filled(english)).as_deref(), Some(filled(welsh).as_str()), "{english}");
            assert!(welsh.matches(PLACE).count() <= english.matches(PLACE).count(), "{english}");
        }
        assert!(OF_FIELDS.len() > 100 && OTHERS.len() > 30);
    }

    #[test]
    fn what_is_not_known_is_not_said_in_welsh() {
        for unknown in ["", "must be green", "is more than", "must be at most 80 characters and blue"] {
            assert_eq!(welsh(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn days_and_sentences_within_a_sentence_are_in_welsh_too() {
        for (english, welsh) in [
            (
                "is on a day when the offices are closed; the next open day is Monday 2 March",
                "mae ar ddiwrnod pan fydd y swyddfeydd ar gau; y diwrnod agored nesaf yw dydd Llun 2 Mawrth",
            ),
            (
                "is on a day when the centre is closed; it opens again on Tuesday 29 February at 09:30",
                "mae ar ddiwrnod pan fydd y ganolfan ar gau; y tro nesaf y mae ar agor yw dydd Mawrth 29 Chwefror am 09:30",
            ),
            (
                "lies outside the hours of the office, 09:00 to 17:00 on 2026-03-02, and no reason is given",
                "mae y tu allan i oriau'r swyddfa, 09:00 i 17:00 ar 2 Mawrth 2026, ac ni roddwyd rheswm",
            ),
            ("is before the pack was queued, on 2026-03-02", "mae cyn i'r pecyn fynd i'r ciw, ar 2 Mawrth 2026"),
            (
                "Ask 3 questions still open on the form; then finish the start-up call.",
                "Gofynnwch 3 cwestiwn sy'n dal ar agor ar y ffurflen; yna gorffennwch yr alwad gychwynnol.",
            ),
            (
                "Hand the claim over to BA, LA; 2 pieces of evidence are still to come.",
                "Trosglwyddwch yr hawliad i BA, LA; 2 darn o dystiolaeth eto i ddod.",
            ),
            (
                "The client meets the personal adviser on 3 March 2026.",
                "Bydd y cleient yn cwrdd â'r cynghorydd personol ar 3 Mawrth 2026.",
            ),
            (
                "must have 10 or 11 figures with its leading 0 (this has 9)",
                "rhaid iddo gael 10 neu 11 ffigur gyda'r 0 ar y dechrau (mae gan hwn 9)",
            ),
            (
                "ni all cofnod y cleient ei gymryd (must end with a letter A to D)",
                "ni all cofnod y cleient ei gymryd (rhaid iddo orffen â llythyren o A i D)",
            ),
        ] {
            assert_eq!(super::welsh(english).as_deref(), Some(welsh), "{english}");
        }
    }
}
