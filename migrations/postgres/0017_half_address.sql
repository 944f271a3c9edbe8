-- Which half of the home address, `lines` or `postcode`, was given anew without the other; empty while they belong together.
ALTER TABLE clients ADD COLUMN address_half TEXT NOT NULL DEFAULT '';
