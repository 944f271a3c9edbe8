-- Call-backs on advisers' places: held, parked, moved, taken over; what follows when nobody answers; how a number may be rung.

-- A place kept for a client who is still thinking. One a client; it is over at `held_until` by itself.
CREATE TABLE callback_holds (
    id         UUID NOT NULL PRIMARY KEY,
    client_id  UUID NOT NULL REFERENCES clients (id),
    site       TEXT NOT NULL,
    starts_at  TIMESTAMPTZ NOT NULL,
    ends_at    TIMESTAMPTZ NOT NULL,
    urgent     BOOLEAN NOT NULL,
    needs      JSONB NOT NULL,
    owner_id   UUID REFERENCES users (id),
    held_until TIMESTAMPTZ NOT NULL,
    made_by    UUID NOT NULL REFERENCES users (id)
);
CREATE UNIQUE INDEX callback_holds_client ON callback_holds (client_id);

-- A place is an adviser on outbound duty (their id), or at a site that keeps no roster one of so many ('1', '2').
-- It is taken for a call-back, or held until `held_until`. Two who race for one meet this key.
CREATE TABLE places_taken (
    site        TEXT NOT NULL,
    cell_start  TIMESTAMPTZ NOT NULL,
    place       TEXT NOT NULL,
    callback_id UUID REFERENCES callbacks (id),
    hold_id     UUID REFERENCES callback_holds (id),
    held_until  TIMESTAMPTZ,
    PRIMARY KEY (site, cell_start, place)
);
INSERT INTO places_taken (site, cell_start, place, callback_id)
    SELECT site, cell_start, CAST(place AS TEXT), callback_id FROM callback_cells;
DROP TABLE callback_cells;
ALTER TABLE places_taken RENAME TO callback_cells;
CREATE INDEX callback_cells_callback ON callback_cells (callback_id);
CREATE INDEX callback_cells_hold ON callback_cells (hold_id) WHERE hold_id IS NOT NULL;

-- What the call needs and what the client wished, as they were when it was booked.
ALTER TABLE callbacks ADD COLUMN needs JSONB NOT NULL DEFAULT '[]';
ALTER TABLE callbacks ADD COLUMN wishes JSONB NOT NULL DEFAULT '{}';
-- The number was read back to the client.
ALTER TABLE callbacks ADD COLUMN number_confirmed BOOLEAN NOT NULL DEFAULT FALSE;
-- Tries since it was last given a time; `attempts` counts all of them.
ALTER TABLE callbacks ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
UPDATE callbacks SET tries = attempts;
-- Whom a team leader has asked to make it.
ALTER TABLE callbacks ADD COLUMN asked_id UUID REFERENCES users (id);
-- When and why it was over, why it is parked, or which call it became.
ALTER TABLE callbacks ADD COLUMN ended_at TIMESTAMPTZ;
ALTER TABLE callbacks ADD COLUMN state_reason TEXT;
ALTER TABLE callbacks ADD COLUMN taken_over_call_id UUID;
UPDATE callbacks SET ended_at = (SELECT MAX(a.ended_at) FROM callback_attempts a WHERE a.callback_id = callbacks.id)
    WHERE state NOT IN ('booked', 'attempting');

DROP INDEX callbacks_one_live_a_client;
CREATE UNIQUE INDEX callbacks_one_live_a_client ON callbacks (client_id) WHERE state IN ('booked', 'attempting', 'parked');
DROP INDEX callbacks_due;
CREATE INDEX callbacks_due ON callbacks (site, due_at, id) WHERE state IN ('booked', 'parked');
DROP INDEX callbacks_owned;
CREATE INDEX callbacks_owned ON callbacks (due_at, owner_id) WHERE state IN ('booked', 'parked') AND owner_id IS NOT NULL;
CREATE INDEX callbacks_number_check ON callbacks (site, id) WHERE state = 'wrong_number';
-- Lead times are counted on the day on which the client was spoken with.
CREATE INDEX callbacks_made ON callbacks (site, ended_at) WHERE state IN ('reached', 'taken_over');
CREATE INDEX callbacks_client ON callbacks (client_id, booked_at);

-- Every move of a call-back, numbered from 1, with its time and place as they then were.
CREATE TABLE callback_events (
    callback_id UUID NOT NULL REFERENCES callbacks (id),
    number      INTEGER NOT NULL,
    event       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    note        TEXT NOT NULL,
    starts_at   TIMESTAMPTZ NOT NULL,
    place       TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    user_id     UUID NOT NULL REFERENCES users (id),
    PRIMARY KEY (callback_id, number)
);

-- Letters that are owed after the last try, each with the time kept for the client. One is open at a time.
CREATE TABLE callback_letters (
    callback_id UUID NOT NULL REFERENCES callbacks (id),
    number      INTEGER NOT NULL,
    site        TEXT NOT NULL,
    starts_at   TIMESTAMPTZ,
    ends_at     TIMESTAMPTZ,
    owed_at     TIMESTAMPTZ NOT NULL,
    closed_at   TIMESTAMPTZ,
    closed_by   UUID REFERENCES users (id),
    sent        BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (callback_id, number)
);
CREATE UNIQUE INDEX callback_letters_one_open ON callback_letters (callback_id) WHERE closed_at IS NULL;
CREATE INDEX callback_letters_open ON callback_letters (site, owed_at, callback_id) WHERE closed_at IS NULL;

-- How a client may be rung: not at all, with what to do instead; or only after the number was made sure of.
CREATE TABLE callback_contact_flags (
    client_id    UUID NOT NULL PRIMARY KEY REFERENCES clients (id),
    do_not_call  BOOLEAN NOT NULL,
    instead      TEXT NOT NULL,
    number_check BOOLEAN NOT NULL,
    set_by       UUID NOT NULL REFERENCES users (id),
    set_at       TIMESTAMPTZ NOT NULL
);
