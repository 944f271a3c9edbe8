//! The words of the page on what the service does by itself.

use crate::words::words;
use startline_api as pb;

words! { pub OperationsWords {
    title: "Jobs and workers", "Swyddi a gweithwyr";
    more: "What the service does without anybody asking: the jobs that others' work left, and the work that comes round again.", "Yr hyn y mae'r gwasanaeth yn ei wneud heb i neb ofyn: y swyddi a adawodd gwaith eraill, a'r gwaith sy'n dod o gwmpas eto.";
    jobs: "Jobs that are not done", "Swyddi nad ydynt wedi'u gwneud";
    only_failed: "Given up", "Rhoddwyd y gorau iddynt";
    all: "All that are not done", "Y cyfan nad ydynt wedi'u gwneud";
    no_failed: "No job was given up.", "Ni roddwyd y gorau i unrhyw swydd.";
    no_jobs: "Every job is done.", "Mae pob swydd wedi'i gwneud.";
    job: "Job", "Swydd";
    about: "About", "Ynghylch";
    state: "State", "Cyflwr";
    tries: "Tries", "Ymgeisiau";
    since: "Since", "Ers";
    error: "The newest fault", "Y nam diweddaraf";
    not_before: "not before", "ddim cyn";
    retry: "Try again", "Rhoi cynnig arall arni";
    drop: "Drop", "Gollwng";
    drop_title: "Drop this job?", "Gollwng y swydd hon?";
    drop_more: "It is not done any more, and cannot be taken up again. What it was about has to be done by somebody. That you dropped it is noted.", "Nis gwneir mwyach, ac ni ellir ei chodi eto. Rhaid i rywun wneud yr hyn yr oedd yn ymwneud ag ef. Nodir i chi ei gollwng.";
    open: "Waiting", "Yn aros";
    leased: "Under way", "Ar y gweill";
    done: "Done", "Wedi'i wneud";
    failed: "Given up", "Rhoddwyd y gorau iddi";
    dropped: "Dropped", "Wedi'i gollwng";
    workers: "Workers of this process, since its start", "Gweithwyr y broses hon, ers iddi ddechrau";
    worker: "Worker", "Gweithiwr";
    began: "Newest round began", "Dechreuodd y rownd ddiweddaraf";
    ended: "Newest one ended", "Daeth yr un ddiweddaraf i ben";
    rounds: "Rounds", "Rowndiau";
    failures: "Of them failed", "Ohonynt wedi methu";
    panics: "Panics", "Panigau";
    well: "went well", "aeth yn dda";
    request_panics: "Requests that a panic ended", "Ceisiadau a ddaeth i ben drwy banig";
    job_panics: "Jobs that a panic ended", "Swyddi a ddaeth i ben drwy banig";
    call_panics: "Messages about calls that a panic ended", "Negeseuon am alwadau a ddaeth i ben drwy banig";
    retries: "Transactions tried again", "Trafodion y rhoddwyd cynnig arall arnynt";
    back: "Back to the jobs", "Yn ôl at y swyddi";
    // The workers, as the service names them.
    w_clock: "The clock", "Y cloc";
    w_diaries: "Diaries", "Dyddiaduron";
    w_floors: "Floors", "Lloriau";
    w_floors_holder: "Who has the floor", "Pwy sydd â'r llawr";
    w_due_call_backs: "Call-backs that are due", "Galwadau'n ôl i'w gwneud nawr";
    w_commitments: "What was promised", "Yr hyn a addawyd";
    w_contingencies: "Lost sites", "Safleoedd a gollwyd";
    w_callers_needs: "What callers need", "Anghenion galwyr";
    w_follow_ups: "Steps after meetings", "Camau ar ôl cyfarfodydd";
    w_old_requests: "Old requests", "Hen geisiadau";
    w_posts: "Closing the post", "Cau'r post";
    w_jobs: "Jobs", "Swyddi";
    w_letters_addresses: "Addresses for letters", "Cyfeiriadau ar gyfer llythyrau";
    w_looks: "Looks at records", "Edrychiadau ar gofnodion";
    w_seals: "Seals of the audit", "Seliau'r archwiliad";
    w_lost_desks: "Lost desks", "Desgiau a gollwyd";
    w_people: "People", "Pobl";
    w_readiness: "Readiness", "Parodrwydd";
    w_every_page: "Every page of the database", "Pob tudalen o'r gronfa ddata";
    w_reminders: "Reminders", "Nodiadau atgoffa";
    w_retention: "Erasing what is old", "Dileu'r hyn sy'n hen";
    w_figures: "Figures", "Ffigurau";
    compose_pack: "Compose a pack", "Cyfansoddi pecyn";
    compose_anew: "Compose anew what changed", "Cyfansoddi o'r newydd yr hyn a newidiodd";
    stop_packs: "Stop packs", "Atal pecynnau";
    look_at_meeting: "Look at a meeting", "Edrych ar gyfarfod";
    write_death: "Write to whoever told us of a death", "Ysgrifennu at bwy bynnag a roddodd wybod am farwolaeth";
    write_deferral: "Write that a meeting is put off", "Ysgrifennu bod cyfarfod wedi'i ohirio";
    write_meeting_off: "Write that a meeting is off", "Ysgrifennu bod cyfarfod wedi'i ganslo";
    write_decision: "Write about what was decided", "Ysgrifennu am yr hyn a benderfynwyd";
    write_missed_meeting: "Write about a missed meeting", "Ysgrifennu am gyfarfod a gollwyd";
    write_missed_callback: "Write about a missed call-back", "Ysgrifennu am alwad yn ôl a gollwyd";
    ring_new_number: "Ring a client's new number", "Ffonio rhif newydd cleient";
    write_new_time: "Write a meeting's new time", "Ysgrifennu amser newydd cyfarfod";
} }

impl OperationsWords {
    pub fn worker_named(&self, name: &str) -> String {
        let word: String = name.chars().filter(|c| *c != '\'').collect::<String>().replace([' ', '-'], "_");
        self.sentence(&format!("w_{word}")).map_or_else(|| name.to_owned(), str::to_owned)
    }

    pub fn is(&self, state: pb::JobState) -> &'static str {
        match state {
            pb::JobState::Open | pb::JobState::Unspecified => self.open,
            pb::JobState::Leased => self.leased,
            pb::JobState::Done => self.done,
            pb::JobState::Failed => self.failed,
            pb::JobState::Dropped => self.dropped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use startline_foundation::formats::Language;

    #[test]
    fn every_worker_of_the_service_has_a_name_in_welsh() {
        let workers = concat!(env!("CARGO_MANIFEST_DIR"), "/../service/workers");
        let mut named = 0;
        for file in std::fs::read_dir(workers).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let names = text.split("const NAME: &'static str = \"").skip(1).filter_map(|rest| rest.split('"').next());
            for name in names.filter(|name| *name != "restless") {
                named += 1;
                assert_ne!(OperationsWords::of(Language::Welsh).worker_named(name), name, "{name}");
            }
        }
        assert!(named > 15, "{named}");
    }
}
