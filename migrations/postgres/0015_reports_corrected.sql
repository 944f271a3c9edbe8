-- What print rooms reported and then corrected: who, when, from what to what. The job or the batch itself says what holds.
-- `print_job_id` is null when a batch was counted again.
CREATE TABLE print_corrections (
    id           UUID NOT NULL PRIMARY KEY,
    print_job_id UUID REFERENCES print_jobs (id),
    room         TEXT NOT NULL,
    post_day     DATE NOT NULL,
    post_class   TEXT NOT NULL,
    what         TEXT NOT NULL,
    was          TEXT NOT NULL,
    became       TEXT NOT NULL,
    corrected_by UUID NOT NULL REFERENCES users (id),
    corrected_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX print_corrections_batch ON print_corrections (room, post_day, post_class, id);
CREATE INDEX print_corrections_job ON print_corrections (print_job_id, id);

-- Why a pack left without all of its pages, when it did.
ALTER TABLE print_jobs ADD COLUMN incomplete_reason TEXT;

-- In which layout a pack was composed.
ALTER TABLE packs ADD COLUMN layout TEXT NOT NULL DEFAULT 'english';
UPDATE packs SET layout = COALESCE((SELECT letter_layout FROM clients WHERE clients.id = packs.client_id), 'side_by_side')
WHERE language = 'cy';
