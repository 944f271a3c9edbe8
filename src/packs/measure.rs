//! Measures composed pages as they are laid out: how full each is, how small its smallest type, whether a box to tick and
//! its name were parted, whether text runs over the edge of its box, over other text or off the page. Pure. A person
//! looks at pages too, but not at all of them after each change of a template.

use super::content::{Layout, Look};
use serde::{Deserialize, Serialize};
use std::fmt;
use typst::layout::{Abs, Frame, FrameItem, Point, Transform};
use typst::visualize::Geometry;
use typst_layout::PagedDocument;

/// Of the smallest text, in points.
const SMALLEST_USUAL: f64 = 10.0;
const SMALLEST_LARGE: f64 = 16.0;
/// A page that is not its document's last is at least so full, in hundredths.
const LEAST_FILL: u32 = 34;
/// The last page of a letter of two pages or more holds more than its farewell when it is so full.
const LEAST_OF_A_LETTER: u32 = 25;
const LETTERS: [&str; 7] =
    ["covering", "missed_meeting", "new_time", "meeting_off", "deferral", "missed_callback", "death"];
/// What overlaps by less is rounding.
const SLACK: f64 = 1.0;
/// From a box to tick to the name that belongs to it, in points.
const BESIDE: f64 = 40.0;
/// The margins that the rules for letters ask for, in points: 15 mm at the sides, 5 mm above and below.
const SIDE: f64 = 42.5;
const END: f64 = 14.1;
/// Where the text of a page begins, in points.
const TOP: f64 = 39.7;

/// Where one document stands in its pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentPages {
    /// `letter`, `appointment`, `summary`, `evidence`, `form`, `notice`, `agency` or `access`, as the
    /// template says.
    pub kind: String,
    pub title: String,
    /// Counted from 1.
    pub first_page: u32,
    pub pages: u32,
}

/// One page of a composed document.
#[derive(Debug, Clone, PartialEq)]
pub struct PageMeasure {
    /// Counted from 1.
    pub page: u32,
    /// As [`DocumentPages::kind`].
    pub document: String,
    /// How far down the page its text and boxes reach, in hundredths of the room above the footer.
    pub fill: u32,
    pub smallest_pt: f64,
    pub faults: Vec<PageFault>,
}

/// What is wrong with a page, with the text that shows where.
#[derive(Debug, Clone, PartialEq)]
pub enum PageFault {
    /// A box to tick at the end of a line, its name on the next.
    PartedOption {
        after: String,
    },
    /// Text over the edge of a box, or over a line of a table.
    OverEdge {
        text: String,
    },
    OverText {
        text: String,
        other: String,
    },
    OffPage {
        text: String,
    },
    SmallType {
        text: String,
        points: f64,
    },
    /// Beside the curly ones that everything else has.
    StraightApostrophe {
        text: String,
    },
    /// Less than a third full, and not the end of its document.
    NearlyEmpty {
        fill: u32,
    },
    /// The last page of a letter, with little more than the farewell.
    FarewellAlone {
        fill: u32,
    },
}

impl fmt::Display for PageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PartedOption { after } => write!(f, "a box to tick is parted from its name, after {after:?}"),
            Self::OverEdge { text } => write!(f, "{text:?} runs over the edge of a box"),
            Self::OverText { text, other } => write!(f, "{text:?} stands on {other:?}"),
            Self::OffPage { text } => write!(f, "{text:?} runs into the page's margin"),
            Self::SmallType { text, points } => write!(f, "{text:?} is set in {points:.1} point"),
            Self::StraightApostrophe { text } => write!(f, "a straight apostrophe stands in {text:?}"),
            Self::FarewellAlone { fill } => {
                write!(f, "a letter's last page is {fill} hundredths full: its farewell stands alone")
            }
            Self::NearlyEmpty { fill } => write!(f, "the page is {fill} hundredths full"),
        }
    }
}

/// Every page, in order.
pub(super) fn pages(document: &PagedDocument, documents: &[DocumentPages], look: Look) -> Vec<PageMeasure> {
    let found: Vec<Found> = document.pages().iter().map(|page| Found::on(&page.frame)).collect();
    let ends = |at: usize| {
        // Facing pages end together; a back that says that it is blank ends nothing.
        let after = if look.layout == Layout::Facing { at + 2 } else { at + 1 };
        found.iter().zip(1_u32..).skip(after).all(|(page, number)| {
            page.is_blank()
                || documents
                    .iter()
                    .any(|document| document.first_page <= number && document.first_page > to_u32(at) + 1)
        })
    };
    (0..found.len()).map(|at| measure(&found[at], to_u32(at) + 1, ends(at), documents, look)).collect()
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn measure(found: &Found, page: u32, ends: bool, documents: &[DocumentPages], look: Look) -> PageMeasure {
    let here = documents.iter().rev().find(|document| document.first_page <= page);
    let bottoms = found.texts.iter().map(|text| text.bottom).chain(found.edges.iter().map(|edge| edge.y.1));
    let lowest = bottoms.filter(|bottom| *bottom < found.footer - SLACK).fold(0.0, f64::max);
    // The first page of a letter has a window, in whose few lines large print is as large as they allow.
    let in_window = |text: &Text| page == 1 && text.bottom < 195.0 && text.left < 345.0;
    let sized = found.texts.iter().filter(|text| !(look.large_print && in_window(text)));
    let smallest = sized.clone().map(|text| text.size).fold(f64::INFINITY, f64::min);
    let least = if look.large_print { SMALLEST_LARGE } else { SMALLEST_USUAL };
    let small = sized.filter(|text| text.size < least - 0.01);
    let mut faults: Vec<PageFault> =
        small.map(|text| PageFault::SmallType { text: text.said.clone(), points: text.size }).collect();
    faults.extend(found.parted_options());
    faults.extend(found.over_edges());
    faults.extend(found.over_texts());
    faults.extend(found.off_page());
    let straight = found.texts.iter().filter(|text| text.said.contains('\''));
    faults.extend(straight.map(|text| PageFault::StraightApostrophe { text: text.said.clone() }));
    let fill = percent((lowest - TOP) / (found.footer - TOP));
    if fill < LEAST_FILL && !ends {
        faults.push(PageFault::NearlyEmpty { fill });
    }
    if fill < LEAST_OF_A_LETTER
        && here.is_some_and(|document| document.first_page < page && LETTERS.contains(&document.kind.as_str()))
    {
        faults.push(PageFault::FarewellAlone { fill });
    }
    faults.dedup();
    PageMeasure {
        page,
        document: here.map(|document| document.kind.clone()).unwrap_or_default(),
        fill,
        smallest_pt: smallest,
        faults,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held between 0 and 100")]
fn percent(part: f64) -> u32 {
    (part * 100.0).round().clamp(0.0, 100.0) as u32
}

/// A run of text: its box is as wide as it is set, and as high as its small letters.
struct Text {
    said: String,
    size: f64,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Text {
    fn is_tick(&self) -> bool {
        self.said.contains(['☐', '☑'])
    }
}

/// A straight line: of a box, of a table, or the edge of a coloured ground.
#[derive(Clone, Copy)]
struct Edge {
    x: (f64, f64),
    y: (f64, f64),
}

#[derive(Default)]
struct Found {
    texts: Vec<Text>,
    edges: Vec<Edge>,
    /// How far down the line above the footer is; without one, the end of the page.
    footer: f64,
    wide: f64,
    high: f64,
}

impl Found {
    fn on(frame: &Frame) -> Self {
        let (wide, high) = (frame.width().to_pt(), frame.height().to_pt());
        let mut found = Self { footer: high, wide, high, ..Self::default() };
        found.walk(frame, Transform::identity());
        // The lowest line that is as wide as the text.
        let is_footer = |edge: &&Edge| edge.y.0 > 0.9 * high && edge.x.1 - edge.x.0 > 0.7 * wide;
        found.footer = found.edges.iter().filter(is_footer).map(|edge| edge.y.0).fold(high, f64::min);
        found
    }

    /// Above the footer there is nothing but the word that there is nothing.
    fn is_blank(&self) -> bool {
        let above = |bottom: f64| bottom < self.footer - SLACK;
        self.texts.iter().filter(|text| above(text.bottom)).count() <= 2
            && !self.edges.iter().any(|edge| above(edge.y.1))
    }

    fn walk(&mut self, frame: &Frame, to_page: Transform) {
        for (place, item) in frame.items() {
            let here = to_page.pre_concat(Transform::translate(place.x, place.y));
            match item {
                FrameItem::Group(group) => self.walk(&group.frame, here.pre_concat(group.transform)),
                FrameItem::Text(text) if !text.text.trim().is_empty() => {
                    let start = Point::zero().transform(here);
                    // Names on a sketch are turned: where they begin and end is enough to know.
                    let end = Point::with_x(text.width()).transform(here);
                    let size = text.size.to_pt();
                    let (y0, y1) = (start.y.to_pt().min(end.y.to_pt()), start.y.to_pt().max(end.y.to_pt()));
                    self.texts.push(Text {
                        said: text.text.to_string(),
                        size,
                        left: start.x.to_pt().min(end.x.to_pt()),
                        right: start.x.to_pt().max(end.x.to_pt()),
                        top: y0 - 0.5 * size,
                        bottom: y1,
                    });
                }
                FrameItem::Shape(shape, _) => match &shape.geometry {
                    Geometry::Line(to) => self.line(Point::zero(), *to, here),
                    Geometry::Rect(size) => {
                        let (wide, high) = (size.x, size.y);
                        let corners =
                            [(Abs::zero(), Abs::zero()), (wide, Abs::zero()), (wide, high), (Abs::zero(), high)];
                        let corners = corners.map(|(x, y)| Point::new(x, y));
                        for (from, to) in corners.iter().zip(corners.iter().cycle().skip(1)) {
                            self.line(*from, *to, here);
                        }
                    }
                    // Rings, needles and the streets of a sketch, on which their names stand.
                    Geometry::Curve(_) => {}
                },
                _ => {}
            }
        }
    }

    fn line(&mut self, from: Point, to: Point, here: Transform) {
        let (from, to) = (from.transform(here), to.transform(here));
        let span = |one: Abs, other: Abs| (one.to_pt().min(other.to_pt()), one.to_pt().max(other.to_pt()));
        self.edges.push(Edge { x: span(from.x, to.x), y: span(from.y, to.y) });
    }

    fn parted_options(&self) -> Vec<PageFault> {
        let mut faults = Vec::new();
        for (at, tick) in self.texts.iter().enumerate().filter(|(_, text)| text.is_tick()) {
            let beside = |text: &&Text| {
                (text.bottom - tick.bottom).abs() < 6.0
                    && text.left > tick.right - SLACK
                    && text.left < tick.right + BESIDE
            };
            let nearest = self.texts.iter().filter(beside).min_by(|one, other| one.left.total_cmp(&other.left));
            if nearest.is_none_or(Text::is_tick) {
                let after = at.checked_sub(1).map(|before| self.texts[before].said.clone()).unwrap_or_default();
                faults.push(PageFault::PartedOption { after });
            }
        }
        faults
    }

    fn over_edges(&self) -> impl Iterator<Item = PageFault> {
        let crosses = |text: &&Text| {
            self.edges.iter().any(|edge| {
                let upright = edge.x.1 - edge.x.0 < SLACK
                    && within(edge.x.0, (text.left, text.right))
                    && overlap(edge.y, (text.top, text.bottom)) > SLACK;
                let flat = edge.y.1 - edge.y.0 < SLACK
                    && within(edge.y.0, (text.top, text.bottom))
                    && overlap(edge.x, (text.left, text.right)) > SLACK;
                upright || flat
            })
        };
        self.texts.iter().filter(crosses).map(|text| PageFault::OverEdge { text: text.said.clone() })
    }

    fn over_texts(&self) -> Vec<PageFault> {
        let mut faults = Vec::new();
        for (at, text) in self.texts.iter().enumerate() {
            let stands_on = |other: &&Text| {
                overlap((text.left, text.right), (other.left, other.right)) > SLACK
                    && overlap((text.top, text.bottom), (other.top, other.bottom)) > SLACK
            };
            let on = self.texts[at + 1..].iter().filter(stands_on);
            faults.extend(on.map(|other| PageFault::OverText { text: text.said.clone(), other: other.said.clone() }));
        }
        faults
    }

    fn off_page(&self) -> impl Iterator<Item = PageFault> {
        let (right, bottom) = (self.wide - SIDE, self.high - END);
        let is_off =
            move |text: &&Text| text.left < SIDE || text.right > right || text.top < END || text.bottom > bottom;
        self.texts.iter().filter(is_off).map(|text| PageFault::OffPage { text: text.said.clone() })
    }
}

fn within(at: f64, (from, to): (f64, f64)) -> bool {
    at > from + SLACK && at < to - SLACK
}

fn overlap(one: (f64, f64), other: (f64, f64)) -> f64 {
    one.1.min(other.1) - one.0.max(other.0)
}

#[cfg(test)]
mod tests;
