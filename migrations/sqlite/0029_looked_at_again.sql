-- That a client asked for a decision against their claim to be looked at again, and that somebody did and it stands. The same
-- tables and columns on both engines.
ALTER TABLE miss_decisions ADD COLUMN asked_at TEXT;
ALTER TABLE miss_decisions ADD COLUMN asked_by BLOB REFERENCES users (id);
ALTER TABLE miss_decisions ADD COLUMN asked_day TEXT;
ALTER TABLE miss_decisions ADD COLUMN asked_said TEXT;
ALTER TABLE miss_decisions ADD COLUMN upheld_at TEXT;
ALTER TABLE miss_decisions ADD COLUMN upheld_by BLOB REFERENCES users (id);
ALTER TABLE miss_decisions ADD COLUMN upheld_reason TEXT;

-- So many days the claim stood closed by a decision that was taken back: its first contact protects it for as much longer.
ALTER TABLE claims ADD COLUMN stood_closed_days INTEGER NOT NULL DEFAULT 0;

-- When what a client was in touch about was over: the next time they are in touch is a first contact anew. What was withdrawn
-- protects the next claim for as long as it would have protected its own. Claims that are over by now were all of one first
-- contact; whoever has booked a call-back since is in touch about the next.
ALTER TABLE clients ADD COLUMN matter_over_at TEXT;
UPDATE clients SET matter_over_at = (SELECT MAX(CASE WHEN c.state = 'withdrawn' THEN MAX(c.withdrawn_at, strftime('%Y-%m-%dT%H:%M:%S+00:00', c.first_contact_at, '+31 days'))
  ELSE COALESCE(c.lodged_at, c.withdrawn_at) END) FROM claims c
  WHERE c.client_id = clients.id AND c.state IN ('lodged', 'not_made', 'withdrawn'))
WHERE NOT EXISTS (SELECT 1 FROM claims c WHERE c.client_id = clients.id AND c.state IN ('open', 'start_up_done', 'posted'));
UPDATE clients SET matter_over_at = NULL, first_contact_at = (SELECT MIN(b.booked_at) FROM callbacks b
  WHERE b.client_id = clients.id AND b.ended_at IS NULL AND b.booked_at >= clients.matter_over_at)
WHERE EXISTS (SELECT 1 FROM callbacks b
  WHERE b.client_id = clients.id AND b.ended_at IS NULL AND b.booked_at >= clients.matter_over_at);

-- What is open at a site of one kind, which may be little among much.
CREATE INDEX steps_open_kinds ON steps (site, kind) WHERE done_at IS NULL;

-- It was taken back in the call in which it was said: it never stood.
ALTER TABLE meeting_decisions ADD COLUMN taken_back BOOLEAN NOT NULL DEFAULT FALSE;
