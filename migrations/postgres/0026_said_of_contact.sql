-- How a client reads letters that no print room makes (Braille, tape), and how they are reached and who speaks for them; null
-- while nothing is known of that.
ALTER TABLE clients ADD COLUMN letters_format TEXT NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN contact JSONB;

-- A letter that is to be produced elsewhere in another format stands on the print rooms' list beside what cannot be printed.
ALTER TABLE pack_exceptions ADD COLUMN format TEXT NOT NULL DEFAULT '';
ALTER TABLE pack_exceptions ADD COLUMN pack_id UUID REFERENCES packs (id);
ALTER TABLE pack_exceptions ADD COLUMN by_day DATE;
DROP INDEX pack_exceptions_one_open;
CREATE UNIQUE INDEX pack_exceptions_one_open ON pack_exceptions (kind, record_id, format) WHERE settled_at IS NULL;
CREATE INDEX pack_exceptions_pack ON pack_exceptions (pack_id) WHERE pack_id IS NOT NULL;
