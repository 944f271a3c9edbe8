//! `startline tour`, as a newcomer runs it, and the letter it leaves behind.

use super::{output_of, startline};
use std::sync::LazyLock;
use tempfile::TempDir;

/// One tour for all the tests here: what it said, where it was to save the claim pack, and the claim pack.
struct Tour {
    said: String,
    path: String,
    pdf: Vec<u8>,
}

static TOUR: LazyLock<Tour> = LazyLock::new(|| {
    let folder = TempDir::new().expect("a temporary folder can be made");
    let path = folder.path().join("tour.pdf");
    let mut tour = startline();
    tour.arg("tour").arg("--pdf").arg(&path);
    let said = output_of(tour);
    let pdf = std::fs::read(&path).expect("the tour has saved the claim pack");
    Tour { said, path: path.display().to_string(), pdf }
});

#[test]
fn the_tour_tells_every_chapter_in_order() {
    let chapters: Vec<&str> =
        TOUR.said.lines().filter(|line| line.ends_with(')') && line.contains(" 2026, ")).collect();
    assert_eq!(
        chapters,
        [
            "Before the day begins (Tuesday 3 March 2026, 10:00)",
            "A caller rings (Tuesday 3 March 2026, 10:00)",
            "The call-back (Wednesday 4 March 2026, 09:30)",
            "The claim pack (Wednesday 4 March 2026, 09:30)",
        ]
    );
}

#[test]
fn each_step_is_a_numbered_sentence_with_who_and_how() {
    let lines: Vec<&str> = TOUR.said.lines().collect();
    let is_how = |line: &str| line.starts_with("     [") && line.ends_with(']');
    let steps: Vec<_> = lines.windows(2).filter(|pair| is_how(pair[1])).collect();
    assert_eq!(steps.len(), lines.iter().filter(|line| is_how(line)).count());
    assert!(steps.len() > 40, "{}", TOUR.said);
    for (index, pair) in steps.iter().enumerate() {
        let number = format!("{:>3}. ", index + 1);
        let sentence = pair[0].strip_prefix(&number).unwrap_or_else(|| panic!("{number}is missing: {}", pair[0]));
        assert!(PEOPLE.iter().any(|who| sentence.starts_with(who)), "nobody is said to do it: {sentence}");
        assert!(RPCS.iter().any(|(rpc, _)| pair[1].contains(rpc)) || pair[1].contains("SIGKILL"), "{}", pair[1]);
    }
    for (rpc, how) in RPCS {
        let told = steps.iter().find(|pair| pair[1].contains(rpc));
        let told = told.unwrap_or_else(|| panic!("{rpc} is not told:\n{}", TOUR.said));
        assert!(told[1].trim_end_matches(']').ends_with(how), "{}", told[1]);
    }
}

const PEOPLE: &[&str] = &[
    "Priya (personal adviser, Somerset) ",
    "Asha (adviser, Somerset) ",
    "Bryn (adviser, South East Gwent) ",
    "Taunton exchange (switch) ",
    "Taunton print room (print room, Somerset) ",
    "Startline ",
    "Somebody ",
];

/// Every RPC and form of the story, and how the line about its first call ends: with how long it took.
const RPCS: &[(&str, &str)] = &[
    ("DiaryService/SetWorkingPattern", " ms"),
    ("POST /sign-in, POST /password", " ms"),
    ("DeskService/SignIn", " ms"),
    ("DeskService/SetStatus", " ms"),
    ("RoutingService/EnterCall", " ms"),
    ("DeskService/WatchDesk", "on the desk's stream"),
    ("DeskService/AcceptOffer", " ms"),
    ("ClientService/FindClients", " ms"),
    ("ClientService/CreateClient", " ms"),
    ("CallbackService/OfferCallbackSlots", " ms"),
    ("CallbackService/BookCallback", " ms"),
    ("DeskService/EndCall", " ms"),
    ("DeskService/FinishWrapUp", " ms"),
    ("CallbackService/ListDueCallbacks", " ms"),
    ("CallbackService/StartAttempt", " ms"),
    ("ClaimService/OpenClaim", " ms"),
    ("ScriptService/StartWalk", " ms"),
    ("ScriptService/AnswerQuestion", " ms each"),
    ("ClaimService/SaveAnswers", " ms each"),
    ("ClaimService/GetClaim", " ms"),
    ("ClaimService/ListMissing", " ms"),
    ("ClaimService/ListEvidence", " ms"),
    ("DiaryService/FindSlots", " ms"),
    ("DiaryService/HoldSlot", " ms"),
    ("DiaryService/BookAppointment", " ms"),
    ("ClaimService/CompleteStartUp", " ms"),
    ("CallbackService/RecordAttempt", " ms"),
    ("PackService/ComposePack", " ms"),
    ("PackService/LeasePrintJobs", " ms"),
    ("PackService/GetPackDocument", "a stream"),
    ("PackService/ReportPrinted", " ms"),
    ("PackService/ReportPosted", " ms"),
    ("ClaimService/LodgeClaim", "refused"),
];

#[test]
fn the_tour_ends_with_the_path_of_the_claim_pack() {
    let last = TOUR.said.lines().last().expect("the tour says something");
    assert!(last.starts_with("The claim pack of "), "{last}");
    assert!(last.ends_with(&format!(" pages is saved as {}", TOUR.path)), "{last}");
    assert!(TOUR.pdf.starts_with(b"%PDF-"), "what was saved is no PDF");
}

/// The claim pack, read with tools that are not ours.
mod pdf_tools {
    use super::TOUR;
    use crate::output_of;
    use std::process::Command;
    use tempfile::TempDir;

    /// What `program ARGUMENTS PDF END` says, where it ends well.
    fn ask(program: &str, arguments: &[&str], end: &[&str]) -> String {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let path = folder.path().join("tour.pdf");
        std::fs::write(&path, &TOUR.pdf).expect("the claim pack can be written");
        let mut command = Command::new(program);
        command.args(arguments).arg(path).args(end);
        output_of(command)
    }

    #[test]
    fn qpdf_finds_no_fault() {
        let said = ask("qpdf", &["--check"], &[]);
        assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
    }

    #[test]
    fn it_is_tagged_and_on_a4() {
        let said = ask("pdfinfo", &[], &[]);
        let value = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        assert_eq!(value("Tagged:"), Some("yes"), "{said}");
        assert!(value("Page size:").is_some_and(|size| size.ends_with("(A4)")), "{said}");
        let pages = format!("The claim pack of {} pages ", value("Pages:").unwrap_or_default());
        assert!(super::TOUR.said.contains(&pages), "{said}");
    }

    #[test]
    fn every_font_is_embedded() {
        let said = ask("pdffonts", &[], &[]);
        let mut lines = said.lines();
        let head = lines.next().expect("pdffonts says something");
        let column = head.find("emb").expect("pdffonts has a column for embedded");
        let embedded: Vec<_> = lines.skip(1).map(|line| line.get(column..column + 3).unwrap_or(line)).collect();
        assert!(!embedded.is_empty() && embedded.iter().all(|is| *is == "yes"), "{said}");
    }

    #[test]
    fn it_is_addressed_to_the_client_and_names_the_appointment() {
        let text = text();
        for expected in [
            "Ms Rosemary Anne Hill",
            "Dear Ms Hill",
            "Come and see us on Friday 6 March 2026 at 9.30am",
            "Friday 6 March 2026 9.30am Where ONE office Frome",
            "Who you will see Priya, your personal adviser",
        ] {
            assert!(text.contains(expected), "{expected:?} is not in the claim pack:\n{text}");
        }
    }

    #[test]
    fn each_answer_is_printed() {
        let text = text();
        for (question, printed) in PRINTED {
            for expected in *printed {
                assert!(text.contains(expected), "{question}: {expected:?} is not in the claim pack:\n{text}");
            }
        }
    }

    #[test]
    fn the_list_of_answers_is_complete() {
        let source = include_str!("../../src/grpc/tour/start_up.rs");
        let given: Vec<&str> = source.split('"').filter(|word| is_question_id(word)).collect();
        assert!(given.len() > 20, "{given:?}");
        for id in given {
            assert!(PRINTED.iter().any(|(question, _)| *question == id), "{id} is answered in the tour: add it here");
        }
    }

    /// `B10`: a part's letter and a number.
    fn is_question_id(word: &str) -> bool {
        let mut letters = word.chars();
        let part = letters.next().is_some_and(|letter| letter.is_ascii_uppercase());
        part && word.len() > 1 && letters.all(|digit| digit.is_ascii_digit())
    }

    /// The text as it stands on the pages, with white space folded.
    fn text() -> String {
        ask("pdftotext", &["-layout"], &["-"]).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Each answer of the tour to a question of the form, from the first call (`src/grpc/tour/ringing.rs`) and from the
    /// start-up call (`start_up.rs`), as it is printed, beside its question where they stand on one line.
    const PRINTED: &[(&str, &[&str])] = &[
        ("A1", &["☑ Jobseeker’s Allowance ☐ Income Support", "☑ Housing Benefit ☑ Council Tax Benefit"]),
        ("A2", &["A2 The day you first got in touch with ONE 3 March 2026"]),
        ("A3", &["A3 The day you want to claim from 3 March 2026"]),
        ("A5", &["A5 Your main reason for getting in touch ☑ Lost a job ☐ Sick or disabled"]),
        ("A6", &["A6 Have you claimed any benefit in the last 12 ☑ Yes ☐ No"]),
        ("A7", &["Benefit Office that Stopped on paid it Jobseeker’s Allowance Frome 30 June 2025"]),
        ("A8", &["A8 Is somebody else claiming for you? ☐ Yes ☑ No"]),
        ("B1", &["B1 Title ☐ Mr ☐ Mrs ☐ Miss ☑ Ms ☐ Dr ☐ Another title or none"]),
        ("B2", &["B2 Last name or family name Hill"]),
        ("B3", &["B3 All other names, in full Rosemary Anne"]),
        ("B4", &["B4 Any other last names you have used Coombes"]),
        ("B5", &["B5 Date of birth 23 April 1971"]),
        ("B6", &["B6 National Insurance number Two letters, six AB 12 34 56 C"]),
        ("B8", &["B8 Home address 14 Example Row Frome Somerset"]),
        ("B9", &["B9 Postcode BA11 9ZZ"]),
        ("B10", &["B10 Since when have you lived there? 1 September 2025"]),
        ("B11", &["before you first got in touch. 3 Sample Street Wells Somerset"]),
        ("B13", &["B13 Daytime telephone number 01373 000123"]),
        ("B16", &["B16 May we leave a message, and with whom? Yes, with my sister Joan"]),
        ("B17", &["B17 Sex ☑ Female ☐ Male"]),
        ("B18", &["B18 Marital status ☐ Single ☐ Married ☐ Living together ☐ Separated ☑ Divorced ☐ Widowed"]),
        ("B19", &["B19 Date of the marriage, separation, divorce 15 November 2019"]),
        ("G8", &["Paid work now Employer Hours a week Pay Yes Frome Bakery 6 £48.00 a week"]),
        ("R4", &["R4 Are you without money to live on until a ☐ Yes ☑ No"]),
        ("S1", &["S1 How would you like to be paid? ☑ Into a bank or building society account"]),
        ("S2", &["R A Hill Mendip Building Society 12-34-56", "Roll number, if there is one 12345678"]),
        ("T1", &["T1 Language for talking ☑ English ☐ Welsh"]),
        ("T2", &["T2 Language for letters ☑ English ☐ Welsh"]),
        ("T4", &["T4 How do you talk and listen best? ☑ No special need ☐ Textphone"]),
        ("T5", &["T5 Letters in large print, Braille or on tape ☑ Not needed ☐ Large print"]),
        ("T6", &["T6 Help needed to read, write or fill in forms ☐ None ☑ Some ☐ Much"]),
        ("T7", &["☐ No special need ☐ Cannot manage stairs", "☑ A room on the ground floor ☐ A private room"]),
        ("T8", &["T8 Who will be with you at the meeting? A My sister Joan"]),
        ("T9", &["T9 Times that do not suit School run, faith, Mornings before half past nine"]),
    ];
}
