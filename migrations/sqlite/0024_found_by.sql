-- Records are found by what they are asked for by. The same on both engines; tests/support/plans.rs holds it.
CREATE INDEX appointments_claim ON appointments (claim_id, made_at);
CREATE INDEX appointments_held_until ON appointments (held_until) WHERE state = 'held';
CREATE INDEX claims_client ON claims (client_id, opened_at);
CREATE INDEX claims_repeats ON claims (repeats_claim_id) WHERE repeats_claim_id IS NOT NULL;
CREATE INDEX claims_partner ON claims (partner_claim_id) WHERE partner_claim_id IS NOT NULL;
CREATE INDEX claims_started_up ON claims (site, start_up_done_at);
CREATE INDEX clients_letters_elsewhere ON clients (id) WHERE letters_address IS NOT NULL;
CREATE INDEX clients_born ON clients (date_of_birth);
CREATE INDEX meeting_decisions_claim ON meeting_decisions (claim_id, decided_at);
CREATE INDEX standby_claim ON standby (claim_id);
CREATE INDEX standby_offers_open ON standby_offers (kept_until) WHERE state = 'open';
CREATE INDEX standby_offers_freed ON standby_offers (freed_id, freed_number);
CREATE INDEX pack_exceptions_client ON pack_exceptions (client_id) WHERE settled_at IS NULL;
CREATE INDEX steps_dates_lost ON steps (site, opened_at) WHERE kind = 'date-lost';
CREATE INDEX callbacks_visits ON callbacks (site, ended_at, id) WHERE state = 'face_to_face';
CREATE INDEX print_jobs_underway ON print_jobs (room, state, queued_at)
    WHERE state IN ('queued', 'leased', 'printing', 'printed');
CREATE INDEX jobs_undone ON jobs (id) WHERE done_at IS NULL AND dropped_at IS NULL;
CREATE INDEX reminders_open ON reminders (state) WHERE state IN ('due', 'sending');
CREATE INDEX reminders_failed ON reminders (settled_at) WHERE state = 'failed';

-- What was done to a record is asked for by the record alone as well.
DROP INDEX audit_record;
CREATE INDEX audit_record ON audit (record_id, record_kind, at);

-- Who would rather be seen waits on a list from now on, if they were not seen or rung since. What
-- became of an earlier claim of theirs says nothing about it.
UPDATE callbacks SET state = 'cancelled', state_reason = 'superseded' WHERE state = 'face_to_face' AND (
    erased_at IS NOT NULL
    OR EXISTS (SELECT 1 FROM callbacks later WHERE later.client_id = callbacks.client_id AND later.booked_at > callbacks.booked_at)
    OR EXISTS (SELECT 1 FROM claims c WHERE c.client_id = callbacks.client_id
               AND (c.start_up_done_at > callbacks.ended_at OR c.lodged_at > callbacks.ended_at
                    OR c.withdrawn_at > callbacks.ended_at)));
