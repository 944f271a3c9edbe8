-- What people are there, and how they show who they are. The same tables and columns on both engines.

-- What somebody may do, where, from when and until when. Nothing is forgotten: who gave it, and who took it back.
CREATE TABLE duties (
    id        BLOB NOT NULL PRIMARY KEY,
    user_id   BLOB NOT NULL REFERENCES users (id),
    role      TEXT NOT NULL,
    site      TEXT,
    office    TEXT,
    agency    TEXT,
    first_at  TEXT,
    ends_at   TEXT,
    -- Given because a group of the provider's says so, and taken back when it does not.
    by_group  BOOLEAN NOT NULL DEFAULT FALSE,
    given_by  BLOB NOT NULL REFERENCES users (id),
    given_at  TEXT NOT NULL,
    taken_by  BLOB REFERENCES users (id),
    taken_at  TEXT
);
CREATE INDEX duties_of_user ON duties (user_id);
CREATE INDEX duties_at_site ON duties (site, role) WHERE taken_at IS NULL;

-- Access tokens, as their SHA-256.
CREATE TABLE tokens (
    id           BLOB NOT NULL PRIMARY KEY,
    user_id      BLOB NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL,
    hash         BLOB NOT NULL,
    created_by   BLOB NOT NULL REFERENCES users (id),
    created_at   TEXT NOT NULL,
    ends_at      TEXT NOT NULL,
    revoked_by   BLOB REFERENCES users (id),
    revoked_at   TEXT,
    last_used_at TEXT
);
CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
CREATE UNIQUE INDEX tokens_name ON tokens (user_id, name) WHERE revoked_at IS NULL;

-- By what else a user is known: a name in a client certificate, an account with the organisation's provider.
CREATE TABLE identities (
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    user_id  BLOB NOT NULL REFERENCES users (id),
    added_by BLOB NOT NULL REFERENCES users (id),
    added_at TEXT NOT NULL,
    PRIMARY KEY (kind, name)
);
CREATE INDEX identities_of_user ON identities (user_id);

-- Whose duties, tokens or identities changed, in the order of the changes: every process looks for what is new.
CREATE TABLE access_changes (
    number  INTEGER NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id)
);

INSERT INTO duties (id, user_id, role, site, given_by, given_at)
SELECT id, id, role, site, x'00000000000080008000000000000001', created_at FROM users WHERE id <> x'00000000000080008000000000000001';
-- A token that was made before tokens ended has as long as a new one.
INSERT INTO tokens (id, user_id, name, hash, created_by, created_at, ends_at)
SELECT id, id, 'first', token_hash, x'00000000000080008000000000000001', created_at, strftime('%Y-%m-%dT%H:%M:%S+00:00', 'now', '+90 days') FROM users WHERE id <> x'00000000000080008000000000000001';

DROP INDEX users_token_hash;
ALTER TABLE users DROP COLUMN token_hash;
ALTER TABLE users DROP COLUMN role;
ALTER TABLE users ADD COLUMN disabled_by BLOB;
