-- What a claim is listed by. The same columns on both engines.

-- The nearest day on which handing it over still keeps a date; 31 December 9999 when none is at stake. That of a claim begun before
-- is put right by the first night.
ALTER TABLE claims ADD COLUMN last_day TEXT NOT NULL DEFAULT '9999-12-31';
UPDATE claims SET last_day = date(first_contact_at, '+28 days') WHERE state IN ('open', 'start_up_done', 'posted');
CREATE INDEX claims_last_day ON claims (site, last_day, id) WHERE state IN ('open', 'start_up_done', 'posted');

-- So many lines of the evidence list are not settled: known once the start-up is done.
ALTER TABLE claims ADD COLUMN evidence_to_come INTEGER;
CREATE INDEX claims_evidence ON claims (site, last_day, id) WHERE evidence_to_come > 0;

CREATE INDEX claim_queries_open ON claim_queries (claim_id) WHERE settled_at IS NULL;

-- Calls that stopped: walks of a client that fill no claim, which nobody finished.
CREATE INDEX walks_left ON walks (moved_at, id) WHERE NOT finished AND claim_id IS NULL AND client_id IS NOT NULL;
