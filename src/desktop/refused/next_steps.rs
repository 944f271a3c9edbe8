//! What comes next for a claim: the service's one sentence, in Welsh.

use super::sentences::sentences;

// As `ClaimStanding.next_step` puts them together; one that is not here is shown in English.
sentences! { NEXT_STEPS {
    "Ask which benefits the client wants to claim." => "Gofynnwch pa fudd-daliadau y mae'r cleient am eu hawlio.";
    "Ask {} still open on the form; then finish the start-up call." => "Gofynnwch {} sy'n dal ar agor ar y ffurflen; yna gorffennwch yr alwad gychwynnol.";
    "Ask {} still open on the form; then book the meeting with the personal adviser, or have it deferred." => "Gofynnwch {} sy'n dal ar agor ar y ffurflen; yna trefnwch y cyfarfod â'r cynghorydd personol, neu gohiriwch ef.";
    "Finish the start-up call." => "Gorffennwch yr alwad gychwynnol.";
    "Book the meeting with the personal adviser, or have it deferred." => "Trefnwch y cyfarfod â'r cynghorydd personol, neu gohiriwch ef.";
    "The form is to be printed and posted; {}." => "Mae'r ffurflen i'w hargraffu a'i phostio; {}.";
    "the client meets the personal adviser on {}" => "bydd y cleient yn cwrdd â'r cynghorydd personol ar {}";
    "The client meets the personal adviser on {}." => "Bydd y cleient yn cwrdd â'r cynghorydd personol ar {}.";
    "the client did not come to the meeting: book another, or have it deferred" => "ni ddaeth y cleient i'r cyfarfod: trefnwch un arall, neu gohiriwch ef";
    "The client did not come to the meeting: book another, or have it deferred." => "Ni ddaeth y cleient i'r cyfarfod: trefnwch un arall, neu gohiriwch ef.";
    "the meeting with the personal adviser is to be booked, or deferred" => "mae'r cyfarfod â'r cynghorydd personol i'w drefnu, neu ei ohirio";
    "The meeting with the personal adviser is to be booked, or deferred." => "Mae'r cyfarfod â'r cynghorydd personol i'w drefnu, neu ei ohirio.";
    "Settle {} of the benefits expert, then hand the claim over." => "Datryswch {} yr arbenigwr budd-daliadau, yna trosglwyddwch yr hawliad.";
    "Hand the claim over to {}." => "Trosglwyddwch yr hawliad i {}.";
    "Hand the claim over to {}; {}." => "Trosglwyddwch yr hawliad i {}; {}.";
    "Hand the claim over to {}; {}; {}." => "Trosglwyddwch yr hawliad i {}; {}; {}.";
    "look at the deferred meeting again on {}" => "edrychwch eto ar y cyfarfod a ohiriwyd ar {}";
    "The claim has been handed over; {}." => "Trosglwyddwyd yr hawliad; {}.";
    "Nothing: the claim has been handed over." => "Dim: trosglwyddwyd yr hawliad.";
    "Nothing: the claim was withdrawn; a team leader or a personal adviser may reopen it." => "Dim: tynnwyd yr hawliad yn ôl; gall arweinydd tîm neu gynghorydd personol ei ailagor.";
    "Nothing: the claim is treated as not made; the client may claim anew, or ask for the decision to be looked at again." => "Dim: caiff yr hawliad ei drin fel un nas gwnaed; caiff y cleient hawlio o'r newydd, neu ofyn am edrych eto ar y penderfyniad.";
    "{} of evidence is still to come" => "{} eto i ddod";
    "{} of evidence are still to come" => "{} eto i ddod";
    "whom it concerns" => "bwy bynnag y mae'n berthnasol iddynt";
    "{} question" => "{} cwestiwn";
    "{} questions" => "{} cwestiwn";
    "{} piece" => "{} darn o dystiolaeth";
    "{} pieces" => "{} darn o dystiolaeth";
    "{} open query" => "{} ymholiad agored";
    "{} open queries" => "{} ymholiad agored";
} }
