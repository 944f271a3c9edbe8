-- On what a decision after missed meetings rests, and whether it was reversed. The same tables and columns on both engines.
ALTER TABLE miss_decisions ADD COLUMN evidence TEXT NOT NULL DEFAULT '';
ALTER TABLE miss_decisions ADD COLUMN reversed_at TEXT;
ALTER TABLE miss_decisions ADD COLUMN reversed_by BLOB REFERENCES users (id);
ALTER TABLE miss_decisions ADD COLUMN reversed_reason TEXT;
CREATE INDEX miss_decisions_decided ON miss_decisions (decided_at);
