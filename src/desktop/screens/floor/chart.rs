//! Charts as SVG that the service draws: nothing of them needs a script, and no style stands in them, which our policy would
//! not let through. What a chart shows stands in a table beside it as well.

use std::fmt::Write as _;

const HEIGHT: f64 = 240.0;
const TOP: f64 = 12.0;
/// Under the bars, for what each is.
const FOOT: f64 = 26.0;
/// Left of the bars, for the scale.
const LEFT: f64 = 48.0;
const RIGHT: f64 = 6.0;
/// One that is wider is no bar any more.
const WIDEST: f64 = 56.0;
const LEAST_WIDTH: f64 = 960.0;
/// So that a long period is drawn with bars that can still be told apart.
const LEAST_COLUMN: f64 = 9.0;
/// Letters of the scale under the bars are about so wide.
const LETTER: f64 = 7.0;

/// One thing after another, each with one bar or several.
pub struct Column {
    /// Under it, where there is room.
    pub label: String,
    /// What a pointer is shown.
    pub told: String,
    /// How high each part is, and the series that it is of.
    pub parts: Vec<(f64, usize)>,
}

/// What bars of one sort mean.
pub struct Series {
    pub name: &'static str,
    /// Of the style sheet: how it is filled.
    pub class: &'static str,
    /// Drawn with lines across, so that it is not told by its colour alone.
    pub is_hatched: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// One on the other: parts of a whole.
    Upon,
    /// One beside the other: to be compared.
    Beside,
}

/// How high the scale is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// From nothing to all.
    Shares,
    /// As many as there are.
    Counts,
}

pub struct Chart {
    pub id: &'static str,
    pub title: String,
    /// What it shows, for whoever hears it.
    pub told: String,
    pub legend: Vec<Series>,
    pub width: String,
    pub height: String,
    pub bars: Vec<Bar>,
    pub lines: Vec<Line>,
    pub labels: Vec<Label>,
    pub from: String,
    pub to: String,
}

pub struct Bar {
    pub x: String,
    pub y: String,
    pub width: String,
    pub height: String,
    pub class: &'static str,
    pub is_hatched: bool,
    pub told: String,
}

pub struct Line {
    pub y: String,
    /// Where its letters stand.
    pub foot: String,
    pub label: String,
}

pub struct Label {
    pub x: String,
    pub text: String,
}

/// Tenths are fine enough for a screen.
fn at(value: f64) -> String {
    let mut text = String::new();
    let _ = write!(text, "{value:.1}");
    text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    text
}

/// The next number whose quarters are whole: the top of a scale.
fn round_up(most: f64) -> f64 {
    let mut step = 1.0;
    loop {
        for times in [4.0, 8.0, 12.0, 20.0] {
            if most <= step * times {
                return step * times;
            }
        }
        step *= 10.0;
    }
}

impl Chart {
    pub fn new(
        id: &'static str,
        title: String,
        told: String,
        legend: Vec<Series>,
        (set, scale): (Set, Scale),
        columns: &[Column],
    ) -> Self {
        let many = columns.len().max(1) as f64;
        let width = LEAST_WIDTH.max(LEFT + RIGHT + many * LEAST_COLUMN);
        let column = (width - LEFT - RIGHT) / many;
        let high = HEIGHT - TOP - FOOT;
        let height_of = |column: &Column| match set {
            Set::Upon => column.parts.iter().map(|(part, _)| part).sum::<f64>(),
            Set::Beside => column.parts.iter().map(|(part, _)| *part).fold(0.0, f64::max),
        };
        let most = match scale {
            Scale::Shares => 1.0,
            Scale::Counts => round_up(columns.iter().map(height_of).fold(0.0, f64::max)),
        };
        let mut bars = Vec::new();
        for (n, one) in columns.iter().enumerate() {
            let room = (column - (column * 0.15).min(6.0)).min(WIDEST * one.parts.len().max(1) as f64);
            let room = if set == Set::Upon { room.min(WIDEST) } else { room };
            let left = LEFT + n as f64 * column + (column - room) / 2.0;
            let mut foot = TOP + high;
            for (k, (part, series)) in one.parts.iter().enumerate() {
                let tall = (part / most).clamp(0.0, 1.0) * high;
                // That a share was nothing is to be seen; where there was nothing to share, there is no part.
                let tall = if (set, scale) == (Set::Upon, Scale::Shares) { tall.max(2.0) } else { tall };
                let (x, wide) = match set {
                    Set::Upon => (left, room),
                    Set::Beside => {
                        let wide = room / one.parts.len() as f64;
                        (left + k as f64 * wide, wide)
                    }
                };
                let Some(series) = legend.get(*series).filter(|_| tall > 0.0) else { continue };
                bars.push(Bar {
                    x: at(x),
                    y: at(foot - tall),
                    width: at(wide.max(1.0)),
                    height: at(tall.max(1.0)),
                    class: series.class,
                    is_hatched: series.is_hatched,
                    told: one.told.clone(),
                });
                if set == Set::Upon {
                    foot -= tall;
                }
            }
        }
        let steps = [0.0, 0.25, 0.5, 0.75, 1.0];
        let lines = steps.iter().map(|share| {
            let y = TOP + high * (1.0 - share);
            let label = match scale {
                Scale::Shares => format!("{:.0}%", share * 100.0),
                Scale::Counts => at(most * share),
            };
            Line { y: at(y), foot: at(y + 4.0), label }
        });
        let lines = lines.collect();
        // Labels are left out, evenly, where they would touch.
        let widest = columns.iter().map(|one| one.label.chars().count()).max().unwrap_or(0) as f64;
        let each = ((widest * LETTER + 8.0) / column).ceil().max(1.0) as usize;
        let label =
            |(n, one): (usize, &Column)| Label { x: at(LEFT + (n as f64 + 0.5) * column), text: one.label.clone() };
        let labels = columns.iter().enumerate().step_by(each).map(label).collect();
        Self {
            id,
            title,
            told,
            legend,
            width: at(width),
            height: at(HEIGHT),
            bars,
            lines,
            labels,
            from: at(LEFT),
            to: at(width - RIGHT),
        }
    }

    /// Where letters under the bars stand.
    pub fn foot(&self) -> String {
        at(HEIGHT - 8.0)
    }

    pub fn scale_end(&self) -> String {
        at(LEFT - 6.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &'static str) -> Series {
        Series { name, class: "series-1", is_hatched: false }
    }

    fn column(parts: &[f64]) -> Column {
        let parts = parts.iter().enumerate().map(|(n, part)| (*part, n)).collect();
        Column { label: "09:00".into(), told: String::new(), parts }
    }

    #[test]
    fn a_bar_is_as_high_as_its_share_and_none_leaves_the_chart() {
        let columns = [column(&[0.5]), column(&[7.0]), column(&[0.0]), column(&[])];
        let how = (Set::Upon, Scale::Shares);
        let chart = Chart::new("a", String::new(), String::new(), vec![series("x")], how, &columns);
        let heights: Vec<&str> = chart.bars.iter().map(|bar| bar.height.as_str()).collect();
        assert_eq!(heights, ["101", "202", "2"], "nothing is drawn where there is nothing");
        assert_eq!(
            chart.lines.iter().map(|line| line.label.as_str()).collect::<Vec<_>>(),
            ["0%", "25%", "50%", "75%", "100%"]
        );
    }

    #[test]
    fn parts_stand_on_one_another_up_to_a_round_number() {
        let how = (Set::Upon, Scale::Counts);
        let chart =
            Chart::new("a", String::new(), String::new(), vec![series("x"), series("y")], how, &[column(&[3.0, 6.0])]);
        assert_eq!(chart.lines[4].label, "12");
        let bars: Vec<(&str, &str)> = chart.bars.iter().map(|bar| (bar.y.as_str(), bar.height.as_str())).collect();
        assert_eq!(bars, [("163.5", "50.5"), ("62.5", "101")]);
        assert_eq!((round_up(0.0), round_up(11.0), round_up(39.0), round_up(1200.0)), (4.0, 12.0, 40.0, 1200.0));
    }

    #[test]
    fn labels_are_left_out_where_they_would_touch() {
        let columns: Vec<Column> = (0..93).map(|_| column(&[1.0])).collect();
        let how = (Set::Beside, Scale::Counts);
        let chart = Chart::new("a", String::new(), String::new(), vec![series("x")], how, &columns);
        assert!(chart.labels.len() < 32 && chart.bars.len() == 93, "{} labels", chart.labels.len());
    }
}
