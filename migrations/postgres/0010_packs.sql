-- Claim packs and letters: composed, printed, posted, accounted for.

-- How a client's letters look.
ALTER TABLE clients ADD COLUMN large_print BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE clients ADD COLUMN letter_layout TEXT NOT NULL DEFAULT 'side_by_side';

-- A pack is about a claim, or is a letter about a meeting or a call-back: `record_id` is the record of that kind. What it
-- was composed from never changes, and nor does its PDF.
CREATE TABLE composed_packs (
    id                 UUID NOT NULL PRIMARY KEY,
    kind               TEXT NOT NULL,
    record_id          UUID NOT NULL,
    client_id          UUID NOT NULL REFERENCES clients (id),
    claim_id           UUID REFERENCES claims (id),
    source_key         TEXT NOT NULL,
    claim_revision     INTEGER,
    definition_version TEXT NOT NULL,
    site               TEXT NOT NULL,
    reference          TEXT NOT NULL,
    language           TEXT NOT NULL,
    large_print        BOOLEAN NOT NULL,
    pages              INTEGER NOT NULL,
    sheets             INTEGER NOT NULL,
    documents          JSONB NOT NULL,
    sha256             TEXT NOT NULL,
    pdf                BYTEA NOT NULL,
    replaces           UUID REFERENCES composed_packs (id),
    delivery           TEXT NOT NULL,
    delivery_to        TEXT NOT NULL,
    composed_at        TIMESTAMPTZ NOT NULL,
    handed_over_at     TIMESTAMPTZ,
    handed_over_by     UUID REFERENCES users (id)
);
INSERT INTO composed_packs
SELECT packs.id, 'claim', claim_id, claims.client_id, claim_id, source_key, NULL, claims.definition_version, packs.site,
       reference, 'en', FALSE, pages, pages, documents, sha256, pdf, NULL, 'post', '', composed_at, NULL, NULL
FROM packs JOIN claims ON claims.id = packs.claim_id;

-- One printing of a pack, or of some of its pages. `room` is the site that prints it. An ordinary job is its client's one
-- of the day; others were forced, or are reprints.
CREATE TABLE printings (
    id               UUID NOT NULL PRIMARY KEY,
    pack_id          UUID NOT NULL REFERENCES composed_packs (id),
    client_id        UUID NOT NULL REFERENCES clients (id),
    reference        TEXT NOT NULL,
    room             TEXT NOT NULL,
    post_day         DATE NOT NULL,
    post_class       TEXT NOT NULL,
    ordinary         BOOLEAN NOT NULL,
    priority         INTEGER NOT NULL,
    first_page       INTEGER NOT NULL,
    last_page        INTEGER NOT NULL,
    reason           TEXT NOT NULL,
    state            TEXT NOT NULL,
    queued_at        TIMESTAMPTZ NOT NULL,
    attempt          INTEGER NOT NULL,
    leased_by        UUID REFERENCES users (id),
    leased_until     TIMESTAMPTZ,
    printer          TEXT,
    printer_job      TEXT,
    printer_job_id   INTEGER,
    printer_job_uuid TEXT,
    begun_at         TIMESTAMPTZ,
    uncertain        TEXT,
    printed_at       TIMESTAMPTZ,
    printed_pages    INTEGER,
    posted_at        TIMESTAMPTZ,
    posted_day       DATE,
    settled_at       TIMESTAMPTZ,
    settled_reason   TEXT
);
INSERT INTO printings
SELECT print_jobs.id, pack_id, composed_packs.client_id, reference, print_jobs.site, CAST(queued_at AS DATE), 'second', FALSE, 5,
       1, pages, '', state, queued_at, attempt, leased_by, leased_until, NULL, NULL, NULL, NULL, NULL, NULL, printed_at,
       CASE WHEN printed_at IS NULL THEN NULL ELSE pages END, posted_at, CAST(posted_at AS DATE), NULL, NULL
FROM print_jobs JOIN composed_packs ON composed_packs.id = print_jobs.pack_id;
DROP TABLE print_jobs;
DROP TABLE packs;
ALTER TABLE composed_packs RENAME TO packs;
ALTER TABLE printings RENAME TO print_jobs;
CREATE UNIQUE INDEX packs_source ON packs (kind, record_id, source_key);
CREATE INDEX packs_record ON packs (record_id, id);
CREATE INDEX packs_client ON packs (client_id, id);
CREATE INDEX packs_claim ON packs (claim_id, id);
CREATE INDEX packs_to_hand_over ON packs (site, id) WHERE delivery <> 'post' AND handed_over_at IS NULL;
CREATE UNIQUE INDEX print_jobs_one_a_day ON print_jobs (client_id, post_day)
    WHERE ordinary AND state NOT IN ('cancelled', 'spoiled');
CREATE INDEX print_jobs_open ON print_jobs (room, priority, post_day, queued_at, id) WHERE state IN ('queued', 'leased');
CREATE INDEX print_jobs_at_printer ON print_jobs (room, printer) WHERE state = 'printing';
CREATE INDEX print_jobs_batch ON print_jobs (room, post_day, post_class, id);
CREATE INDEX print_jobs_pack ON print_jobs (pack_id, id);

-- What leaves a print room with one post. What was counted at the end is kept beside what should be there.
CREATE TABLE post_batches (
    room          TEXT NOT NULL,
    post_day      DATE NOT NULL,
    post_class    TEXT NOT NULL,
    closes_at     TIMESTAMPTZ NOT NULL,
    closed_at     TIMESTAMPTZ,
    counted_packs INTEGER,
    counted_pages INTEGER,
    counted_at    TIMESTAMPTZ,
    counted_by    UUID REFERENCES users (id),
    PRIMARY KEY (room, post_day, post_class)
);
CREATE INDEX post_batches_open ON post_batches (closes_at) WHERE closed_at IS NULL;

-- How each printer was found when its worker looked last.
CREATE TABLE printers (
    room    TEXT NOT NULL,
    name    TEXT NOT NULL,
    state   TEXT NOT NULL,
    reasons JSONB NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (room, name)
);

-- How a claim's pack reaches the client, where the post would be too late or is not wanted.
CREATE TABLE pack_deliveries (
    claim_id    UUID NOT NULL PRIMARY KEY REFERENCES claims (id),
    delivery    TEXT NOT NULL,
    delivery_to TEXT NOT NULL,
    chosen_by   UUID NOT NULL REFERENCES users (id),
    chosen_at   TIMESTAMPTZ NOT NULL
);

-- What could not be printed, until somebody mended it: at most one open for each thing to be composed. `replacements` is
-- printed instead of what the fonts cannot print; the record keeps what was said.
CREATE TABLE pack_exceptions (
    id           UUID NOT NULL PRIMARY KEY,
    kind         TEXT NOT NULL,
    record_id    UUID NOT NULL,
    site         TEXT NOT NULL,
    client_id    UUID NOT NULL REFERENCES clients (id),
    faults       JSONB NOT NULL,
    replacements JSONB NOT NULL,
    raised_at    TIMESTAMPTZ NOT NULL,
    settled_at   TIMESTAMPTZ,
    settled_by   UUID REFERENCES users (id),
    outcome      TEXT
);
CREATE UNIQUE INDEX pack_exceptions_one_open ON pack_exceptions (kind, record_id) WHERE settled_at IS NULL;
CREATE INDEX pack_exceptions_site ON pack_exceptions (site, raised_at, id) WHERE settled_at IS NULL;
CREATE INDEX pack_exceptions_record ON pack_exceptions (record_id);
