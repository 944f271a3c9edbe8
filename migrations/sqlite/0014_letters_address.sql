-- Where a client's letters go when they are not to go home; null while there is no such place.
ALTER TABLE clients ADD COLUMN letters_address TEXT;

-- By which rule the key of the last name was folded. The service makes the keys of older rules anew when it starts, so that
-- a record of before is found by any way of typing its name.
ALTER TABLE clients ADD COLUMN last_name_fold INTEGER NOT NULL DEFAULT 0;
CREATE INDEX clients_last_name_fold ON clients (last_name_fold);
