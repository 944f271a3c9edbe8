-- What was erased, and when: by the settings of [retention], or because a client asked. The same tables and columns on both
-- engines.

-- The row stays for the figures, without anything that says whose it is.
ALTER TABLE clients ADD COLUMN erased_at TIMESTAMPTZ;
ALTER TABLE claims ADD COLUMN erased_at TIMESTAMPTZ;
ALTER TABLE callbacks ADD COLUMN erased_at TIMESTAMPTZ;
ALTER TABLE packs ADD COLUMN erased_at TIMESTAMPTZ;
ALTER TABLE call_records ADD COLUMN erased_at TIMESTAMPTZ;

-- How far each run came with each kind of record; `ended_at` is null of one that was killed.
CREATE TABLE retention_runs (
    id        UUID NOT NULL,
    kind      TEXT NOT NULL,
    began_at  TIMESTAMPTZ NOT NULL,
    before_at TIMESTAMPTZ NOT NULL,
    erased    BIGINT NOT NULL,
    ended_at  TIMESTAMPTZ,
    PRIMARY KEY (id, kind)
);

-- The seals that were erased with the lines under them, from the first on. The chain that is left hangs on `hash`, that of
-- the last of them.
CREATE TABLE erased_seals (
    last_seal BIGINT NOT NULL PRIMARY KEY,
    hash      BYTEA NOT NULL,
    sealed_at TIMESTAMPTZ NOT NULL,
    looks     BIGINT NOT NULL,
    audits    BIGINT NOT NULL,
    run_id    UUID NOT NULL,
    erased_at TIMESTAMPTZ NOT NULL
);
