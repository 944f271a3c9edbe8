-- That a client asked for a decision against their claim to be looked at again, and that somebody did and it stands. The same
-- tables and columns on both engines.
ALTER TABLE miss_decisions ADD COLUMN asked_at TEXT;
ALTER TABLE miss_decisions ADD COLUMN asked_by BLOB REFERENCES users (id);
ALTER TABLE miss_decisions ADD COLUMN asked_day TEXT;
ALTER TABLE miss_decisions ADD COLUMN asked_said TEXT;
ALTER TABLE miss_decisions ADD COLUMN upheld_at TEXT;
ALTER TABLE miss_decisions ADD COLUMN upheld_by BLOB REFERENCES users (id);
ALTER TABLE miss_decisions ADD COLUMN upheld_reason TEXT;

-- When what a client was in touch about was over: the next time they are in touch is a first contact anew. Claims that are over
-- by now were all of one first contact.
ALTER TABLE clients ADD COLUMN matter_over_at TEXT;
UPDATE clients SET matter_over_at = (SELECT MAX(COALESCE(c.lodged_at, c.withdrawn_at)) FROM claims c
  WHERE c.client_id = clients.id AND c.state IN ('lodged', 'not_made'))
WHERE NOT EXISTS (SELECT 1 FROM claims c WHERE c.client_id = clients.id AND c.state IN ('open', 'start_up_done', 'posted'));
