-- What follows from a meeting or from none: steps that somebody has to take, misses and what was done about them, the
-- standby list, life events.

-- One list of what is to be done. A step of a kind comes of one cause once, whoever looks and how often.
-- `detail` is the step's data. `meeting_kind`: not shown while a meeting of that kind is booked ('any': of whatever kind).
CREATE TABLE steps (
    id             UUID NOT NULL PRIMARY KEY,
    site           TEXT NOT NULL,
    claim_id       UUID NOT NULL REFERENCES claims (id),
    appointment_id UUID REFERENCES appointments (id),
    kind           TEXT NOT NULL,
    cause          TEXT NOT NULL,
    detail         JSONB NOT NULL,
    meeting_kind   TEXT,
    due_day        DATE NOT NULL,
    opened_at      TIMESTAMPTZ NOT NULL,
    done_at        TIMESTAMPTZ,
    done_by        UUID REFERENCES users (id),
    outcome        TEXT,
    note           TEXT NOT NULL
);
CREATE UNIQUE INDEX steps_once ON steps (claim_id, kind, cause);
CREATE INDEX steps_due ON steps (site, due_day, id) WHERE done_at IS NULL;

-- Meetings to which the client did not come. One with good cause does not count.
CREATE TABLE misses (
    appointment_id  UUID NOT NULL PRIMARY KEY REFERENCES appointments (id),
    claim_id        UUID NOT NULL REFERENCES claims (id),
    missed_day      DATE NOT NULL,
    recorded_at     TIMESTAMPTZ NOT NULL,
    good_cause      TEXT,
    good_cause_note TEXT,
    good_cause_by   UUID REFERENCES users (id),
    good_cause_at   TIMESTAMPTZ
);
CREATE INDEX misses_claim ON misses (claim_id, recorded_at);

CREATE TABLE phone_attempts (
    id             UUID NOT NULL PRIMARY KEY,
    claim_id       UUID NOT NULL REFERENCES claims (id),
    appointment_id UUID NOT NULL REFERENCES appointments (id),
    outcome        TEXT NOT NULL,
    note           TEXT NOT NULL,
    at             TIMESTAMPTZ NOT NULL,
    user_id        UUID NOT NULL REFERENCES users (id)
);
CREATE INDEX phone_attempts_claim ON phone_attempts (claim_id, at);

-- What a named person decided after the last opportunity, once a miss.
CREATE TABLE miss_decisions (
    appointment_id UUID NOT NULL PRIMARY KEY REFERENCES appointments (id),
    claim_id       UUID NOT NULL REFERENCES claims (id),
    decision       TEXT NOT NULL,
    reason         TEXT NOT NULL,
    decided_by     UUID NOT NULL REFERENCES users (id),
    decided_at     TIMESTAMPTZ NOT NULL
);
CREATE INDEX miss_decisions_claim ON miss_decisions (claim_id, decided_at);

-- Clients who would come sooner.
CREATE TABLE standby (
    id           UUID NOT NULL PRIMARY KEY,
    claim_id     UUID NOT NULL REFERENCES claims (id),
    site         TEXT NOT NULL,
    kind         TEXT NOT NULL,
    urgent       BOOLEAN NOT NULL,
    earliest_day DATE NOT NULL,
    unsuitable   JSONB NOT NULL,
    joined_at    TIMESTAMPTZ NOT NULL,
    joined_by    UUID NOT NULL REFERENCES users (id),
    left_at      TIMESTAMPTZ,
    left_reason  TEXT
);
CREATE UNIQUE INDEX standby_once ON standby (claim_id, kind) WHERE left_at IS NULL;
CREATE INDEX standby_waiting ON standby (site, joined_at, id) WHERE left_at IS NULL;

-- Time that became free, by the appointment's event that freed it. Open until somebody has it or it begins too soon.
CREATE TABLE freed_times (
    appointment_id      UUID NOT NULL REFERENCES appointments (id),
    number              INTEGER NOT NULL,
    site                TEXT NOT NULL,
    personal_adviser_id UUID NOT NULL REFERENCES users (id),
    starts_at           TIMESTAMPTZ NOT NULL,
    freed_at            TIMESTAMPTZ NOT NULL,
    closed_at           TIMESTAMPTZ,
    closed_how          TEXT,
    PRIMARY KEY (appointment_id, number)
);
CREATE UNIQUE INDEX freed_times_open ON freed_times (personal_adviser_id, starts_at) WHERE closed_at IS NULL;
CREATE INDEX freed_times_soonest ON freed_times (starts_at) WHERE closed_at IS NULL;

-- Who was asked about freed time: one at a time, and nobody twice about the same.
CREATE TABLE standby_offers (
    id              UUID NOT NULL PRIMARY KEY,
    standby_id      UUID NOT NULL REFERENCES standby (id),
    freed_id        UUID NOT NULL REFERENCES appointments (id),
    freed_number    INTEGER NOT NULL,
    hold_id         UUID REFERENCES appointments (id),
    state           TEXT NOT NULL,
    offered_at      TIMESTAMPTZ NOT NULL,
    kept_until      TIMESTAMPTZ NOT NULL,
    answered_at     TIMESTAMPTZ,
    answered_by     UUID REFERENCES users (id),
    FOREIGN KEY (freed_id, freed_number) REFERENCES freed_times (appointment_id, number)
);
CREATE UNIQUE INDEX standby_offers_nobody_twice ON standby_offers (standby_id, freed_id, freed_number);
CREATE UNIQUE INDEX standby_offers_one_of_a_time ON standby_offers (freed_id, freed_number) WHERE state = 'open';
CREATE UNIQUE INDEX standby_offers_one_a_client ON standby_offers (standby_id) WHERE state = 'open';

-- What happened in a client's life: each on its day once.
CREATE TABLE life_events (
    claim_id    UUID NOT NULL REFERENCES claims (id),
    event       TEXT NOT NULL,
    day         DATE NOT NULL,
    recorded_by UUID NOT NULL REFERENCES users (id),
    recorded_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (claim_id, event, day)
);
CREATE INDEX life_events_day ON life_events (event, day);

-- Meetings are proposed so long after the first contact of claims that were handed over.
CREATE INDEX claims_lodged_by_contact ON claims (first_contact_at) WHERE state = 'lodged';
CREATE INDEX meeting_decisions_decided ON meeting_decisions (decided_at);
