-- When somebody first spoke with a client: a call-back reached them, they rang in first, they came to a meeting, or somebody
-- rang them about one they had missed. Whoever did says so to the client record, so that what follows a missed meeting
-- need not know of call-backs.
ALTER TABLE clients ADD COLUMN spoken_with_at TEXT;
UPDATE clients SET spoken_with_at = (SELECT MIN(COALESCE(b.ended_at, b.due_at)) FROM callbacks b
    WHERE b.client_id = clients.id AND b.state IN ('reached', 'taken_over'));
UPDATE clients SET spoken_with_at = (SELECT MIN(a.starts_at) FROM appointments a
    WHERE a.client_id = clients.id AND a.state = 'attended') WHERE spoken_with_at IS NULL;
UPDATE clients SET spoken_with_at = (SELECT MIN(p.at) FROM phone_attempts p JOIN claims c ON c.id = p.claim_id
    WHERE c.client_id = clients.id AND p.outcome = 'spoken') WHERE spoken_with_at IS NULL;
