//! What the search says.

use crate::words::words;

words! { pub FindWords {
    title: "Find a client", "Dod o hyd i gleient";
    box_label: "Who is it?", "Pwy ydyw?";
    box_hint: "A last name, a last name and a date of birth (Jones 23 4 1971), a telephone number, an NI number, or the code of a page of ours", "Cyfenw, cyfenw a dyddiad geni (Jones 23 4 1971), rhif ffôn, rhif YG, neu god tudalen o'n heiddo ni";
    search: "Find", "Chwilio";
    by_phone: "Looked for as a telephone number", "Chwiliwyd fel rhif ffôn";
    by_nino: "Looked for as an NI number", "Chwiliwyd fel rhif YG";
    by_name: "Looked for as a last name", "Chwiliwyd fel cyfenw";
    by_name_and_birth: "Looked for as a last name and a date of birth", "Chwiliwyd fel cyfenw a dyddiad geni";
    by_code: "Looked for as the code of a page", "Chwiliwyd fel cod tudalen";
    name: "Name", "Enw";
    born: "Born", "Ganwyd";
    postcode: "Postcode", "Cod post";
    phone: "Number", "Rhif";
    home: "Home site", "Safle cartref";
    open_first: "Open the first", "Agor y cyntaf";
    page_of: "Page", "Tudalen";
    of_pack: "of the pack", "o'r pecyn";
    strange_paper: "If it is a signed form that was handed in here, say so: its own site goes on with it. Send the paper there.", "Os ffurflen wedi'i llofnodi a roddwyd i mewn yma ydyw, dywedwch hynny: ei safle ei hun fydd yn parhau â hi. Anfonwch y papur yno.";
    form_is_back: "The signed form is back", "Mae'r ffurflen wedi'i llofnodi yn ôl";
    older: "A newer one has taken the place of this pack: what is on the page may be out of date.", "Mae un newydd wedi cymryd lle'r pecyn hwn: gall yr hyn sydd ar y dudalen fod wedi dyddio.";
    its_client: "Whose it is", "Pwy biau hi";
    its_claim: "The claim", "Yr hawliad";
    elsewhere: "Records at other sites", "Cofnodion mewn safleoedd eraill";
    elsewhere_more: "They are not of your work. If the client is in touch with you, or you have another reason, ask for the record: it opens at once, and is marked.", "Nid ydynt yn rhan o'ch gwaith. Os yw'r cleient mewn cysylltiad â chi, neu os oes gennych reswm arall, gofynnwch am y cofnod: mae'n agor ar unwaith, ac fe'i nodir.";
    a_record_at: "A record at", "Cofnod yn";
    ask_for_it: "Ask for it", "Gofyn amdano";
    nobody: "Nobody is found", "Ni chafwyd neb";
    nobody_more: "Check how it is spelt or read the number back. A name is found without accents, hyphens or capitals, but only whole.", "Gwiriwch y sillafu neu darllenwch y rhif yn ôl. Ceir enw heb acenion, cysylltnodau na phriflythrennau, ond dim ond yn gyfan.";
    new_client: "Make a new record", "Gwneud cofnod newydd";
    new_client_more: "Look by the number and by the name before you make a second record of one person.", "Chwiliwch yn ôl y rhif ac yn ôl yr enw cyn gwneud ail gofnod o'r un person.";
    refused: "This was not searched for", "Ni chwiliwyd am hyn";
    too_short: "A name of one letter finds too many: give the date of birth as well.", "Mae enw o un llythyren yn dod o hyd i ormod: rhowch y dyddiad geni hefyd.";
    too_many: "That is more searches within a minute than anybody types. Wait for a minute, then search again.", "Mae hynny'n fwy o chwiliadau mewn munud nag y mae neb yn eu teipio. Arhoswch am funud, yna chwiliwch eto.";
    not_a_number: "This is no telephone number as it stands. A number of this country has ten or eleven figures with the nought.", "Nid yw hwn yn rhif ffôn fel y mae. Mae gan rif yn y wlad hon ddeg neu un ffigur ar ddeg gyda'r sero.";
    not_a_nino: "This is no NI number as it stands: two letters, six figures and a letter.", "Nid yw hwn yn rhif YG fel y mae: dwy lythyren, chwe ffigur a llythyren.";
    not_a_code: "This is not the text of a page's code: scan it again.", "Nid dyma destun cod tudalen: sganiwch ef eto.";
    no_reference: "A reference of this form cannot be searched for. Scan the code on a page of the pack, or search by the client's name, number or NI number.", "Ni ellir chwilio am gyfeirnod o'r ffurf hon. Sganiwch y cod ar dudalen o'r pecyn, neu chwiliwch yn ôl enw, rhif neu rif YG y cleient.";
    no_postcode: "Nobody can be searched for by a postcode alone. Ask for the last name or the number.", "Ni ellir chwilio am neb yn ôl cod post yn unig. Gofynnwch am y cyfenw neu'r rhif.";
    postcode_site: "This postcode belongs to", "Mae'r cod post hwn yn perthyn i";
    postcode_nowhere: "This postcode belongs to none of our sites.", "Nid yw'r cod post hwn yn perthyn i'r un o'n safleoedd.";
    outside: "This page is of a client who is not of your work.", "Mae'r dudalen hon yn perthyn i gleient nad yw'n rhan o'ch gwaith.";
    needs_name: "A date of birth alone finds nobody: give the last name before it.", "Nid yw dyddiad geni ar ei ben ei hun yn dod o hyd i neb: rhowch y cyfenw o'i flaen.";
} }
