-- Signed forms that came back. The same table and columns on both engines.
CREATE TABLE claim_forms_back (
    claim_id    BLOB NOT NULL PRIMARY KEY REFERENCES claims (id),
    back_at     TEXT NOT NULL,
    reported_by BLOB NOT NULL REFERENCES users (id)
);

-- What is on its way, for the list of what would slip.
CREATE INDEX claims_underway ON claims (id) WHERE state IN ('open', 'start_up_done', 'posted');
