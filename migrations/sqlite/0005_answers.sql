-- Answers that were carried over from an earlier claim, and what was typed and could not be accepted.

-- `no`: given on this claim. `to_confirm`: carried over, and counts until somebody says otherwise. `ask_again`: carried
-- over too old or by rule; it is shown beside its question and counts for nothing.
ALTER TABLE answers ADD COLUMN carried TEXT NOT NULL DEFAULT 'no';

ALTER TABLE claims ADD COLUMN repeats_claim_id BLOB REFERENCES claims (id);
ALTER TABLE claims ADD COLUMN partner_claim_id BLOB REFERENCES claims (id);

-- The last thing typed for a question that was not saved, as JSON text: it may hold what JSONB refuses. It is over when the answer's revision has passed the one seen.
CREATE TABLE answer_drafts (
    claim_id      BLOB NOT NULL REFERENCES claims (id),
    question_id   TEXT NOT NULL,
    value         TEXT NOT NULL,
    reason        TEXT NOT NULL,
    seen_revision INTEGER NOT NULL,
    typed_by      BLOB NOT NULL REFERENCES users (id),
    typed_at      TEXT NOT NULL,
    PRIMARY KEY (claim_id, question_id)
);
