-- What people are there, and how they show who they are. The same tables and columns on both engines.

-- What somebody may do, where, from when and until when. Nothing is forgotten: who gave it, and who took it back.
CREATE TABLE duties (
    id        UUID NOT NULL PRIMARY KEY,
    user_id   UUID NOT NULL REFERENCES users (id),
    role      TEXT NOT NULL,
    site      TEXT,
    office    TEXT,
    agency    TEXT,
    first_at  TIMESTAMPTZ,
    ends_at   TIMESTAMPTZ,
    -- Given because a group of the provider's says so, and taken back when it does not.
    by_group  BOOLEAN NOT NULL DEFAULT FALSE,
    given_by  UUID NOT NULL REFERENCES users (id),
    given_at  TIMESTAMPTZ NOT NULL,
    taken_by  UUID REFERENCES users (id),
    taken_at  TIMESTAMPTZ
);
CREATE INDEX duties_of_user ON duties (user_id);
CREATE INDEX duties_at_site ON duties (site, role) WHERE taken_at IS NULL;

-- Access tokens, as their SHA-256.
CREATE TABLE tokens (
    id           UUID NOT NULL PRIMARY KEY,
    user_id      UUID NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL,
    hash         BYTEA NOT NULL,
    created_by   UUID NOT NULL REFERENCES users (id),
    created_at   TIMESTAMPTZ NOT NULL,
    ends_at      TIMESTAMPTZ NOT NULL,
    revoked_by   UUID REFERENCES users (id),
    revoked_at   TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ
);
CREATE UNIQUE INDEX tokens_hash ON tokens (hash);
CREATE UNIQUE INDEX tokens_name ON tokens (user_id, name) WHERE revoked_at IS NULL;

-- By what else a user is known: a name in a client certificate, an account with the organisation's provider.
CREATE TABLE identities (
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    user_id  UUID NOT NULL REFERENCES users (id),
    added_by UUID NOT NULL REFERENCES users (id),
    added_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (kind, name)
);
CREATE INDEX identities_of_user ON identities (user_id);

-- Whose duties, tokens or identities changed, in the order of the changes: every process looks for what is new.
CREATE TABLE access_changes (
    number  BIGINT NOT NULL PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id)
);

INSERT INTO duties (id, user_id, role, site, given_by, given_at)
SELECT id, id, role, site, '00000000-0000-8000-8000-000000000001', created_at FROM users WHERE id <> '00000000-0000-8000-8000-000000000001';
-- A token that was made before tokens ended has as long as a new one.
INSERT INTO tokens (id, user_id, name, hash, created_by, created_at, ends_at)
SELECT id, id, 'first', token_hash, '00000000-0000-8000-8000-000000000001', created_at, now() + interval '90 days' FROM users WHERE id <> '00000000-0000-8000-8000-000000000001';

DROP INDEX users_token_hash;
ALTER TABLE users DROP COLUMN token_hash;
ALTER TABLE users DROP COLUMN role;
ALTER TABLE users ADD COLUMN disabled_by UUID;
