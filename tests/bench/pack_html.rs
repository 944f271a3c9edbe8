//! The same pack as a web page, for WeasyPrint: the same text, boxes and tables in the same fonts, in the same order.

use super::Outcome;
use startline::packs::content::{Answer, FormPart, FormQuestion, PackContent, Said, Summary};
use std::fmt::Write;

/// The style sheet that gives it the looks of the templates.
pub const STYLE: &str = include_str!("pack.css");

pub fn page(content: &PackContent) -> Outcome<String> {
    let form = content.form.as_ref().ok_or("a pack without a form")?;
    let mut page = String::new();
    let reference = escape(&content.reference);
    write!(
        page,
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Claim pack {reference}</title></head>\
         <body><span class=\"reference\">{reference}</span>"
    )?;
    letter(&mut page, content)?;
    if let Some(told) = &content.summary {
        summary(&mut page, told)?;
    }
    evidence(&mut page, content)?;
    write!(
        page,
        "<section class=\"document\"><h1>Your claim form</h1><p class=\"lead\">for {}</p>",
        escape(&content.client_name)
    )?;
    form.parts.iter().try_for_each(|each| part(&mut page, each))?;
    for declaration in &form.declarations {
        write!(page, "<p>{}</p><div class=\"box\"></div>", english(declaration))?;
    }
    page.push_str("</section></body></html>");
    Ok(page)
}

fn letter(page: &mut String, content: &PackContent) -> Outcome {
    write!(
        page,
        "<section class=\"document\"><h1>Your claim is ready for you to check</h1><p class=\"address\">{}</p><p>{}</p>\
         <p>Dear {}</p><p>Thank you for talking to us. We have written what you told us on the claim form in this pack, so \
         most of it is already done for you. You are claiming:</p><ul>",
        lines(&content.address),
        english(&content.letter_date),
        escape(&content.salutation)
    )?;
    for benefit in &content.claimed_benefits {
        write!(page, "<li>{}</li>", english(benefit))?;
    }
    page.push_str(
        "</ul><h2>What to do now</h2><ol><li>Read the claim form. If something is wrong, cross it out, write what is right \
         beside it, and put your initials next to the change.</li><li>Fill in the empty boxes where you can. Leave \
         anything you are not sure about: we will help you with it.</li><li>Collect the papers on the list called What to \
         bring.</li></ol>",
    );
    if let Some(meeting) = &content.appointment {
        write!(
            page,
            "<h2>Your appointment</h2><div class=\"panel\"><b>{}<br>{}</b><br>{}<br>{}<br>{}, your personal adviser<br>\
             about {} minutes</div>",
            english(&meeting.date),
            english(&meeting.time),
            escape(&meeting.office),
            lines(&meeting.address),
            escape(&meeting.personal_adviser),
            meeting.minutes
        )?;
    }
    write!(page, "<p>Yours sincerely<br><b>{}</b></p></section>", escape(&content.site.adviser))?;
    Ok(())
}

fn summary(page: &mut String, told: &Summary) -> Outcome {
    write!(
        page,
        "<section class=\"document\"><h1>What we talked about</h1><p class=\"lead\">{}</p>",
        english(&told.day)
    )?;
    for (title, subjects) in [("We talked about", &told.covered), ("For another time", &told.left)] {
        let names: Vec<String> =
            subjects.iter().map(|subject| format!("<li>{}</li>", english(&subject.name))).collect();
        write!(page, "<h2>{title}</h2><ul>{}</ul>", names.join(""))?;
    }
    for section in &told.sections {
        write!(page, "<h2>{}</h2>", english(&section.title))?;
        for line in &section.lines {
            write!(page, "<p>{}<br><b>{}</b></p>", english(&line.asked), english(&line.said))?;
        }
    }
    write!(page, "<p>{}</p></section>", escape(&told.promised))?;
    Ok(())
}

fn evidence(page: &mut String, content: &PackContent) -> Outcome {
    page.push_str(
        "<section class=\"document\"><h1>What to bring</h1><table><thead><tr><th>Packed</th><th>What to bring, and why</th>\
         <th>You can bring this instead</th><th>Seen by us</th></tr></thead><tbody>",
    );
    for line in &content.evidence {
        write!(
            page,
            "<tr><td class=\"tick\">\u{2610}</td><td>{}<br><span class=\"quiet\">{}</span></td><td>{}</td>\
             <td class=\"tick\">\u{2610}</td></tr>",
            english(&line.item),
            english(&line.reason),
            line.substitutes.as_ref().map(english).unwrap_or_default()
        )?;
    }
    page.push_str("</tbody></table></section>");
    Ok(())
}

fn part(page: &mut String, part: &FormPart) -> Outcome {
    write!(page, "<h2 class=\"part\">Part {} {}</h2>", escape(&part.code), english(&part.title))?;
    part.questions.iter().try_for_each(|each| question(page, each))
}

fn question(page: &mut String, question: &FormQuestion) -> Outcome {
    let wide = match &question.answer {
        Answer::Text { lines, .. } => *lines > 1,
        Answer::Table { .. } | Answer::Group { .. } => true,
        Answer::Comb { .. } | Answer::Choice { .. } => false,
    };
    write!(
        page,
        "<div class=\"question{}\"><div class=\"id\">{}</div><div class=\"label\">{}",
        if wide { " wide" } else { "" },
        escape(&question.id),
        english(&question.label)
    )?;
    if !question.hint.is_empty() {
        write!(page, "<span class=\"hint\">{}</span>", english(&question.hint))?;
    }
    page.push_str("</div><div class=\"answer\">");
    answer(page, &question.answer)?;
    page.push_str("</div></div>");
    Ok(())
}

fn answer(page: &mut String, answer: &Answer) -> Outcome {
    match answer {
        Answer::Text { value, lines } => {
            let height = if value.is_empty() { f64::from(*lines) * 7.4 - 3.6 } else { 3.8 };
            write!(page, "<div class=\"box\" style=\"min-height: {height:.1}mm\">{}</div>", escape(value))?;
        }
        Answer::Comb { value, groups, captions } if value.is_empty() => {
            page.push_str("<div class=\"comb\">");
            for group in groups {
                page.push_str("<i class=\"gap\"></i>");
                (1..*group).for_each(|_| page.push_str("<i></i>"));
            }
            write!(
                page,
                "</div><div class=\"captions\">{}</div>",
                if captions.is_empty() { "" } else { "Day \u{a0} Month \u{a0} Year" }
            )?;
        }
        Answer::Comb { value, groups, .. } => {
            let mut characters = value.chars();
            let runs: Vec<String> =
                groups.iter().map(|group| characters.by_ref().take(usize::from(*group)).collect()).collect();
            write!(page, "<div class=\"box\">{}</div>", escape(&runs.join(" ")))?;
        }
        Answer::Choice { options } => {
            for option in options {
                let tick = if option.ticked { '\u{2611}' } else { '\u{2610}' };
                write!(
                    page,
                    "<span class=\"option\"><span class=\"tick\">{tick}</span> {}</span> ",
                    english(&option.label)
                )?;
            }
        }
        Answer::Table { columns, rows, empty_rows } => table(page, columns, rows, *empty_rows)?,
        Answer::Group { fields } => {
            page.push_str("<div class=\"group\">");
            for field in fields {
                let (label, value) = (english(&field.label), escape(&field.value));
                write!(page, "<div>{label}<div class=\"box\">{value}</div></div>")?;
            }
            page.push_str("</div>");
        }
    }
    Ok(())
}

fn table(page: &mut String, columns: &[Said], rows: &[Vec<String>], empty_rows: u8) -> Outcome {
    page.push_str("<table><thead><tr>");
    for column in columns {
        write!(page, "<th>{}</th>", english(column))?;
    }
    page.push_str("</tr></thead><tbody>");
    for row in rows {
        page.push_str("<tr>");
        for cell in row {
            write!(page, "<td>{}</td>", escape(cell))?;
        }
        page.push_str("</tr>");
    }
    for _ in 0..empty_rows {
        write!(page, "<tr>{}</tr>", "<td></td>".repeat(columns.len()))?;
    }
    page.push_str("</tbody></table>");
    Ok(())
}

/// The bench's client reads English.
fn english(said: &Said) -> String {
    match said {
        Said::One(text) | Said::Both { en: text, .. } => escape(text),
    }
}

fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("<br>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\n', "<br>")
}
