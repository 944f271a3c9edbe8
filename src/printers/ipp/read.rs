//! The answers. Printers differ and lie; whatever is missing or odd is read as not said.

use super::super::device::{Answer, Fault, JobState, JobView, PrinterState, PrinterView, Supports, Taken};
use super::super::job::Accepted;
use ::ipp::attribute::{IppAttribute, IppAttributeGroup};
use ::ipp::model::{DelimiterTag, Operation};
use ::ipp::request::IppRequestResponse;
use ::ipp::value::IppValue;

/// Longest text kept of what a printer says.
const TEXT_CHARS: usize = 200;
/// Most reasons kept.
const MOST_REASONS: usize = 20;

pub fn printer(answer: &IppRequestResponse) -> Answer<PrinterView> {
    let nothing = || Fault::NoAnswer("an answer without a printer".into());
    let group = answer.attributes().first_of(DelimiterTag::PrinterAttributes).ok_or_else(nothing)?;
    let state = match number(group, "printer-state") {
        Some(3) => PrinterState::Idle,
        Some(4) => PrinterState::Processing,
        Some(5) => PrinterState::Stopped,
        other => return Err(Fault::NoAnswer(format!("an answer with the printer-state {other:?}"))),
    };
    let operations = numbers(group, "operations-supported");
    let can = |operation: Operation| operations.contains(&(operation as i32));
    let trays_go_with_paper = texts(group, "media-col-supported").iter().any(|member| member == "media-source");
    let most_copies = match values(group, "copies-supported").first() {
        Some(IppValue::RangeOfInteger { max, .. }) => u32::try_from(*max).unwrap_or(1),
        Some(IppValue::Integer(most)) => u32::try_from(*most).unwrap_or(1),
        _ => 1,
    };
    Ok(PrinterView {
        state,
        reasons: reasons(group, "printer-state-reasons"),
        accepting: flag(group, "printer-is-accepting-jobs").unwrap_or(true),
        supports: Supports {
            two_steps: can(Operation::CreateJob) && can(Operation::SendDocument),
            pdf: texts(group, "document-format-supported").iter().any(|format| format == "application/pdf"),
            sides: texts(group, "sides-supported"),
            media: texts(group, "media-supported"),
            trays: if trays_go_with_paper { texts(group, "media-source-supported") } else { Vec::new() },
            most_copies,
            page_ranges: flag(group, "page-ranges-supported").unwrap_or(false),
        },
    })
}

pub fn taken(answer: &IppRequestResponse) -> Answer<Taken> {
    let group = answer.attributes().first_of(DelimiterTag::JobAttributes);
    // The job may be there, and cannot be named.
    let nameless = || Fault::NoAnswer("an answer without the job's number".into());
    let job_id = group.and_then(|group| number(group, "job-id")).ok_or_else(nameless)?;
    let job_uuid = group.and_then(|group| text(group, "job-uuid"));
    let unsupported = answer.attributes().groups_of(DelimiterTag::UnsupportedAttributes);
    let ignored = unsupported.flat_map(IppAttributeGroup::attributes).take(MOST_REASONS);
    let ignored = ignored.map(|attribute| clean(attribute.name().as_str())).collect();
    Ok(Taken { accepted: Accepted { job_id, job_uuid }, ignored })
}

pub fn job(group: &IppAttributeGroup) -> Option<JobView> {
    let state = match number(group, "job-state")? {
        3 => JobState::Pending,
        4 => JobState::Held,
        5 => JobState::Processing,
        6 => JobState::Stopped,
        7 => JobState::Cancelled,
        8 => JobState::Aborted,
        9 => JobState::Completed,
        _ => return None,
    };
    let count = |name: &str| number(group, name).and_then(|number| u32::try_from(number).ok());
    Some(JobView {
        job_id: number(group, "job-id")?,
        uuid: text(group, "job-uuid"),
        name: text(group, "job-name").unwrap_or_default(),
        state,
        reasons: reasons(group, "job-state-reasons"),
        impressions: count("job-impressions-completed"),
        sheets: count("job-media-sheets-completed"),
        documents: count("number-of-documents"),
        message: text(group, "job-state-message").unwrap_or_default(),
    })
}

/// What the printer says is wrong.
pub fn message(answer: &IppRequestResponse) -> Option<String> {
    let group = answer.attributes().first_of(DelimiterTag::OperationAttributes)?;
    text(group, "status-message").filter(|message| !message.is_empty())
}

fn values<'a>(group: &'a IppAttributeGroup, name: &str) -> Vec<&'a IppValue> {
    match group.get(name).map(IppAttribute::value) {
        Some(IppValue::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

fn numbers(group: &IppAttributeGroup, name: &str) -> Vec<i32> {
    let number = |value: &IppValue| match value {
        IppValue::Integer(number) | IppValue::Enum(number) => Some(*number),
        _ => None,
    };
    values(group, name).into_iter().filter_map(number).collect()
}

fn number(group: &IppAttributeGroup, name: &str) -> Option<i32> {
    numbers(group, name).first().copied()
}

fn flag(group: &IppAttributeGroup, name: &str) -> Option<bool> {
    match values(group, name).first() {
        Some(IppValue::Boolean(flag)) => Some(*flag),
        _ => None,
    }
}

fn texts(group: &IppAttributeGroup, name: &str) -> Vec<String> {
    let text = |value: &IppValue| match value {
        IppValue::Keyword(text) => Some(text.to_string()),
        IppValue::NameWithoutLanguage(text) | IppValue::NameWithLanguage { name: text, .. } => Some(text.to_string()),
        IppValue::TextWithoutLanguage(text) | IppValue::TextWithLanguage { text, .. } => Some(text.to_string()),
        IppValue::Uri(text) => Some(text.to_string()),
        IppValue::MimeMediaType(text) => Some(text.to_string()),
        _ => None,
    };
    values(group, name).into_iter().filter_map(text).map(|text| clean(&text)).collect()
}

fn text(group: &IppAttributeGroup, name: &str) -> Option<String> {
    texts(group, name).into_iter().next()
}

fn reasons(group: &IppAttributeGroup, name: &str) -> Vec<String> {
    let mut reasons: Vec<String> = texts(group, name).into_iter().filter(|reason| reason != "none").collect();
    // In an order of our own, so that the same trouble looks the same.
    reasons.sort_unstable();
    reasons.dedup();
    reasons.truncate(MOST_REASONS);
    reasons
}

fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::ipp::model::{IppVersion, StatusCode};

    fn answer(tag: DelimiterTag, attributes: Vec<(&str, IppValue)>) -> IppRequestResponse {
        let mut answer = IppRequestResponse::new_response(IppVersion::v2_0(), StatusCode::SuccessfulOk, 1).unwrap();
        for (name, value) in attributes {
            answer.attributes_mut().add(tag, IppAttribute::with_name(name, value).unwrap());
        }
        answer
    }

    fn words(words: &[&str]) -> IppValue {
        IppValue::Array(words.iter().map(|word| IppValue::new_keyword(*word).unwrap()).collect())
    }

    #[test]
    fn a_printer_is_read_with_all_that_it_can_do() {
        let format = IppValue::new_mime_media_type("application/pdf").unwrap();
        let view = printer(&answer(
            DelimiterTag::PrinterAttributes,
            vec![
                ("printer-state", IppValue::Enum(5)),
                ("printer-state-reasons", words(&["media-empty-error", "door-open", "none"])),
                ("printer-is-accepting-jobs", IppValue::Boolean(true)),
                (
                    "operations-supported",
                    IppValue::Array(vec![IppValue::Enum(2), IppValue::Enum(5), IppValue::Enum(6)]),
                ),
                ("document-format-supported", format),
                ("sides-supported", words(&["one-sided", "two-sided-long-edge"])),
                ("media-col-supported", words(&["media-size", "media-source"])),
                ("media-source-supported", words(&["tray-1"])),
                ("copies-supported", IppValue::RangeOfInteger { min: 1, max: 99 }),
                ("page-ranges-supported", IppValue::Boolean(true)),
            ],
        ));
        let view = view.unwrap();
        assert_eq!((view.state, view.accepting), (PrinterState::Stopped, true));
        assert_eq!(view.reasons, ["door-open", "media-empty-error"]);
        assert!(view.supports.two_steps && view.supports.pdf && view.supports.page_ranges);
        assert_eq!((view.supports.most_copies, view.supports.trays), (99, vec!["tray-1".to_owned()]));
    }

    #[test]
    fn a_printer_that_says_little_or_nonsense_is_read_as_able_to_do_little() {
        let says = |attributes| printer(&answer(DelimiterTag::PrinterAttributes, attributes));
        let little =
            says(vec![("printer-state", IppValue::Enum(3)), ("copies-supported", IppValue::Integer(-4))]).unwrap();
        assert_eq!(little.supports, Supports { most_copies: 1, ..Supports::default() });
        assert!(matches!(says(vec![("printer-state", IppValue::Enum(77))]), Err(Fault::NoAnswer(_))));
        assert!(matches!(printer(&answer(DelimiterTag::JobAttributes, vec![])), Err(Fault::NoAnswer(_))));
    }

    #[test]
    fn a_job_is_read_and_what_is_not_said_is_not_counted() {
        let name = IppValue::new_name_without_language("startline a 1").unwrap();
        let all = answer(
            DelimiterTag::JobAttributes,
            vec![
                ("job-id", IppValue::Integer(7)),
                ("job-name", name),
                ("job-state", IppValue::Enum(8)),
                ("job-state-reasons", words(&["aborted-by-system"])),
                ("job-impressions-completed", IppValue::Integer(3)),
                ("job-media-sheets-completed", IppValue::NoValue),
            ],
        );
        let view = job(all.attributes().first_of(DelimiterTag::JobAttributes).unwrap()).unwrap();
        assert_eq!((view.job_id, view.name.as_str(), view.state), (7, "startline a 1", JobState::Aborted));
        assert_eq!((view.impressions, view.sheets, view.documents), (Some(3), None, None));
        let nothing = answer(DelimiterTag::JobAttributes, vec![("job-id", IppValue::Integer(7))]);
        assert_eq!(job(nothing.attributes().first_of(DelimiterTag::JobAttributes).unwrap()), None);
    }

    #[test]
    fn what_a_printer_will_not_heed_is_told_with_the_job_it_took() {
        let mut said = answer(DelimiterTag::JobAttributes, vec![("job-id", IppValue::Integer(7))]);
        let ignored = IppAttribute::with_name("page-ranges", IppValue::NoValue).unwrap();
        said.attributes_mut().add(DelimiterTag::UnsupportedAttributes, ignored);
        let taken = taken(&said).unwrap();
        assert_eq!((taken.accepted.job_id, taken.ignored), (7, vec!["page-ranges".to_owned()]));
    }
}
