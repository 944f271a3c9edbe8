-- Reminders of appointments, who wants none, and calendar feeds.

-- One row a line of the plan, made at the moment the line is due: nothing has to be undone when an appointment moves.
-- `next_at` is when it is looked at again; none when nothing more will happen by itself.
CREATE TABLE reminders (
    id             UUID NOT NULL PRIMARY KEY,
    appointment_id UUID NOT NULL REFERENCES appointments (id),
    sequence       INTEGER NOT NULL,
    line           TEXT NOT NULL,
    client_id      UUID NOT NULL REFERENCES clients (id),
    site           TEXT NOT NULL,
    channel        TEXT NOT NULL,
    unless         TEXT NOT NULL,
    due_at         TIMESTAMPTZ NOT NULL,
    starts_at      TIMESTAMPTZ NOT NULL,
    state          TEXT NOT NULL,
    reason         TEXT NOT NULL,
    attempts       INTEGER NOT NULL,
    next_at        TIMESTAMPTZ,
    sent_at        TIMESTAMPTZ,
    settled_at     TIMESTAMPTZ,
    settled_by     UUID REFERENCES users (id)
);
CREATE UNIQUE INDEX reminders_once ON reminders (appointment_id, sequence, line);
CREATE INDEX reminders_next ON reminders (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX reminders_calls ON reminders (site, due_at, id) WHERE channel = 'call' AND state = 'due';

-- Only channels that a client does not want.
CREATE TABLE client_reminder_preferences (
    client_id UUID NOT NULL REFERENCES clients (id),
    channel   TEXT NOT NULL,
    set_by    UUID NOT NULL REFERENCES users (id),
    set_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (client_id, channel)
);

-- A calendar behind a secret address, of a personal adviser or of an office. The secret is kept as its SHA-256 alone.
-- `etag` and `changed_at` are those of what was served last.
CREATE TABLE calendar_feeds (
    id                  UUID NOT NULL PRIMARY KEY,
    personal_adviser_id UUID REFERENCES users (id),
    office              TEXT,
    site                TEXT NOT NULL,
    secret_sha256       BYTEA NOT NULL,
    created_by          UUID NOT NULL REFERENCES users (id),
    created_at          TIMESTAMPTZ NOT NULL,
    revoked_by          UUID REFERENCES users (id),
    revoked_at          TIMESTAMPTZ,
    etag                TEXT NOT NULL,
    changed_at          TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX calendar_feeds_secret ON calendar_feeds (secret_sha256);
CREATE INDEX calendar_feeds_site ON calendar_feeds (site, created_at);
