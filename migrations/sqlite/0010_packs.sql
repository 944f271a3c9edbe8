-- Claim packs and letters: composed, printed, posted, accounted for.

-- How a client's letters look.
ALTER TABLE clients ADD COLUMN large_print BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE clients ADD COLUMN letter_layout TEXT NOT NULL DEFAULT 'side_by_side';
