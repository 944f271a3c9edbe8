//! What somebody hears who has a PDF read to them: its tagged structure from beginning to end, read with tools that are not
//! ours. Headings, lists and tables are announced, a cell is said with the name of its column or row, and of what is drawn
//! its description is said.

use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// An element of the structure, or a run of text.
enum Part {
    Text(String),
    Element(Element),
}

#[derive(Default)]
struct Element {
    tag: String,
    id: String,
    headers: Vec<String>,
    /// Of a figure.
    described: String,
    parts: Vec<Part>,
}

impl Element {
    fn elements(&self) -> impl Iterator<Item = &Self> {
        self.parts.iter().filter_map(|part| if let Part::Element(element) = part { Some(element) } else { None })
    }

    /// Every element below this one that is not in another of the same kind.
    fn all<'a>(&'a self, tag: &str, found: &mut Vec<&'a Self>) {
        for element in self.elements() {
            if element.tag == tag { found.push(element) } else { element.all(tag, found) }
        }
    }

    /// All text below it, in one line.
    fn text(&self) -> String {
        let mut text = String::new();
        self.add_text(&mut text);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn add_text(&self, text: &mut String) {
        if !self.described.is_empty() {
            *text += &format!(" ({}) ", self.described);
            return;
        }
        for part in &self.parts {
            match part {
                Part::Text(piece) => {
                    // A line that ends, or a gap that is no character.
                    let joins =
                        text.ends_with([' ', '-', '(']) || piece.starts_with([' ', '.', ',', ':', ';', '?', ')']);
                    if !joins && !text.is_empty() {
                        text.push(' ');
                    }
                    *text += piece;
                }
                Part::Element(element) => {
                    // Between two paragraphs a voice pauses.
                    if element.tag == "P" && !text.trim().is_empty() {
                        *text += " /";
                    }
                    element.add_text(text);
                }
            }
        }
    }
}

/// The whole document, a line for each thing that is said.
pub fn spoken(pdf: &Path) -> String {
    let mut document = structure(pdf);
    let mut figures = descriptions(pdf).into_iter();
    describe(&mut document, &mut figures);
    assert_eq!(figures.next(), None, "each description belongs to a figure");
    let mut said = String::new();
    say(&document, 0, &mut said);
    said
}

fn tool(command: &mut Command) -> String {
    let told = command.output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    // poppler passes on what describes an element as it stands in the file, in UTF-16 where a word has a curly apostrophe. What is
    // said of figures is read elsewhere; all that is text here is UTF-8.
    String::from_utf8_lossy(&told.stdout).into_owned()
}

/// The tree as poppler tells it: an element a line, what is in it two columns further in.
fn structure(pdf: &Path) -> Element {
    let told = tool(Command::new("pdfinfo").arg("-struct-text").arg(pdf));
    let mut open: Vec<(usize, Element)> = vec![(0, Element { tag: "Document".into(), ..Element::default() })];
    for line in told.lines().skip_while(|line| *line != "Document").skip(1) {
        let (depth, line) = (line.len() - line.trim_start().len(), line.trim_start());
        let close = |open: &mut Vec<(usize, Element)>| {
            let (_, done) = open.pop().unwrap();
            open.last_mut().unwrap().1.parts.push(Part::Element(done));
        };
        if let Some(attribute) = line.strip_prefix('/') {
            if let Some(ids) = attribute.strip_prefix("Headers [") {
                let ids = ids.trim_end_matches(']').split(['(', ')', ' ']).filter(|id| !id.is_empty());
                open.last_mut().unwrap().1.headers = ids.map(str::to_owned).collect();
            }
            continue;
        }
        while open.last().unwrap().0 >= depth && open.len() > 1 {
            close(&mut open);
        }
        if let Some(text) = line.strip_prefix('"') {
            open.last_mut().unwrap().1.parts.push(Part::Text(text.strip_suffix('"').unwrap_or(text).to_owned()));
        } else {
            let tag: String = line.chars().take_while(char::is_ascii_alphanumeric).collect();
            let id = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(id, _)| id.to_owned());
            open.push((depth, Element { tag, id: id.unwrap_or_default(), ..Element::default() }));
        }
    }
    while open.len() > 1 {
        let (_, done) = open.pop().unwrap();
        open.last_mut().unwrap().1.parts.push(Part::Element(done));
    }
    open.pop().unwrap().1
}

/// What the figures are described as, in the order of the tree. Poppler does not tell it.
fn descriptions(pdf: &Path) -> Vec<String> {
    let told = tool(Command::new("qpdf").args(["--json=2", "--json-key=qpdf"]).arg(pdf));
    let told: Json = serde_json::from_str(&told).unwrap();
    let objects = &told["qpdf"][1];
    let root = object(objects, &objects["trailer"]["value"]["/Root"]);
    let mut found = Vec::new();
    figures(objects, &object(objects, &root["/StructTreeRoot"])["/K"], &mut found);
    found
}

fn object<'a>(objects: &'a Json, value: &'a Json) -> &'a Json {
    match value.as_str().filter(|text| text.ends_with(" R")) {
        Some(reference) => &objects[format!("obj:{reference}")]["value"],
        None => value,
    }
}

fn figures(objects: &Json, value: &Json, found: &mut Vec<String>) {
    match object(objects, value) {
        Json::Array(all) => all.iter().for_each(|one| figures(objects, one, found)),
        Json::Object(element) => {
            if element.get("/S").is_some_and(|tag| tag == "/Figure") {
                let said = element.get("/Alt").and_then(Json::as_str).unwrap_or_default();
                found.push(said.trim_start_matches("u:").to_owned());
            }
            if let Some(kids) = element.get("/K") {
                figures(objects, kids, found);
            }
        }
        _ => {}
    }
}

fn describe(element: &mut Element, figures: &mut impl Iterator<Item = String>) {
    if element.tag == "Figure" {
        element.described = figures.next().expect("each figure is described");
    }
    for part in &mut element.parts {
        if let Part::Element(inner) = part {
            describe(inner, figures);
        }
    }
}

fn line(depth: usize, text: &str, said: &mut String) {
    if !text.is_empty() {
        *said += &format!("{}{text}\n", "  ".repeat(depth));
    }
}

fn say(element: &Element, depth: usize, said: &mut String) {
    match element.tag.as_str() {
        heading @ ("H1" | "H2" | "H3") => line(depth, &format!("[heading {}] {}", &heading[1..], element.text()), said),
        "L" => {
            let mut items = Vec::new();
            element.all("LI", &mut items);
            let count = items.len();
            line(depth, &format!("[list of {count}]"), said);
            items.into_iter().for_each(|item| say_item(item, depth + 1, said));
        }
        "Table" => say_table(element, depth, said),
        "P" | "Span" | "Figure" | "Lbl" | "Caption" => line(depth, &element.text(), said),
        _ => {
            let mut run = Element::default();
            for part in &element.parts {
                match part {
                    Part::Text(text) => run.parts.push(Part::Text(text.clone())),
                    Part::Element(inner) => {
                        line(depth, &std::mem::take(&mut run).text(), said);
                        say(inner, depth, said);
                    }
                }
            }
            line(depth, &run.text(), said);
        }
    }
}

/// The label and the first words on one line; what else there is below.
fn say_item(item: &Element, depth: usize, said: &mut String) {
    let mut inner = String::new();
    for part in item.elements().filter(|part| part.tag != "Lbl") {
        say(part, depth + 1, &mut inner);
    }
    let label = item.elements().find(|part| part.tag == "Lbl").map(Element::text).unwrap_or_default();
    let label = if label == "•" { String::new() } else { label };
    let inner = inner.trim_start();
    line(depth, format!("{label} {inner}").trim(), said);
}

fn say_table(table: &Element, depth: usize, said: &mut String) {
    let mut rows = Vec::new();
    table.all("TR", &mut rows);
    let columns = rows.iter().map(|row| row.elements().count()).max().unwrap_or(0);
    line(depth, &format!("[table of {} rows and {columns} columns]", rows.len()), said);
    let mut names = BTreeMap::new();
    for row in rows {
        let mut cells = Vec::new();
        for cell in row.elements() {
            let text = cell.text();
            if cell.tag == "TH" {
                names.insert(cell.id.clone(), text.clone());
            }
            let of: Vec<&str> = cell.headers.iter().filter_map(|id| names.get(id).map(String::as_str)).collect();
            match (cell.tag.as_str(), text.as_str()) {
                ("TH", "") => {}
                ("TH", name) => cells.push(format!("[{name}]")),
                (_, "") => cells.push(format!("{}: nothing", of.join(", "))),
                (_, text) => cells.push(format!("{}: {text}", of.join(", "))),
            }
        }
        line(depth + 1, &cells.join("; "), said);
    }
}
