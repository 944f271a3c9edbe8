-- The life of a claim: withdrawal and reopening, lodging for each agency, the meeting put off or done without, amendments,
-- evidence ticked, experts' queries.

ALTER TABLE claims ADD COLUMN withdrawn_from TEXT;
ALTER TABLE claims ADD COLUMN withdrawn_at TIMESTAMPTZ;
ALTER TABLE claims ADD COLUMN withdrawn_by UUID REFERENCES users (id);
ALTER TABLE claims ADD COLUMN withdrawn_reason TEXT;

-- Every move of a claim, numbered from 1. `revisions` is the form as it then stood: question id to revision of its answer.
CREATE TABLE claim_events (
    claim_id  UUID NOT NULL REFERENCES claims (id),
    number    INTEGER NOT NULL,
    event     TEXT NOT NULL,
    at        TIMESTAMPTZ NOT NULL,
    user_id   UUID NOT NULL REFERENCES users (id),
    detail    JSONB NOT NULL,
    revisions JSONB,
    PRIMARY KEY (claim_id, number)
);

-- A claim is handed over to each agency once.
CREATE TABLE claim_lodgings (
    claim_id   UUID NOT NULL REFERENCES claims (id),
    agency     TEXT NOT NULL,
    lodged_at  TIMESTAMPTZ NOT NULL,
    lodged_by  UUID NOT NULL REFERENCES users (id),
    signed_day DATE NOT NULL,
    PRIMARY KEY (claim_id, agency)
);

-- The first meeting put off or done without. One decision stands at a time; a meeting booked later ends it.
CREATE TABLE meeting_decisions (
    id         UUID NOT NULL PRIMARY KEY,
    claim_id   UUID NOT NULL REFERENCES claims (id),
    decision   TEXT NOT NULL,
    reason     TEXT NOT NULL,
    note       TEXT NOT NULL,
    review_day DATE,
    decided_by UUID NOT NULL REFERENCES users (id),
    decided_at TIMESTAMPTZ NOT NULL,
    ended_at   TIMESTAMPTZ
);
CREATE UNIQUE INDEX meeting_decisions_one_stands ON meeting_decisions (claim_id) WHERE ended_at IS NULL;
CREATE INDEX meeting_decisions_review ON meeting_decisions (review_day) WHERE ended_at IS NULL AND review_day IS NOT NULL;

-- Set where the answer was changed at the meeting, and the client put their initials beside it.
ALTER TABLE answers ADD COLUMN initials TEXT;
CREATE INDEX answers_amended ON answers (claim_id, saved_at) WHERE initials IS NOT NULL;

-- What became of each line of the evidence list; the highest number stands.
CREATE TABLE evidence_ticks (
    claim_id    UUID NOT NULL REFERENCES claims (id),
    evidence_id TEXT NOT NULL,
    number      INTEGER NOT NULL,
    state       TEXT NOT NULL,
    note        TEXT NOT NULL,
    ticked_by   UUID NOT NULL REFERENCES users (id),
    ticked_at   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (claim_id, evidence_id, number)
);

CREATE TABLE claim_queries (
    id          UUID NOT NULL PRIMARY KEY,
    claim_id    UUID NOT NULL REFERENCES claims (id),
    question_id TEXT,
    query       TEXT NOT NULL,
    raised_by   UUID NOT NULL REFERENCES users (id),
    raised_at   TIMESTAMPTZ NOT NULL,
    settled_by  UUID REFERENCES users (id),
    settled_at  TIMESTAMPTZ,
    outcome     TEXT
);
CREATE INDEX claim_queries_claim ON claim_queries (claim_id, raised_at);
