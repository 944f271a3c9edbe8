-- Who asked for a record outside of their work, who looked at what, and the chain that shows that nothing of it is missing.
-- The same tables and columns on both engines.

-- A record that somebody opened outside of their work, with their reason; a privacy officer closes it.
CREATE TABLE record_requests (
    id           BLOB NOT NULL PRIMARY KEY,
    client_id    BLOB NOT NULL REFERENCES clients (id),
    user_id      BLOB NOT NULL REFERENCES users (id),
    role         TEXT NOT NULL,
    site         TEXT,
    reason       TEXT NOT NULL,
    note         TEXT NOT NULL,
    asked_at     TEXT NOT NULL,
    until_at     TEXT NOT NULL,
    closed_by    BLOB REFERENCES users (id),
    closed_at    TEXT,
    verdict      TEXT,
    closing_note TEXT
);
CREATE INDEX record_requests_of_client ON record_requests (client_id, user_id);
CREATE INDEX record_requests_of_user ON record_requests (user_id, until_at);
CREATE INDEX record_requests_open ON record_requests (asked_at, id) WHERE closed_at IS NULL;

-- Who looked at which record, when, as what and why they might.
CREATE TABLE looks (
    id          BLOB NOT NULL PRIMARY KEY,
    at          TEXT NOT NULL,
    user_id     BLOB NOT NULL REFERENCES users (id),
    role        TEXT NOT NULL,
    site        TEXT,
    ground      TEXT NOT NULL,
    method      TEXT NOT NULL,
    record_kind TEXT NOT NULL,
    record_id   TEXT NOT NULL,
    client_id   BLOB,
    seal        INTEGER
);
CREATE INDEX looks_at_client ON looks (client_id, at, id);
CREATE INDEX looks_of_user ON looks (user_id, at, id);
CREATE INDEX looks_sealed ON looks (seal, id);

ALTER TABLE audit ADD COLUMN seal INTEGER;
CREATE INDEX audit_sealed ON audit (seal, id);

-- Each seal holds the hash of the lines under it and of the seal before it.
CREATE TABLE seals (
    number    INTEGER NOT NULL PRIMARY KEY,
    sealed_at TEXT NOT NULL,
    looks     INTEGER NOT NULL,
    audits    INTEGER NOT NULL,
    hash      BLOB NOT NULL
);
