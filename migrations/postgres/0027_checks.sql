-- Claims checked while their clients are at the office. The same table and columns on both engines.
CREATE TABLE claim_checks (
    appointment_id UUID        NOT NULL PRIMARY KEY REFERENCES appointments (id),
    claim_id       UUID        NOT NULL REFERENCES claims (id),
    office         TEXT        NOT NULL,
    -- When the client came, or the meeting was held: from then on it is counted.
    opened_at      TIMESTAMPTZ,
    arrived_at     TIMESTAMPTZ,
    taken_by       UUID REFERENCES users (id),
    taken_at       TIMESTAMPTZ,
    completed_at   TIMESTAMPTZ,
    version        INTEGER     NOT NULL
);
CREATE INDEX claim_checks_claim ON claim_checks (claim_id);
CREATE INDEX claim_checks_opened ON claim_checks (office, opened_at);

-- Start-up calls by who did them: what was found at their meetings is theirs to learn from.
CREATE INDEX claims_started_up_by ON claims (start_up_done_by, start_up_done_at);
