-- What was erased, and when: by the settings of [retention], or because a client asked. The same tables and columns on both
-- engines.

-- The row stays for the figures, without anything that says whose it is.
ALTER TABLE clients ADD COLUMN erased_at TEXT;
ALTER TABLE claims ADD COLUMN erased_at TEXT;
ALTER TABLE callbacks ADD COLUMN erased_at TEXT;
ALTER TABLE packs ADD COLUMN erased_at TEXT;
ALTER TABLE call_records ADD COLUMN erased_at TEXT;

-- How far each run came with each kind of record; `ended_at` is null of one that was killed.
CREATE TABLE retention_runs (
    id        BLOB NOT NULL,
    kind      TEXT NOT NULL,
    began_at  TEXT NOT NULL,
    before_at TEXT NOT NULL,
    erased    INTEGER NOT NULL,
    ended_at  TEXT,
    PRIMARY KEY (id, kind)
);

-- The seals that were erased with the lines under them, from the first on. The chain that is left hangs on `hash`, that of
-- the last of them.
CREATE TABLE erased_seals (
    last_seal INTEGER NOT NULL PRIMARY KEY,
    hash      BLOB NOT NULL,
    sealed_at TEXT NOT NULL,
    looks     INTEGER NOT NULL,
    audits    INTEGER NOT NULL,
    run_id    BLOB NOT NULL,
    erased_at TEXT NOT NULL
);
