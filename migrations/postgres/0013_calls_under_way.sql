-- The calls that have no record yet, so that a process that dies loses none. `writer` is the run of the program that has
-- the call; that it is there shows in record_writers.
CREATE TABLE calls_under_way (
    id             UUID NOT NULL PRIMARY KEY,
    writer         UUID NOT NULL,
    switch         TEXT NOT NULL,
    switch_call_id TEXT NOT NULL,
    caller_number  TEXT,
    home_site      TEXT,
    host_site      TEXT NOT NULL,
    urgent         BOOLEAN NOT NULL,
    entered_at     TIMESTAMPTZ NOT NULL,
    adviser_id     UUID,
    handled_site   TEXT,
    answered_at    TIMESTAMPTZ,
    ended_at       TIMESTAMPTZ
);
CREATE INDEX calls_under_way_host ON calls_under_way (host_site, entered_at);
CREATE INDEX calls_under_way_name ON calls_under_way (switch_call_id, switch);

-- Whose name for a call it is, and whether the conversation went on after the process that kept it had ended: then the
-- switch's word that it ended completes the record.
ALTER TABLE call_records ADD COLUMN switch TEXT NOT NULL DEFAULT '';
ALTER TABLE call_records ADD COLUMN unfinished BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX call_records_name ON call_records (switch_call_id, switch, entered_at);

-- Which process has the floor, where several serve from one database: one row. `backend` is its connection.
CREATE TABLE floor_holder (
    id         INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    holder     UUID NOT NULL,
    backend    INTEGER NOT NULL,
    held_since TIMESTAMPTZ NOT NULL,
    renewed_at TIMESTAMPTZ NOT NULL
);
