-- What each change of a client's record replaced: a row for each fact, with who changed it, when, and from what to what.
-- Rows are only added: a change that is taken back is another one, which names the revision it takes back.
CREATE TABLE client_changes (
    client_id  BLOB NOT NULL REFERENCES clients (id),
    revision   INTEGER NOT NULL,
    fact       TEXT NOT NULL,
    was        TEXT NOT NULL,
    became     TEXT NOT NULL,
    changed_by BLOB NOT NULL REFERENCES users (id),
    changed_at TEXT NOT NULL,
    undoes     INTEGER,
    PRIMARY KEY (client_id, revision, fact)
);

-- Who keeps a slot for a client who is still thinking, so that nobody keeps many.
ALTER TABLE appointments ADD COLUMN held_by BLOB REFERENCES users (id);
CREATE INDEX appointments_held_by ON appointments (held_by, held_until) WHERE state = 'held';
CREATE INDEX callback_holds_made_by ON callback_holds (made_by, held_until);
