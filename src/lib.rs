//! Startline: the telephone start-up service of a network of public-service call centres.
//!
//! A client rings one number. The call goes to the call centre of their own area, or overflows to another site of the
//! network when that is busy. The adviser books a call-back in the home site's diary. In the call-back, scripted on
//! screen, an adviser takes the whole claim on one electronic form and books the meeting with a personal adviser within
//! four working days; the client gets the form by post, already filled in, with what to bring.
//!
//! # The code map
//!
//! Each business capability is a room. Rooms hold the rules; doors hold none: they parse, call the service and convert.
//! What belongs to every use stands between the two, once. The house is a workspace of a few crates, cut where the
//! compiler can hold a wall and a change is not to build everything again:
//!
//! ```text
//! startline (main, app: the command line, wiring, ordered start and stop)
//!  |- grpc ---- api     the door for desks, switches and print rooms; api is what is generated from proto/
//!  |- sip               the front door for telephone switches: a SIP redirect server over UDP, TCP and TLS
//!  |- web               the HTTP door: calendar feeds, receipts of what was sent, and the pages of desktop
//!  |- desktop           the pages of a browser: signing in and out, who one is here
//!  |- identity          who signs in: an OpenID provider's tokens and its sign-in, or passwords; knows no room
//!  '- service           between doors and rooms: state, the runner of mutations, use cases, workers and jobs
//!      |- packs         claim packs and letters; the only crate that knows typst
//!      |   '- rooms     the business rooms: who asks, clients, call-backs, scripts, claims, the diary, what follows
//!      |       '- definition   the service as data: sites, hours, scripts, the form, letters
//!      |- printers      prints by IPP, or hands over by a spool folder
//!      '- routing       the floor: advisers, waiting calls, overflow; live and in memory; with its own optimisation
//! and under all of them foundation: ids, errors, the clock, formats, settings, and the store
//! ```
//!
//! An arrow goes down and to the right only: a crate names those below it in its `Cargo.toml` and cannot see any other, so
//! that only the gRPC door can name tonic, only `packs` typst, only `sip` its parser. A change in a room compiles neither
//! typst nor the protos nor the floor. What a compiler cannot hold (which room may name which, who owns which database
//! table, who may open a transaction) `tests/tidy.rs` does.
//!
//! | module | where | what it is |
//! |---|---|---|
//! | [`ids`], [`error`], [`clock`], [`formats`], [`config`], [`events`], [`subscriptions`], [`supervision`], [`tls`] | `foundation` | newtype ids, the one domain error, the one reader of time, the formats of what people say on the telephone, settings, what a committed transaction tells, who looks at what now, what a panic ends, the doors' certificates |
//! | [`store`] | `foundation` | SQLite or PostgreSQL behind one set of statements; migrations, transactions, group commit, the job queue |
//! | [`definition`] | itself | the service as data: loads, lints, versions |
//! | [`routing`] | itself | the floor: advisers, waiting calls, choice, overflow |
//! | [`access`] | `rooms` | who asks, what they may do, what was done, and what was answered before |
//! | [`records`] | `rooms` | whose case a record is, who asked for it outside of their work, and who looked at it |
//! | [`clients`] | `rooms` | the one client record everything else points at |
//! | [`contingency`] | `rooms` | the declared loss of a site: who, when, why, and who helps |
//! | [`rota`] | `rooms` | who works when: patterns in local wall time, absences, extra hours; for advisers and personal advisers |
//! | [`callbacks`] | `rooms` | the promised start-up call: places from rosters, booking, attempts; callers who gave up waiting |
//! | [`scripts`] | `rooms` | walking a script and the form in it: answers in, next step out; in any order, parked and taken up again |
//! | [`claims`] | `rooms` | the integrated claim form: the log of answers, what counts, what is missing, each agency's own form; a claim's life until every agency has it |
//! | [`checks`] | `rooms` | claims checked while their clients are at the office: who looks at which, what is complete, how long it took |
//! | [`diary`] | `rooms` | personal advisers' time: days made ahead, slots by wishes, appointments; meetings deferred and waived |
//! | [`followup`] | `rooms` | what follows from a meeting or from none: steps due, claims that would slip, missed meetings, the standby list, reviews, meetings proposed on their day |
//! | [`reminders`] | `rooms` | texts, letters and calls before a meeting, each sent once |
//! | [`calendars`] | `rooms` | personal advisers' and offices' calendars, to be subscribed to |
//! | [`standards`] | `rooms` | how long clients wait for their call-back and their meeting |
//! | [`printing`] | `rooms` | the queue that prints and posts: print jobs, batches that leave with each post, their manifests |
//! | [`packs`] | itself | gathered, composed, kept; what cannot be printed; how packs reach the client |
//! | [`printers`] | itself | how a printer or a spool folder is spoken with |
//! | [`identity`] | itself | whose a token is, by an OpenID provider's keys; signing in with a browser, and what it has then; passwords where there is no provider |
//! | [`service`] | itself | the state of this process; the runner of mutations (replay, retry, keep, commit, tell); use cases that span rooms; workers and jobs |
//! | [`grpc`], [`sip`], [`web`], [`desktop`] | themselves | the doors; in `grpc` also the tour and the demo, which are clients, and the manual, which is made from the protos' comments |
//! | [`app`] | `startline` | wires everything; ordered start and stop |
//!
//! Inside a room `mod.rs` (of a crate, `lib.rs`) holds its verbs, the only thing others may call; a file a model with its
//! states as an enum that carries its data; pure files for decisions, in which `now` is an argument; `store.rs` its SQL.
//! `clients` imports no room but `access`. `routing` imports no room at all: the floors say what should happen as effects,
//! and its switchboard delivers them to whoever listens. sqlx is named only in `store` and in the rooms' `store.rs`.
//!
//! # What is durable
//!
//! Clients, call-backs, answers, walks, appointments, packs, print jobs and the audit trail are in the database before they
//! are acknowledged. Every mutation carries a `request_id`; its answer is kept in its own transaction, so a replay gets the
//! first answer, also after a restart. A write and its follow-up work share one transaction: the follow-up is a row in
//! `jobs`, done at least once by an idempotent worker.
//!
//! Answers are saved as they are typed, by group commit: what arrives while one transaction commits is written by the next,
//! and acknowledged after it.
//!
//! On SQLite every mutation is a savepoint of a transaction that those who come at the same moment share: one flush of the
//! disk makes them all durable, and none is acknowledged before it. PostgreSQL does the same by itself.
//!
//! Constraints protect, not checks: a call-back takes an adviser's place in each half-hour (`callback_cells`), a meeting
//! a personal adviser's five-minute cells (`appointment_cells`) and its room's (`room_cells`), an answer the revision after the one its desk saw
//! (`answers`). Two who race meet a primary key; the loser is told so, with what is still free.
//!
//! The floor is not durable: advisers' states and waiting calls live in memory, and are rebuilt from the desks and switches
//! that come back. So calls are routed while the database is away; their records wait in memory and are written afterwards.
//!
//! # How a call goes
//!
//! A switch brings a call by SIP or by `EnterCall`. The caller's number by its longest prefix, else the number dialled, says
//! which site is home; else an adviser asks for the postcode. The home site's floor keeps the call from then to its record,
//! whoever answers. An adviser of home who can do what the call needs is offered it first: the longest idle, and nobody
//! whose booked call-back begins before the call would be over. When home cannot in good time (waited or would wait too
//! long, closed, lost, nobody there) the call seeks another site: the one with the most advisers to spare leases one, and
//! only a confirmed lease is shown to them. Whoever waits long hears so and may leave a request to be called back, which
//! becomes a booking; whoever gives up is on the home site's list, once.
//!
//! Followed by file: a datagram comes in at `sip/wire.rs` and is cut and read by `sip/message.rs`; `sip/invite.rs` makes a call of
//! it (a gRPC switch's comes by `grpc/routing.rs`); `routing/switchboard.rs` puts it to the floors of `routing/network.rs`, where
//! `routing/area.rs` says whose it is, `routing/floor/call_side.rs` queues and offers it, and `routing/overflow.rs` with
//! `routing/trunk.rs` finds another site. The adviser's desk is `grpc/desk.rs` and `routing/floor/desk_side.rs`; `sip/answer.rs`
//! sends the caller to their telephone. `routing/floor/ending.rs` says how it
//! ended; `routing/recorder.rs` writes what is known meanwhile (`routing/journal_store.rs`) and the record
//! (`routing/store.rs`), and `service/workers/after_calls.rs` sees to who gave up.
//!
//! # How a diary goes
//!
//! Hours are local wall time ([`rota`]): patterns of a week or a fortnight, and what is laid over them. From them each personal
//! adviser's days are made six months ahead, nightly and when hours change ([`diary`]): a day is a row with two sets of
//! five-minute cells, those worked and those taken. A search is a few shifts of such sets over the days of a site with room
//! enough; a booking locks the day's row, and its cells go under their key besides, so that the row may be wrong and nobody
//! is booked twice all the same. Rows can be made again from the rota and the appointments at any time. Call-backs take the
//! same rota: a place is an adviser on outbound duty, ours to rearrange as long as a promise is kept.
//!
//! What follows from a meeting is a list of steps with a day each ([`followup`]); the service opens them, people do them and
//! decide. Reminders are worked out from the diary each time, never queued, so that a move needs no undoing ([`reminders`]).
//!
//! # How a claim goes
//!
//! The form and the scripts are data ([`definition`]); which questions are asked and which answers count is worked out anew
//! each time from the log of answers ([`claims`]), each question once, after those that decide about it. Nothing
//! that is hidden counts, and nothing is thrown away. A walk ([`scripts`]) is a place in a script and what was passed; the
//! answers it takes stand in the claim's log, so a walk and a desk that types beside it see one form. What a client record
//! knows is confirmed, and what is said of the client goes there. A claim that repeats an earlier one begins with its
//! answers, to be confirmed. Every move of a claim keeps the revision of each answer, so the form can be read as it was
//! posted or handed over. An agency sees the questions that name it, in its own order, and no others.
//!
//! Followed by file: an answer comes to `grpc/claims/form.rs`, which hands it to `rooms/claims/autosave.rs`;
//! `foundation/store/group.rs` puts it into one transaction with those that come at the same moment (on SQLite
//! `foundation/store/write_queue.rs` shares that with other mutations); it is checked by the form's `definition/kind_check.rs` and
//! added by `rooms/claims/log_store.rs`. After the commit `service/delivery.rs` tells whoever looks, through
//! `foundation/subscriptions.rs` and `grpc/claims/watch.rs`; what the form then asks is `rooms/claims/view.rs`.
//!
//! # How a pack goes
//!
//! What follows by post is a row in `jobs`: the claim's pack when the start-up call is done, a letter when a meeting moves,
//! is missed or put off, or when nobody answered a call-back. A worker works out what is still owed, gathers it in words from
//! the rooms that know it, and composes one tagged PDF outside any transaction ([`packs`]). The document never changes; a later
//! change makes another pack, which takes the place of the first as far as that can still be stopped. What no font can print, or
//! no envelope can carry, waits on a list with the reason.
//!
//! Printing is another room ([`printing`]): it knows of a pack how many pages it has and nothing of what it says. A job is leased,
//! begun on a printer, printed and posted, or spoiled, cancelled or returned; each job ends in exactly one of these, so a batch's
//! manifest adds up. That a job is about to be sent to a printer is committed before it is sent: after a crash the worker
//! ([`printers`]) looks for its own job there, and what nobody can know is asked of a person, because a second copy in a second
//! envelope is worse than a late one.
//!
//! Between composing and the post an address may change, a meeting be cancelled, a claim withdrawn. So no step towards an
//! envelope is taken without asking whether the pack still holds (`packs/holding.rs`): packs takes these steps
//! (`packs/leaving.rs`, `packs/posting.rs`), and printing is asked by nobody else. What does not hold is taken back and, as far
//! as it is still owed, composed anew; what has left is told to whoever changed the record (`packs/too_late.rs`).
//!
//! Followed by file: `service/use_cases/start_up.rs` ends the start-up call and leaves a job; `service/workers/pack_jobs.rs` takes
//! it, `packs/preparing.rs` has the pack gathered by `packs/gather/mod.rs` and composed by `packs/compose.rs`, and
//! `packs/storing.rs` keeps it and queues its printing in `rooms/printing/store.rs`. A print room leases it by
//! `grpc/packs/printing.rs`, or `service/workers/printing.rs` gives it to `printers/worker.rs`.
//!
//! # What is erased
//!
//! Nothing, unless `[retention]` names a kind of record, or a client asks. Each room says of its own tables what is over, what
//! holds it, and what of it goes (`erasing_store.rs`); what counts in figures keeps its row, without anything of a person, and
//! `erased_at` says so. `service/use_cases/retention/` puts the rooms together: what is shown before and what is done are the
//! same steps. Of the audit and the looks whole seals go, from the first on, and `rooms/records/erased.rs` keeps the hash that the
//! rest of the chain hangs on.
//!
//! # How somebody is let in, and what they reach
//!
//! A request shows a token, a client certificate, or a token of the organisation's provider (`identity` checks those). The gate
//! (`grpc/gate.rs`) asks the directory (`rooms/access/directory.rs`) whose it is, and lets them act as what they are at one site,
//! if the method's own option names such a role. What changes about people is a numbered row that every process looks for twice
//! a second; a stream that is open asks again then ([`service`], `service/workers/people.rs`).
//!
//! What the request names is written down by `grpc/build.rs`: each field that ends in `_id` is a record, a place, or said to be
//! neither, or the build fails. Before the method begins, in its own transaction, `grpc/reach.rs` has `service/use_cases/reach.rs`
//! find the case that the record belongs to and what ties it to places and people ([`records`]), and the rules of
//! `rooms/access/walls.rs` say on which ground it is reached, if any. A read leaves a line in a file of the process
//! (`rooms/records/look_log.rs`) before it is answered; a worker takes the lines into the database, and seals them with the audit.
//!
//! With a browser somebody signs in at the provider, or with a name and a password where there is none (`service/browsers.rs`;
//! the pages are `desktop/sign_in.rs`). What the browser then has is a session: a token of another kind
//! (`rooms/access/sessions.rs`), in a cookie, which the directory knows as it knows every other. It ends after a while without
//! use and after a working day, but never while its user speaks with somebody.
//!
//! # How a mutation goes
//!
//! `grpc/build.rs` writes each service's door from the protos, and around each method what belongs to every method
//! (`grpc/doors.rs`, `grpc/call.rs`). A request with a `request_id` goes to the runner ([`service::Runner::mutate`]): begin, answer a replay,
//! run the method's function, try again after a lost race with growing pauses of random length within the caller's
//! deadline, keep the answer, commit. What the rest of the process has to hear of it is said beside the statement that
//! writes ([`store::Db::after_commit`]) and delivered by the commit itself: subscriptions, the workers' wake-ups, the floors.
//! A new method is its proto and one function of its RPC's name.
//!
//! What spans rooms in one transaction is a use case with a name ([`service::use_cases`]). What happens without anybody
//! asking is a worker's round or a job ([`service::workers`]): a job is a typed struct in the room that owes it; unknown,
//! failing and stuck ones end where `ListJobs` shows them. A panic in a request, a job, a round or a message about a call
//! ends that alone and is counted ([`supervision`]).

pub mod app;
pub mod telemetry;

pub use startline_definition as definition;
pub use startline_desktop as desktop;
pub use startline_foundation::{
    clock, config, error, events, formats, ids, last_resort, metrics, store, subscriptions, supervision, tls,
};
pub use startline_grpc as grpc;
pub use startline_identity as identity;
pub use startline_packs as packs;
pub use startline_printers as printers;
pub use startline_rooms::{
    access, calendars, callbacks, checks, claims, clients, contingency, diary, followup, printing, records, reminders,
    rota, scripts, standards,
};
pub use startline_routing as routing;
pub use startline_service as service;
pub use startline_sip as sip;
pub use startline_web as web;
