-- Startline's schema, version 1. The same tables and columns on both engines; only the types' names differ.

-- Who may ask, and what they are. Tokens are kept only as their SHA-256.
CREATE TABLE users (
    id          UUID NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    role        TEXT NOT NULL,
    site        TEXT,
    token_hash  BYTEA NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    disabled_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX users_token_hash ON users (token_hash);
CREATE UNIQUE INDEX users_name ON users (name);

-- What each mutation answered the first time, so that a replay gets the same.
CREATE TABLE requests (
    user_id     UUID NOT NULL REFERENCES users (id),
    request_id  UUID NOT NULL,
    method      TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    response    BYTEA,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, request_id)
);
CREATE INDEX requests_at ON requests (at);

-- Who did what, when, on which record. Written in the mutation's own transaction. Answers have their own log.
CREATE TABLE audit (
    id          UUID NOT NULL PRIMARY KEY,
    at          TIMESTAMPTZ NOT NULL,
    user_id     UUID NOT NULL REFERENCES users (id),
    action      TEXT NOT NULL,
    record_kind TEXT NOT NULL,
    record_id   TEXT NOT NULL,
    request_id  UUID
);
CREATE INDEX audit_record ON audit (record_kind, record_id, at);

-- Service definitions, each version immutable.
CREATE TABLE definitions (
    version   TEXT NOT NULL PRIMARY KEY,
    name      TEXT NOT NULL,
    loaded_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE definition_files (
    version TEXT NOT NULL REFERENCES definitions (version),
    path    TEXT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (version, path)
);

-- Follow-up work, done at least once.
CREATE TABLE jobs (
    id           UUID NOT NULL PRIMARY KEY,
    kind         TEXT NOT NULL,
    record_id    UUID NOT NULL,
    user_id      UUID NOT NULL REFERENCES users (id),
    created_at   TIMESTAMPTZ NOT NULL,
    run_after    TIMESTAMPTZ NOT NULL,
    attempt      INTEGER NOT NULL,
    leased_until TIMESTAMPTZ,
    done_at      TIMESTAMPTZ,
    failed_at    TIMESTAMPTZ,
    last_error   TEXT
);
CREATE INDEX jobs_open ON jobs (run_after) WHERE done_at IS NULL AND failed_at IS NULL;

CREATE TABLE clients (
    id               UUID NOT NULL PRIMARY KEY,
    revision         INTEGER NOT NULL,
    title            TEXT NOT NULL,
    other_names      TEXT NOT NULL,
    last_name        TEXT NOT NULL,
    last_name_key    TEXT NOT NULL,
    date_of_birth    DATE,
    nino             TEXT,
    phone            TEXT,
    address_lines    JSONB NOT NULL,
    postcode         TEXT,
    talk_language    TEXT NOT NULL,
    letter_language  TEXT NOT NULL,
    special_needs    TEXT NOT NULL,
    home_site        TEXT NOT NULL,
    first_contact_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX clients_phone ON clients (phone);
CREATE INDEX clients_nino ON clients (nino);
CREATE INDEX clients_last_name ON clients (last_name_key, date_of_birth);

-- What became of each call.
CREATE TABLE call_records (
    id             UUID NOT NULL PRIMARY KEY,
    switch_call_id TEXT NOT NULL,
    caller_number  TEXT,
    home_site      TEXT,
    handled_site   TEXT,
    adviser_id     UUID,
    entered_at     TIMESTAMPTZ NOT NULL,
    answered_at    TIMESTAMPTZ,
    ended_at       TIMESTAMPTZ NOT NULL,
    ended_how      TEXT NOT NULL,
    wait_ms        BIGINT NOT NULL,
    talk_ms        BIGINT NOT NULL,
    wrap_up_ms     BIGINT NOT NULL,
    outcome        TEXT NOT NULL
);
CREATE INDEX call_records_site ON call_records (home_site, entered_at);

CREATE TABLE callbacks (
    id            UUID NOT NULL PRIMARY KEY,
    client_id     UUID NOT NULL REFERENCES clients (id),
    site          TEXT NOT NULL,
    starts_at     TIMESTAMPTZ NOT NULL,
    ends_at       TIMESTAMPTZ NOT NULL,
    phone         TEXT NOT NULL,
    urgent        BOOLEAN NOT NULL,
    note          TEXT NOT NULL,
    state         TEXT NOT NULL,
    adviser_id    UUID,
    attempts      INTEGER NOT NULL,
    due_at        TIMESTAMPTZ NOT NULL,
    booked_at     TIMESTAMPTZ NOT NULL,
    first_contact_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX callbacks_one_live_a_client ON callbacks (client_id) WHERE state IN ('booked', 'attempting');
CREATE UNIQUE INDEX callbacks_one_a_caller ON callbacks (adviser_id) WHERE state = 'attempting';
CREATE INDEX callbacks_due ON callbacks (site, due_at, id) WHERE state = 'booked';

-- A site has so many places in each half-hour. Two who race for the last one meet this key.
CREATE TABLE callback_cells (
    site        TEXT NOT NULL,
    cell_start  TIMESTAMPTZ NOT NULL,
    place       INTEGER NOT NULL,
    callback_id UUID NOT NULL REFERENCES callbacks (id),
    PRIMARY KEY (site, cell_start, place)
);
CREATE INDEX callback_cells_callback ON callback_cells (callback_id);

CREATE TABLE callback_attempts (
    callback_id UUID NOT NULL REFERENCES callbacks (id),
    attempt     INTEGER NOT NULL,
    adviser_id  UUID NOT NULL REFERENCES users (id),
    started_at  TIMESTAMPTZ NOT NULL,
    ended_at    TIMESTAMPTZ,
    outcome     TEXT,
    note        TEXT,
    PRIMARY KEY (callback_id, attempt)
);

CREATE TABLE claims (
    id                 UUID NOT NULL PRIMARY KEY,
    client_id          UUID NOT NULL REFERENCES clients (id),
    site               TEXT NOT NULL,
    state              TEXT NOT NULL,
    definition_version TEXT NOT NULL REFERENCES definitions (version),
    first_contact_at   TIMESTAMPTZ NOT NULL,
    opened_at          TIMESTAMPTZ NOT NULL,
    start_up_done_at   TIMESTAMPTZ,
    start_up_done_by   UUID REFERENCES users (id),
    posted_at          TIMESTAMPTZ,
    lodged_at          TIMESTAMPTZ
);
CREATE UNIQUE INDEX claims_one_live_a_client ON claims (client_id) WHERE state IN ('open', 'start_up_done', 'posted');

-- The log of answers; the newest revision of each question is the form. The foreign key to the prior revision makes a
-- gap impossible, the primary key makes two saves of one revision impossible.
CREATE TABLE answers (
    claim_id       UUID NOT NULL REFERENCES claims (id),
    question_id    TEXT NOT NULL,
    revision       INTEGER NOT NULL,
    prior_revision INTEGER,
    value          JSONB NOT NULL,
    stage          TEXT NOT NULL,
    saved_by       UUID NOT NULL REFERENCES users (id),
    saved_at       TIMESTAMPTZ NOT NULL,
    request_id     UUID NOT NULL,
    PRIMARY KEY (claim_id, question_id, revision),
    FOREIGN KEY (claim_id, question_id, prior_revision) REFERENCES answers (claim_id, question_id, revision)
);

CREATE TABLE walks (
    id                 UUID NOT NULL PRIMARY KEY,
    revision           INTEGER NOT NULL,
    script             TEXT NOT NULL,
    definition_version TEXT NOT NULL REFERENCES definitions (version),
    client_id          UUID REFERENCES clients (id),
    claim_id           UUID REFERENCES claims (id),
    position           JSONB NOT NULL,
    answers            JSONB NOT NULL,
    finished           BOOLEAN NOT NULL,
    started_at         TIMESTAMPTZ NOT NULL
);

CREATE TABLE working_patterns (
    personal_adviser_id UUID NOT NULL REFERENCES users (id),
    valid_from          DATE NOT NULL,
    valid_to            DATE,
    site                TEXT NOT NULL,
    office              TEXT NOT NULL,
    shifts              JSONB NOT NULL,
    PRIMARY KEY (personal_adviser_id, valid_from)
);
CREATE INDEX working_patterns_site ON working_patterns (site);

CREATE TABLE appointments (
    id                  UUID NOT NULL PRIMARY KEY,
    claim_id            UUID NOT NULL REFERENCES claims (id),
    client_id           UUID NOT NULL REFERENCES clients (id),
    personal_adviser_id UUID NOT NULL REFERENCES users (id),
    office              TEXT NOT NULL,
    starts_at           TIMESTAMPTZ NOT NULL,
    ends_at             TIMESTAMPTZ NOT NULL,
    state               TEXT NOT NULL,
    held_until          TIMESTAMPTZ,
    made_at             TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX appointments_one_live_a_claim ON appointments (claim_id) WHERE state IN ('held', 'booked');
CREATE INDEX appointments_held ON appointments (personal_adviser_id, held_until) WHERE state = 'held';
CREATE INDEX appointments_day ON appointments (office, starts_at);

-- A personal adviser's time in cells of five minutes. Two who race for one slot meet this key.
CREATE TABLE appointment_cells (
    personal_adviser_id UUID NOT NULL,
    cell_start          TIMESTAMPTZ NOT NULL,
    appointment_id      UUID NOT NULL REFERENCES appointments (id),
    PRIMARY KEY (personal_adviser_id, cell_start)
);
CREATE INDEX appointment_cells_appointment ON appointment_cells (appointment_id);

-- Composed packs. The stored PDF never changes.
CREATE TABLE packs (
    id               UUID NOT NULL PRIMARY KEY,
    claim_id         UUID NOT NULL REFERENCES claims (id),
    source_key       TEXT NOT NULL,
    site             TEXT NOT NULL,
    reference        TEXT NOT NULL,
    pages            INTEGER NOT NULL,
    documents        JSONB NOT NULL,
    sha256           TEXT NOT NULL,
    pdf              BYTEA NOT NULL,
    composed_at      TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX packs_source ON packs (claim_id, source_key);

CREATE TABLE print_jobs (
    id           UUID NOT NULL PRIMARY KEY,
    pack_id      UUID NOT NULL REFERENCES packs (id),
    site         TEXT NOT NULL,
    state        TEXT NOT NULL,
    queued_at    TIMESTAMPTZ NOT NULL,
    attempt      INTEGER NOT NULL,
    leased_by    UUID,
    leased_until TIMESTAMPTZ,
    printed_at   TIMESTAMPTZ,
    posted_at    TIMESTAMPTZ
);
CREATE INDEX print_jobs_open ON print_jobs (site, queued_at, id) WHERE state IN ('queued', 'leased');
CREATE INDEX print_jobs_pack ON print_jobs (pack_id);
