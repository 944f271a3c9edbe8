//! An invented client whose pack uses each kind of box. The linter composes it with a definition's letters, so that a
//! fault in a template is found before a real client's pack meets it.

use super::content::{
    AgencyCopy, Answer, Appointment, EvidenceLine, FormContent, FormPart, FormQuestion, GroupField, PackContent, Sender,
};
use chrono::{DateTime, Utc};

/// A client with a few answered questions and a few open ones.
pub fn client() -> PackContent {
    PackContent {
        reference: "ST-2000-004187".into(),
        composed_at: DateTime::<Utc>::from_timestamp(955_022_400, 0).unwrap_or_default(),
        client_name: "Siân Pryce".into(),
        salutation: "Ms Pryce".into(),
        address: ["Ms Siân Pryce", "Flat 2", "14 Castle Street", "Frome", "BA11 1AA"].map(String::from).to_vec(),
        language: "en".into(),
        service_name: "Startline".into(),
        letter_date: "Thursday 6 April 2000".into(),
        site: Sender {
            name: "Startline Somerset".into(),
            address: ["Brook House", "Canal Road", "Taunton", "TA1 1AA"].map(String::from).to_vec(),
            phone: "0845 600 0000".into(),
            hours: "8.30am to 6pm, Monday to Friday".into(),
            adviser: "Dewi Watkins".into(),
        },
        appointment: Some(Appointment {
            date: "Tuesday 11 April 2000".into(),
            time: "10.15am".into(),
            office: "Frome office".into(),
            address: ["Northgate", "Frome", "BA11 1BB"].map(String::from).to_vec(),
            personal_adviser: "Carol Ŵyn-Jones".into(),
            minutes: 45,
        }),
        claimed_benefits: ["Jobseeker's Allowance", "Housing Benefit", "Council Tax Benefit"]
            .map(String::from)
            .to_vec(),
        evidence: evidence(),
        form: FormContent {
            title: "Your claim form".into(),
            parts: parts(),
            declarations: vec!["What I have said is true and complete, as far as I know.".into()],
            partner_signs: true,
        },
        posting_date: "Thursday 6 April 2000".into(),
        definition_version: "sample".into(),
    }
}

/// The same client's copy for an agency.
pub fn agency_copy() -> AgencyCopy {
    let pack = client();
    AgencyCopy {
        reference: pack.reference,
        composed_at: pack.composed_at,
        client_name: pack.client_name,
        language: pack.language,
        service_name: pack.service_name,
        agency_name: "Local authority".into(),
        site: pack.site,
        first_contact: pack.letter_date.clone(),
        made_on: pack.letter_date,
        claimed_benefits: pack.claimed_benefits,
        evidence: pack.evidence,
        form: FormContent { title: "Housing Benefit and Council Tax Benefit claim".into(), ..pack.form },
        definition_version: pack.definition_version,
    }
}

fn evidence() -> Vec<EvidenceLine> {
    let line = |item: &str, reason: &str, substitutes: &[&str]| EvidenceLine {
        item: item.into(),
        reason: reason.into(),
        substitutes: substitutes.iter().map(|s| (*s).into()).collect(),
    };
    vec![
        line(
            "Two things that show who you are",
            "We need to be sure that we pay the right person.",
            &["Birth certificate", "Passport", "Driving licence", "A recent bill with your name and address"],
        ),
        line("P45 and payslips from your last job", "You told us that you worked until 24 March 2000.", &[]),
        line(
            "Rent book or tenancy agreement",
            "You are claiming Housing Benefit.",
            &["A letter from your landlord that says what you pay"],
        ),
    ]
}

fn parts() -> Vec<FormPart> {
    let question = |id: &str, label: &str, hint: &str, answer: Answer| FormQuestion {
        id: id.into(),
        label: label.into(),
        hint: hint.into(),
        answer,
    };
    let choice = |options: &[&str], chosen: &[&str]| Answer::Choice {
        options: options.iter().map(|o| (*o).into()).collect(),
        chosen: chosen.iter().map(|c| (*c).into()).collect(),
    };
    let about_you = vec![
        question("B1", "Title", "", choice(&["Mr", "Mrs", "Miss", "Ms", "Dr", "Other"], &["Ms"])),
        question("B2", "Last name or family name", "", Answer::line("Pryce")),
        question("B5", "Date of birth", "", Answer::date("04081971")),
        question("B6", "National Insurance number", "", Answer::national_insurance_number("")),
        question("B8", "Home address", "", Answer::Text { value: "Flat 2\n14 Castle Street\nFrome".into(), lines: 3 }),
    ];
    let work = vec![
        question("G1", "Have you ever worked?", "For an employer or for yourself.", Answer::yes_no(Some(true))),
        question(
            "G2",
            "Jobs in the last two years",
            "",
            Answer::Table {
                columns: ["Employer", "Job", "From", "To"].map(String::from).to_vec(),
                rows: vec![
                    ["Singer's Printing Works", "Binder", "June 1996", "24 March 2000"].map(String::from).to_vec(),
                ],
                empty_rows: 2,
            },
        ),
        question("G5", "In your own words, what happened?", "", Answer::Text { value: String::new(), lines: 5 }),
        question(
            "G8",
            "Do you do any paid work now?",
            "",
            Answer::Group {
                fields: ["Employer", "Hours a week", "Pay"]
                    .map(|label| GroupField { label: label.into(), value: String::new() })
                    .to_vec(),
            },
        ),
    ];
    let part = |code: &str, title: &str, note: &str, questions| FormPart {
        code: code.into(),
        title: title.into(),
        note: note.into(),
        questions,
    };
    vec![part("B", "About you", "", about_you), part("G", "Your work", "Tell us about paid work of any kind.", work)]
}

/// The same client with a form of 150 answers, two in three of them given: as long as a real claim.
pub fn client_with_long_form() -> PackContent {
    let mut content = client();
    let (about_you, work) = (&content.form.parts[0], &content.form.parts[1]);
    let repeats = 17;
    content.form.parts = (0..repeats)
        .map(|index| {
            let mut part = if index % 2 == 0 { about_you.clone() } else { work.clone() };
            part.code = char::from(b'A' + index).to_string();
            part.questions.extend(more_questions());
            for (number, question) in part.questions.iter_mut().enumerate() {
                question.id = format!("{}{}", part.code, number + 1);
            }
            part
        })
        .collect();
    content
}

fn more_questions() -> Vec<FormQuestion> {
    let question = |label: &str, answer: Answer| FormQuestion {
        id: String::new(),
        label: label.into(),
        hint: String::new(),
        answer,
    };
    vec![
        question("When did this last change?", Answer::date("24032000")),
        question("Is there anything else we should know about it?", Answer::yes_no(Some(false))),
        question("Whom may we ask about it?", Answer::line("Mr T. Ellis, Singer's Printing Works, Frome")),
        question("How much was it, and how often?", Answer::line("")),
    ]
}
