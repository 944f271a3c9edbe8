-- A walk whole: who has it, where it was parked, what it has passed, and the notes taken on the way.

-- The last adviser who moved it, and when; walks of before are known by their beginning alone.
ALTER TABLE walks ADD COLUMN holder_id BLOB REFERENCES users (id);
ALTER TABLE walks ADD COLUMN moved_at TEXT;
ALTER TABLE walks ADD COLUMN parked_at TEXT;
-- What was confirmed on the form, filled into it, timed, skipped, covered and hinted.
ALTER TABLE walks ADD COLUMN progress TEXT NOT NULL DEFAULT '{}';
UPDATE walks SET moved_at = started_at;
CREATE INDEX walks_client ON walks (client_id, finished, started_at);
CREATE INDEX walks_claim ON walks (claim_id, finished, started_at);

-- Only ever added to.
CREATE TABLE walk_notes (
    walk_id  BLOB NOT NULL REFERENCES walks (id),
    number   INTEGER NOT NULL,
    note     TEXT NOT NULL,
    stage    TEXT NOT NULL,
    noted_by BLOB NOT NULL REFERENCES users (id),
    noted_at TEXT NOT NULL,
    PRIMARY KEY (walk_id, number)
);
