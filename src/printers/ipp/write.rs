//! The questions, as IPP messages (RFC 8011).

use super::super::device::{Answer, Fault, Order};
use super::super::job::Chosen;
use ::ipp::attribute::IppAttribute;
use ::ipp::model::{DelimiterTag, IppVersion, Operation};
use ::ipp::parser::IppParseError;
use ::ipp::request::IppRequestResponse;
use ::ipp::value::IppValue;
use std::collections::BTreeMap;

/// Who we are to the printer. Queues show a job's name to its owner only.
const USER: &str = "startline";

const ABOUT_PRINTERS: [&str; 11] = [
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "operations-supported",
    "document-format-supported",
    "sides-supported",
    "media-supported",
    "media-col-supported",
    "media-source-supported",
    "copies-supported",
    "page-ranges-supported",
];

const ABOUT_JOBS: [&str; 9] = [
    "job-id",
    "job-uuid",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-state-message",
    "job-impressions-completed",
    "job-media-sheets-completed",
    "number-of-documents",
];

pub fn look(printer: &str) -> Answer<IppRequestResponse> {
    built(|| {
        let mut request = request(printer, Operation::GetPrinterAttributes)?;
        wants(&mut request, &ABOUT_PRINTERS)?;
        Ok(request)
    })
}

/// `CreateJob`, or `PrintJob` with the document after it.
pub fn job(printer: &str, operation: Operation, order: &Order) -> Answer<IppRequestResponse> {
    built(|| {
        let mut request = request(printer, operation)?;
        says(&mut request, IppAttribute::JOB_NAME, IppValue::new_name_without_language(&order.job_name)?)?;
        if operation == Operation::PrintJob {
            says(&mut request, IppAttribute::DOCUMENT_FORMAT, IppValue::new_mime_media_type("application/pdf")?)?;
        }
        for (name, value) in template(&order.chosen)? {
            request.attributes_mut().add(DelimiterTag::JobAttributes, IppAttribute::with_name(name, value)?);
        }
        Ok(request)
    })
}

pub fn document(printer: &str, job_id: i32, name: &str) -> Answer<IppRequestResponse> {
    built(|| {
        let mut request = request(printer, Operation::SendDocument)?;
        says(&mut request, IppAttribute::JOB_ID, IppValue::new_integer(job_id))?;
        says(&mut request, IppAttribute::DOCUMENT_NAME, IppValue::new_name_without_language(name)?)?;
        says(&mut request, IppAttribute::DOCUMENT_FORMAT, IppValue::new_mime_media_type("application/pdf")?)?;
        says(&mut request, IppAttribute::LAST_DOCUMENT, IppValue::new_boolean(true))?;
        Ok(request)
    })
}

pub fn about_job(printer: &str, operation: Operation, job_id: i32) -> Answer<IppRequestResponse> {
    built(|| {
        let mut request = request(printer, operation)?;
        says(&mut request, IppAttribute::JOB_ID, IppValue::new_integer(job_id))?;
        if operation == Operation::GetJobAttributes {
            wants(&mut request, &ABOUT_JOBS)?;
        }
        Ok(request)
    })
}

pub fn jobs(printer: &str, which: &str) -> Answer<IppRequestResponse> {
    built(|| {
        let mut request = request(printer, Operation::GetJobs)?;
        says(&mut request, IppAttribute::WHICH_JOBS, IppValue::new_keyword(which)?)?;
        wants(&mut request, &ABOUT_JOBS)?;
        Ok(request)
    })
}

/// What of an order becomes attributes of the job.
fn template(chosen: &Chosen) -> Result<Vec<(&'static str, IppValue)>, IppParseError> {
    let mut attributes = Vec::new();
    if let Some(sides) = &chosen.sides {
        attributes.push(("sides", IppValue::new_keyword(sides)?));
    }
    match (&chosen.media, &chosen.tray) {
        (media, Some(tray)) => {
            let mut members = BTreeMap::new();
            if let Some((width, height)) = media.as_deref().and_then(size_of) {
                let sides = [("x-dimension", width), ("y-dimension", height)];
                let size = sides.into_iter().map(|(name, side)| Ok((name.try_into()?, IppValue::new_integer(side))));
                let size = size.collect::<Result<BTreeMap<_, _>, IppParseError>>()?;
                members.insert("media-size".try_into()?, IppValue::Collection(size));
            }
            members.insert("media-source".try_into()?, IppValue::new_keyword(tray)?);
            attributes.push(("media-col", IppValue::Collection(members)));
        }
        (Some(media), None) => attributes.push(("media", IppValue::new_keyword(media)?)),
        (None, None) => {}
    }
    if chosen.copies > 1 {
        attributes.push(("copies", IppValue::new_integer(i32::try_from(chosen.copies).unwrap_or(1))));
    }
    if let Some((first, last)) = chosen.pages {
        let number = |page: u32| i32::try_from(page).unwrap_or(i32::MAX);
        attributes.push(("page-ranges", IppValue::new_range_of_integer(number(first), number(last))));
    }
    Ok(attributes)
}

/// The paper's sides in hundredths of a millimetre, which stand at the end of its name: `iso_a4_210x297mm`.
fn size_of(media: &str) -> Option<(i32, i32)> {
    let (width, height) = media.rsplit('_').next()?.strip_suffix("mm")?.split_once('x')?;
    let side = |text: &str| text.parse::<i32>().ok().and_then(|side| side.checked_mul(100));
    Some((side(width)?, side(height)?))
}

fn request(printer: &str, operation: Operation) -> Result<IppRequestResponse, IppParseError> {
    let mut request = IppRequestResponse::new(IppVersion::v2_0(), operation, None)?;
    says(&mut request, IppAttribute::PRINTER_URI, IppValue::new_uri(printer)?)?;
    says(&mut request, IppAttribute::REQUESTING_USER_NAME, IppValue::new_name_without_language(USER)?)?;
    Ok(request)
}

fn says(request: &mut IppRequestResponse, name: &str, value: IppValue) -> Result<(), IppParseError> {
    request.attributes_mut().add(DelimiterTag::OperationAttributes, IppAttribute::with_name(name, value)?);
    Ok(())
}

fn wants(request: &mut IppRequestResponse, names: &[&str]) -> Result<(), IppParseError> {
    let names = names.iter().map(|name| IppValue::new_keyword(*name)).collect::<Result<Vec<_>, _>>()?;
    says(request, IppAttribute::REQUESTED_ATTRIBUTES, IppValue::Array(names))
}

/// A question that cannot be written was never asked.
fn built(write: impl FnOnce() -> Result<IppRequestResponse, IppParseError>) -> Answer<IppRequestResponse> {
    write().map_err(|fault| Fault::Refused(format!("the question cannot be written: {fault}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_sides_are_read_from_its_name() {
        assert_eq!(size_of("iso_a4_210x297mm"), Some((21000, 29700)));
        for odd in ["na_letter_8.5x11in", "a4", "", "x", "iso_a4_210x99999999mm"] {
            assert_eq!(size_of(odd), None, "{odd}");
        }
    }

    #[test]
    fn only_what_was_chosen_becomes_an_attribute() {
        let nothing = Chosen { sides: None, media: None, tray: None, copies: 1, pages: None, left_out: Vec::new() };
        assert!(template(&nothing).unwrap().is_empty());
        let all = Chosen {
            sides: Some("two-sided-long-edge".into()),
            media: Some("iso_a4_210x297mm".into()),
            tray: Some("tray-2".into()),
            copies: 2,
            pages: Some((3, 4)),
            left_out: Vec::new(),
        };
        let names: Vec<_> = template(&all).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["sides", "media-col", "copies", "page-ranges"], "paper is named once");
        let names: Vec<_> =
            template(&Chosen { tray: None, ..all }).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["sides", "media", "copies", "page-ranges"]);
    }
}
