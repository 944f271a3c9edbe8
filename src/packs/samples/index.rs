//! A page to look through the samples.

use super::Sample;
use crate::content::{Layout, Look};
use std::fmt::Write;

/// HTML that lies beside the samples and leads to each: a section a client group, a row a document, a column a look.
pub fn index(samples: &[Sample]) -> String {
    let mut html = String::from(HEAD);
    let mut groups: Vec<&str> = Vec::new();
    for sample in samples {
        if !groups.contains(&sample.group.as_str()) {
            groups.push(&sample.group);
        }
    }
    for group in groups {
        let of_group: Vec<&Sample> = samples.iter().filter(|sample| sample.group == group).collect();
        let about = of_group.first().map_or("", |first| first.about.as_str());
        let _ = write!(html, "<section>\n<h2>{}</h2>\n<p>{}</p>\n", escaped(&in_words(group)), escaped(about));
        table(&mut html, &of_group);
        html.push_str("</section>\n");
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html
}

fn table(html: &mut String, samples: &[&Sample]) {
    let (mut kinds, mut looks) = (Vec::new(), Vec::new());
    for sample in samples {
        if !kinds.contains(&sample.kind) {
            kinds.push(sample.kind);
        }
        if !looks.contains(&sample.look) {
            looks.push(sample.look);
        }
    }
    html.push_str("<table>\n<tr><th scope=\"col\">Document</th>");
    for look in &looks {
        let _ = write!(html, "<th scope=\"col\">{}</th>", name_of(*look));
    }
    html.push_str("</tr>\n");
    for kind in kinds {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escaped(&in_words(kind)));
        for look in &looks {
            html.push_str("<td>");
            for sample in samples.iter().filter(|sample| sample.kind == kind && sample.look == *look) {
                let (file, pages) = (escaped(&sample.file), sample.pages);
                let named = if kind == "agency" { escaped(&sample.about) + ", " } else { String::new() };
                let plural = if pages == 1 { "" } else { "s" };
                let _ = write!(html, "<a href=\"{file}\">{named}{pages} page{plural}</a> ");
            }
            html.push_str("</td>");
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</table>\n");
}

fn name_of(look: Look) -> String {
    let layout = match look.layout {
        Layout::English => "English",
        Layout::SideBySide => "Welsh and English side by side",
        Layout::Facing => "Welsh and English on facing pages",
    };
    format!("{layout}{}", if look.large_print { ", large print" } else { "" })
}

/// `missed_meeting` as `Missed meeting`.
fn in_words(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + &letters.as_str().replace('_', " ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What Startline posts</title>
<style>
body { font: 1.1rem/1.45 system-ui, sans-serif; color: #15191c; margin: 2rem auto; max-width: 75rem; padding: 0 1rem }
h1, h2 { color: #00505a; line-height: 1.2 }
section { margin: 2.5rem 0 }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid #5b7f86; padding: .5rem .6rem; text-align: left; vertical-align: top; font-size: 1rem }
tr:first-child th { background: #e8f1f1 }
a { color: #00505a }
</style>
</head>
<body>
<main>
<h1>What Startline posts</h1>
<p>Every document that could be posted to nine invented clients, one of each client group, in each language and size of print.
Nobody here is anybody: names, numbers and places are made up.</p>
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(file: &str, kind: &'static str, layout: Layout) -> Sample {
        Sample {
            file: file.into(),
            pdf: Vec::new(),
            pages: 2,
            measures: Vec::new(),
            look: Look { layout, large_print: false },
            kind,
            group: "lone_parent".into(),
            about: "Tom & <Jerry>".into(),
        }
    }

    #[test]
    fn each_sample_is_led_to_from_the_column_of_its_look() {
        let samples = [
            sample("one.pdf", "claim", Layout::English),
            sample("two.pdf", "claim", Layout::Facing),
            sample("three.pdf", "new_time", Layout::Facing),
        ];
        let html = index(&samples);
        for sample in &samples {
            assert_eq!(html.matches(&format!("<a href=\"{}\">2 pages</a>", sample.file)).count(), 1, "{html}");
        }
        assert!(html.contains("<h2>Lone parent</h2>\n<p>Tom &amp; &lt;Jerry&gt;</p>"), "{html}");
        let new_time = html.lines().find(|line| line.contains("New time")).expect("it has a row");
        assert!(new_time.contains("<td></td><td><a href=\"three.pdf\">"), "{new_time}");
    }
}
