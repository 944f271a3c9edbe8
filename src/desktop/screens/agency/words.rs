//! The words of the pages for agencies' people.

use crate::words::words;

words! { pub AgencyWords {
    title: "Claims handed over to your agency", "Hawliadau a drosglwyddwyd i'ch asiantaeth";
    more: "A claim is open to you once it has been handed over to your agency, and of it your agency's own questions.", "Mae hawliad ar agor i chi unwaith y bydd wedi'i drosglwyddo i'ch asiantaeth, ac ohono gwestiynau eich asiantaeth eich hun.";
    claim: "The claim's number", "Rhif yr hawliad";
    claim_more: "As it was given to your agency with the claim.", "Fel y'i rhoddwyd i'ch asiantaeth gyda'r hawliad.";
    claim_needed: "Enter the claim's number", "Rhowch rif yr hawliad";
    agency: "Agency", "Asiantaeth";
    show: "Show the claim", "Dangos yr hawliad";
    as_pdf: "The same as a form (PDF)", "Yr un peth fel ffurflen (PDF)";
    as_data: "The same as data (JSON)", "Yr un peth fel data (JSON)";
    question: "Question", "Cwestiwn";
    answer: "Answer", "Ateb";
    open: "Not answered", "Heb ei ateb";
    withheld: "There is an answer, which is not shown to you", "Mae ateb, nas dangosir i chi";
    another: "Another claim", "Hawliad arall";
    no_agency: "You read for no agency now", "Nid ydych yn darllen ar gyfer unrhyw asiantaeth nawr";
} }
