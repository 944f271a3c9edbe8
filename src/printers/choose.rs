//! What is asked of a printer for one job: only what it says it can do. Pure.

use super::device::Supports;
use super::job::{Chosen, Task};
use startline_foundation::config::PrinterConfig;

/// The job's settings, or why this printer cannot print it.
pub fn choose(config: &PrinterConfig, task: &Task, supports: &Supports) -> Result<Chosen, String> {
    if task.pages() == 0 || task.last_page > task.pack_pages {
        return Err(format!(
            "pages {} to {} were asked for, and the pack has {}",
            task.first_page, task.last_page, task.pack_pages
        ));
    }
    if !supports.pdf {
        return Err("the printer takes no PDF".into());
    }
    if !task.is_whole() && !supports.page_ranges {
        return Err(format!(
            "pages {} to {} of the pack cannot be printed here: the printer prints whole documents only",
            task.first_page, task.last_page
        ));
    }
    let mut left_out = Vec::new();
    let mut known = |what: &str, wanted: &str, there: &[String]| {
        let can = there.iter().any(|one| one == wanted);
        if !can {
            left_out.push(format!("{what} {wanted}"));
        }
        can.then(|| wanted.to_owned())
    };
    // One side only is what a printer does that knows no sides.
    let plain = config.sides == "one-sided" && supports.sides.is_empty();
    let sides = if plain { None } else { known("sides", &config.sides, &supports.sides) };
    let media = known("media", &config.media, &supports.media);
    let tray = tray(config, task).and_then(|tray| known("tray", tray, &supports.trays));
    let copies = if config.copies <= supports.most_copies.max(1) { config.copies } else { 1 };
    if copies < config.copies {
        left_out.push(format!("copies {}", config.copies));
    }
    let pages = (!task.is_whole()).then_some((task.first_page, task.last_page));
    Ok(Chosen { sides, media, tray, copies, pages, left_out })
}

fn tray<'a>(config: &'a PrinterConfig, task: &Task) -> Option<&'a str> {
    let by_kind = config.trays_by_kind.get(&task.kind);
    let by_class = || config.trays_by_post_class.get(&task.post_class);
    by_kind.or_else(by_class).or(config.tray.as_ref()).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::{config, task};

    fn able() -> Supports {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect();
        Supports {
            two_steps: true,
            pdf: true,
            sides: words(&["one-sided", "two-sided-long-edge"]),
            media: words(&["iso_a4_210x297mm"]),
            trays: words(&["tray-1", "tray-2", "tray-3"]),
            most_copies: 99,
            page_ranges: true,
        }
    }

    #[test]
    fn a_printer_is_asked_for_all_that_it_can_do() {
        let config = config("copies = 2\ntray = \"tray-1\"");
        let chosen = choose(&config, &task(20), &able()).unwrap();
        assert_eq!(chosen.sides.as_deref(), Some("two-sided-long-edge"));
        assert_eq!((chosen.media.as_deref(), chosen.tray.as_deref()), (Some("iso_a4_210x297mm"), Some("tray-1")));
        assert_eq!((chosen.copies, chosen.pages, chosen.duplex()), (2, None, true));
        assert_eq!(chosen.left_out, Vec::<String>::new());
    }

    #[test]
    fn what_a_printer_cannot_do_is_left_out_and_told() {
        let config = config("copies = 2\ntray = \"tray-9\"\nmedia = \"iso_a5_148x210mm\"");
        let simple = Supports { pdf: true, ..Supports::default() };
        let chosen = choose(&config, &task(20), &simple).unwrap();
        assert_eq!((chosen.sides.clone(), chosen.media.clone(), chosen.tray.clone()), (None, None, None));
        assert_eq!((chosen.copies, chosen.duplex()), (1, false));
        let said = ["sides two-sided-long-edge", "media iso_a5_148x210mm", "tray tray-9", "copies 2"];
        assert_eq!(chosen.left_out, said);
    }

    #[test]
    fn the_tray_goes_by_the_kind_of_letter_then_by_the_class_of_post() {
        let trays = "tray = \"tray-1\"\ntrays_by_post_class = { first = \"tray-2\" }\ntrays_by_kind = { deferral = \"tray-3\" }";
        let config = config(trays);
        let of = |kind: &str, class: &str| {
            let task = Task { kind: kind.into(), post_class: class.into(), ..task(2) };
            choose(&config, &task, &able()).unwrap().tray.unwrap()
        };
        assert_eq!(of("claim", "second"), "tray-1");
        assert_eq!(of("claim", "first"), "tray-2");
        assert_eq!(of("deferral", "first"), "tray-3");
    }

    #[test]
    fn some_pages_are_printed_only_by_a_printer_that_can_tell_them_apart() {
        let config = config("");
        let some = Task { first_page: 3, last_page: 4, ..task(20) };
        assert_eq!(choose(&config, &some, &able()).unwrap().pages, Some((3, 4)));
        let whole_only = Supports { page_ranges: false, ..able() };
        assert!(choose(&config, &some, &whole_only).unwrap_err().contains("pages 3 to 4"));
        assert!(choose(&config, &task(20), &whole_only).is_ok());
        let beyond = Task { first_page: 3, last_page: 21, ..task(20) };
        assert!(choose(&config, &beyond, &able()).is_err());
        assert!(choose(&config, &task(20), &Supports { pdf: false, ..able() }).is_err());
    }
}
