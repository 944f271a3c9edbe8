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
    tries: "Tries", "Cynigion";
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
    compose_pack: "Compose a pack", "Cyfansoddi pecyn";
    compose_anew: "Compose anew what changed", "Cyfansoddi o'r newydd yr hyn a newidiodd";
    stop_packs: "Stop packs", "Atal pecynnau";
    look_at_meeting: "Look at a meeting", "Edrych ar gyfarfod";
    write_deferral: "Write that a meeting is put off", "Ysgrifennu bod cyfarfod wedi'i ohirio";
    write_meeting_off: "Write that a meeting is off", "Ysgrifennu bod cyfarfod wedi'i ganslo";
    write_decision: "Write about what was decided", "Ysgrifennu am yr hyn a benderfynwyd";
    write_missed_meeting: "Write about a missed meeting", "Ysgrifennu am gyfarfod a gollwyd";
    write_missed_callback: "Write about a missed call-back", "Ysgrifennu am alwad yn ôl a gollwyd";
    write_new_time: "Write a meeting's new time", "Ysgrifennu amser newydd cyfarfod";
} }

impl OperationsWords {
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
