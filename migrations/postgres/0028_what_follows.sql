-- A client who died: on which day if it is known, who said so, who wrote it down, and to whom a letter goes if they would
-- like one. Null while nothing is known of a death.
ALTER TABLE clients ADD COLUMN died_on DATE;
ALTER TABLE clients ADD COLUMN death_told_by TEXT;
ALTER TABLE clients ADD COLUMN death_letter_to JSONB;
ALTER TABLE clients ADD COLUMN death_recorded_at TIMESTAMPTZ;
ALTER TABLE clients ADD COLUMN death_recorded_by UUID REFERENCES users (id);
