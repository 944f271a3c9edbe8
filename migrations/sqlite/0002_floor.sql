-- The floor's durable side: skills, needs, figures, missed callers, owners of call-backs, lost sites.

-- What follows by itself, with nobody asking, is done in this user's name. Disabled, so that no token can be its.
INSERT INTO users (id, name, role, site, token_hash, created_at, disabled_at)
VALUES (X'00000000000080008000000000000001', 'the service itself', 'switch', NULL, zeroblob(32), '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:00+00:00');

-- What each user can do, as words of the service definition.
ALTER TABLE users ADD COLUMN skills TEXT NOT NULL DEFAULT '[]';

-- What an adviser must be able to do to talk with the client, beside the language.
ALTER TABLE clients ADD COLUMN call_needs TEXT NOT NULL DEFAULT '[]';
CREATE INDEX clients_with_needs ON clients (phone)
    WHERE phone IS NOT NULL AND (talk_language = 'cy' OR call_needs <> '[]');

-- The site that kept the call and counts it; what a caller was told; how often the call was passed on. Calls recorded
-- before count where they belonged, else where they were answered; the few that say neither are in no site's figures.
ALTER TABLE call_records ADD COLUMN host_site TEXT NOT NULL DEFAULT '';
ALTER TABLE call_records ADD COLUMN estimated_wait_ms INTEGER;
ALTER TABLE call_records ADD COLUMN passes INTEGER NOT NULL DEFAULT 0;
UPDATE call_records SET host_site = COALESCE(home_site, handled_site, '');
DROP INDEX call_records_site;
CREATE INDEX call_records_host ON call_records (host_site, entered_at);
CREATE INDEX call_records_caller ON call_records (caller_number, answered_at) WHERE answered_at IS NOT NULL;

-- The last batch that each run of the program has written, so that one whose acknowledgement was lost is not added twice.
CREATE TABLE record_writers (
    id    BLOB NOT NULL PRIMARY KEY,
    batch INTEGER NOT NULL,
    at    TEXT NOT NULL
);

-- How long a site's advisers were there for calls in a half-hour, and how much of that calls took up.
CREATE TABLE floor_half_hours (
    site       TEXT NOT NULL,
    half_hour  TEXT NOT NULL,
    staffed_ms INTEGER NOT NULL,
    handle_ms  INTEGER NOT NULL,
    PRIMARY KEY (site, half_hour)
);

-- Callers who gave up waiting: one open item a site and number, however often they ring.
CREATE TABLE missed_callers (
    id        BLOB NOT NULL PRIMARY KEY,
    site      TEXT NOT NULL,
    phone     TEXT NOT NULL,
    first_at  TEXT NOT NULL,
    last_at   TEXT NOT NULL,
    times     INTEGER NOT NULL,
    closed_at TEXT,
    closed_by BLOB REFERENCES users (id),
    outcome   TEXT
);
CREATE UNIQUE INDEX missed_callers_one_open ON missed_callers (site, phone) WHERE closed_at IS NULL;
CREATE INDEX missed_callers_phone ON missed_callers (phone) WHERE closed_at IS NULL;
CREATE INDEX missed_callers_list ON missed_callers (site, first_at, id) WHERE closed_at IS NULL;

-- The adviser who promised to make the call-back.
ALTER TABLE callbacks ADD COLUMN owner_id BLOB REFERENCES users (id);
CREATE INDEX callbacks_owned ON callbacks (due_at, owner_id) WHERE state = 'booked' AND owner_id IS NOT NULL;

-- Sites declared lost. One at a time a site.
CREATE TABLE contingencies (
    id          BLOB NOT NULL PRIMARY KEY,
    site        TEXT NOT NULL,
    reason      TEXT NOT NULL,
    helpers     TEXT NOT NULL,
    declared_by BLOB NOT NULL REFERENCES users (id),
    declared_at TEXT NOT NULL,
    ended_by    BLOB REFERENCES users (id),
    ended_at    TEXT
);
CREATE UNIQUE INDEX contingencies_one_open ON contingencies (site) WHERE ended_at IS NULL;
