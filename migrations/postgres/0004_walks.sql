-- A walk whole: who has it, where it was parked, what it has passed, and the notes taken on the way.

-- The last adviser who moved it, and when; walks of before are known by their beginning alone.
ALTER TABLE walks ADD COLUMN holder_id UUID REFERENCES users (id);
ALTER TABLE walks ADD COLUMN moved_at TIMESTAMPTZ;
ALTER TABLE walks ADD COLUMN parked_at TIMESTAMPTZ;
-- What was confirmed on the form, filled into it, timed, skipped, covered and hinted.
ALTER TABLE walks ADD COLUMN progress JSONB NOT NULL DEFAULT '{}';
UPDATE walks SET moved_at = started_at;
CREATE INDEX walks_client ON walks (client_id, finished, started_at);
CREATE INDEX walks_claim ON walks (claim_id, finished, started_at);

-- Only ever added to.
CREATE TABLE walk_notes (
    walk_id  UUID NOT NULL REFERENCES walks (id),
    number   INTEGER NOT NULL,
    note     TEXT NOT NULL,
    stage    TEXT NOT NULL,
    noted_by UUID NOT NULL REFERENCES users (id),
    noted_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (walk_id, number)
);
