//! What a print room needs to know of a print job without opening its PDF. Pure, but for reading the packs.

use super::content::Look;
use super::pack::{Delivery, Pack};
use super::store;
use startline_definition::Definition;
use startline_foundation::error::{Error, Result};
use startline_foundation::formats::Language;
use startline_foundation::ids::PackId;
use startline_foundation::store::Db;
use startline_rooms::printing::PrintJob;
use std::collections::HashMap;

/// How a print job comes out, and what it goes into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    /// What the pack is about, as [`super::PackSubject::kind`] names it.
    pub kind: &'static str,
    pub language: Language,
    pub look: Look,
    pub sheets: u32,
    pub sides: Sides,
    pub envelope: Envelope,
    pub delivery: Delivery,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    One,
    Two,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    /// It is handed over, and goes into none.
    None,
    /// Folded once.
    C5,
    /// Flat.
    C4,
}

/// These jobs in their order, each with its paper.
pub async fn with_paper(
    db: &mut Db<'_>,
    definition: &Definition,
    jobs: Vec<PrintJob>,
) -> Result<Vec<(PrintJob, Paper)>> {
    let ids: Vec<PackId> = jobs.iter().map(|job| job.pack_id).collect();
    let packs: HashMap<PackId, Pack> = store::by_ids(db, &ids).await?.into_iter().map(|pack| (pack.id, pack)).collect();
    let with_paper = |job: PrintJob| -> Result<(PrintJob, Paper)> {
        let pack = packs.get(&job.pack_id).ok_or_else(|| Error::not_found(PackId::WHAT, job.pack_id))?;
        let most_folded = definition.service.settings.envelope_c5_sheets;
        let paper = paper(pack, (job.first_page, job.last_page), most_folded);
        Ok((job, paper))
    };
    jobs.into_iter().map(with_paper).collect()
}

fn paper(pack: &Pack, pages: (u32, u32), most_folded: u32) -> Paper {
    let (sheets, sides) = sheets(pages);
    let envelope = match pack.delivery {
        Delivery::Post if sheets <= most_folded => Envelope::C5,
        Delivery::Post => Envelope::C4,
        Delivery::Collect { .. } | Delivery::Email { .. } => Envelope::None,
    };
    Paper {
        kind: pack.wanted.kind(),
        language: pack.language,
        look: Look { layout: pack.layout, large_print: pack.large_print },
        sheets,
        sides,
        envelope,
        delivery: pack.delivery.clone(),
    }
}

/// How many sheets these pages fill, and whether any of them is printed on its back. Documents follow each other without a
/// gap: where one begins on a new sheet, the page before it is a blank back, which has its number and its code.
fn sheets((first, last): (u32, u32)) -> (u32, Sides) {
    let pages = (last + 1).saturating_sub(first);
    (pages.div_ceil(2), if pages > 1 { Sides::Two } else { Sides::One })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sheet after sheet, as somebody would lay the pages out.
    fn laid_out((first, last): (u32, u32)) -> (u32, bool) {
        let (mut sheets, mut backs, mut front_is_free) = (0, false, true);
        for _page in first..=last {
            if front_is_free {
                sheets += 1;
            } else {
                backs = true;
            }
            front_is_free = !front_is_free;
        }
        (sheets, backs)
    }

    proptest! {
        #[test]
        fn sheets_are_those_that_somebody_would_lay_out(one in 1_u32..60, other in 1_u32..60) {
            let pages = (one.min(other), one.max(other));
            let (count, backs) = laid_out(pages);
            prop_assert_eq!(sheets(pages), (count, if backs { Sides::Two } else { Sides::One }));
        }
    }
}
