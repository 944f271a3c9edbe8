-- What each change of a client's record replaced: a row for each fact, with who changed it, when, and from what to what.
-- Rows are only added: a change that is taken back is another one, which names the revision it takes back.
CREATE TABLE client_changes (
    client_id  UUID NOT NULL REFERENCES clients (id),
    revision   INTEGER NOT NULL,
    fact       TEXT NOT NULL,
    was        JSONB NOT NULL,
    became     JSONB NOT NULL,
    changed_by UUID NOT NULL REFERENCES users (id),
    changed_at TIMESTAMPTZ NOT NULL,
    undoes     INTEGER,
    PRIMARY KEY (client_id, revision, fact)
);

-- Who keeps a slot for a client who is still thinking, so that nobody keeps many.
ALTER TABLE appointments ADD COLUMN held_by UUID REFERENCES users (id);
CREATE INDEX appointments_held_by ON appointments (held_by, held_until) WHERE state = 'held';
CREATE INDEX callback_holds_made_by ON callback_holds (made_by, held_until);
