-- A job is a struct in the code: its payload is the struct as JSON. A job that an administrator dropped stays, to be seen.
ALTER TABLE jobs ADD COLUMN payload JSONB NOT NULL DEFAULT '{}';
ALTER TABLE jobs ADD COLUMN dropped_at TIMESTAMPTZ;
UPDATE jobs SET payload = jsonb_build_object(
    CASE kind
        WHEN 'compose_pack' THEN 'claim_id'
        WHEN 'stop_packs' THEN 'claim_id'
        WHEN 'write_deferral' THEN 'claim_id'
        WHEN 'write_missed_meeting' THEN 'appointment_id'
        WHEN 'write_new_time' THEN 'appointment_id'
        WHEN 'write_missed_callback' THEN 'callback_id'
        ELSE 'record_id'
    END,
    record_id
);
ALTER TABLE jobs DROP COLUMN record_id;
