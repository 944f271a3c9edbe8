-- Who works when, for advisers and personal advisers alike; personal advisers' days; appointments of kinds.

-- Regular hours: `weeks` is 1 or 2; `office` is where a personal adviser meets clients, none for advisers.
CREATE TABLE patterns_of_people (
    user_id    UUID NOT NULL REFERENCES users (id),
    valid_from DATE NOT NULL,
    valid_to   DATE,
    site       TEXT NOT NULL,
    office     TEXT,
    weeks      INTEGER NOT NULL,
    shifts     JSONB NOT NULL,
    PRIMARY KEY (user_id, valid_from)
);
INSERT INTO patterns_of_people (user_id, valid_from, valid_to, site, office, weeks, shifts)
    SELECT personal_adviser_id, valid_from, valid_to, site, office, 1, shifts FROM working_patterns;
DROP TABLE working_patterns;
ALTER TABLE patterns_of_people RENAME TO working_patterns;
CREATE INDEX working_patterns_site ON working_patterns (site);

-- Leave, sickness, training, team events and extra hours, laid over the patterns: one person's, an office's or a site's.
-- Times are local wall time on each of the days; none means the whole day.
CREATE TABLE rota_blocks (
    id         UUID NOT NULL PRIMARY KEY,
    site       TEXT NOT NULL,
    office     TEXT,
    user_id    UUID REFERENCES users (id),
    kind       TEXT NOT NULL,
    first_day  DATE NOT NULL,
    last_day   DATE NOT NULL,
    start_time TIME,
    end_time   TIME,
    note       TEXT NOT NULL,
    made_by    UUID NOT NULL REFERENCES users (id),
    made_at    TIMESTAMPTZ NOT NULL,
    removed_by UUID REFERENCES users (id),
    removed_at TIMESTAMPTZ
);
CREATE INDEX rota_blocks_site ON rota_blocks (site, last_day) WHERE removed_at IS NULL;

-- Each personal adviser's working days, made from the rota months ahead. `working_cells` and `taken_cells` are sets of the
-- day's five-minute cells from its first moment; what is taken is written in the booking's own transaction, beside the
-- cells under their key, and can be made again from them. `longest_free` and the other columns are there to search by.
CREATE TABLE diary_days (
    personal_adviser_id UUID NOT NULL REFERENCES users (id),
    day                 DATE NOT NULL,
    site                TEXT NOT NULL,
    office              TEXT NOT NULL,
    midnight            TIMESTAMPTZ NOT NULL,
    working_cells       BYTEA NOT NULL,
    taken_cells         BYTEA NOT NULL,
    newcomer_cells      INTEGER NOT NULL,
    longest_free        INTEGER NOT NULL,
    stranded            BOOLEAN NOT NULL,
    PRIMARY KEY (personal_adviser_id, day)
);
CREATE INDEX diary_days_free ON diary_days (site, day, longest_free);
CREATE INDEX diary_days_stranded ON diary_days (site, day) WHERE stranded;

-- How far each diary is made, and by which definition.
CREATE TABLE diary_reach (
    personal_adviser_id UUID NOT NULL PRIMARY KEY REFERENCES users (id),
    made_until          DATE NOT NULL,
    definition_version  TEXT NOT NULL
);

ALTER TABLE appointments ADD COLUMN kind TEXT NOT NULL DEFAULT 'first-meeting';
ALTER TABLE appointments ADD COLUMN before_minutes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE appointments ADD COLUMN after_minutes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE appointments ADD COLUMN room TEXT;
ALTER TABLE appointments ADD COLUMN urgent BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE appointments ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE appointments ADD COLUMN arrived_at TIMESTAMPTZ;
ALTER TABLE appointments ADD COLUMN cancelled_at TIMESTAMPTZ;
ALTER TABLE appointments ADD COLUMN cancelled_reason TEXT;
ALTER TABLE appointments ADD COLUMN series_id UUID;
UPDATE appointments SET after_minutes = COALESCE((SELECT COUNT(*) * 5 FROM appointment_cells c WHERE c.appointment_id = appointments.id)
    - CAST(ROUND(EXTRACT(EPOCH FROM ends_at - starts_at) / 60) AS INTEGER), 0)
    WHERE EXISTS (SELECT 1 FROM appointment_cells c WHERE c.appointment_id = appointments.id);
-- One live meeting of a kind a claim, but for those of a series.
DROP INDEX appointments_one_live_a_claim;
CREATE UNIQUE INDEX appointments_one_live_a_kind ON appointments (claim_id, kind)
    WHERE state IN ('held', 'booked') AND series_id IS NULL;
CREATE INDEX appointments_client ON appointments (client_id, starts_at);
CREATE INDEX appointments_ahead ON appointments (starts_at) WHERE state = 'booked';
CREATE INDEX appointments_of_adviser ON appointments (personal_adviser_id, starts_at);

-- Rooms of an office that a meeting needs, in the same cells.
CREATE TABLE room_cells (
    office         TEXT NOT NULL,
    room           TEXT NOT NULL,
    cell_start     TIMESTAMPTZ NOT NULL,
    appointment_id UUID NOT NULL REFERENCES appointments (id),
    PRIMARY KEY (office, room, cell_start)
);
CREATE INDEX room_cells_appointment ON room_cells (appointment_id);

-- Every move of an appointment, numbered from 1, with its time and place as they then were.
CREATE TABLE appointment_events (
    appointment_id      UUID NOT NULL REFERENCES appointments (id),
    number              INTEGER NOT NULL,
    event               TEXT NOT NULL,
    reason              TEXT NOT NULL,
    note                TEXT NOT NULL,
    personal_adviser_id UUID NOT NULL REFERENCES users (id),
    office              TEXT NOT NULL,
    starts_at           TIMESTAMPTZ NOT NULL,
    at                  TIMESTAMPTZ NOT NULL,
    user_id             UUID NOT NULL REFERENCES users (id),
    PRIMARY KEY (appointment_id, number)
);
CREATE INDEX appointment_events_at ON appointment_events (event, at);
