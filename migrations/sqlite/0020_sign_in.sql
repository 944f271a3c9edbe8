-- Signing in with a browser. The same tables and columns on both engines.

-- What a browser shows is a token of another kind: a session, in a cookie. Its name is how somebody signed in, so it is not
-- theirs alone.
ALTER TABLE tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'key';
DROP INDEX tokens_name;
CREATE UNIQUE INDEX tokens_name ON tokens (user_id, name) WHERE revoked_at IS NULL AND kind = 'key';
CREATE INDEX tokens_of_user ON tokens (user_id);

-- What was shown before this is refused: sessions, and accounts of the provider's.
ALTER TABLE users ADD COLUMN signed_out_at TEXT;

-- Of those who sign in with a name and a password, where there is no provider: argon2id, as a PHC string.
CREATE TABLE passwords (
    user_id  BLOB NOT NULL PRIMARY KEY REFERENCES users (id),
    hash     TEXT NOT NULL,
    set_at   TEXT NOT NULL,
    -- Made by somebody else: until then, and only to be changed.
    first_until_at TEXT
);

-- From where they have signed in, so that they still can while strangers try their name.
CREATE TABLE familiar_places (
    user_id      BLOB NOT NULL REFERENCES users (id),
    address      TEXT NOT NULL,
    signed_in_at TEXT NOT NULL,
    PRIMARY KEY (user_id, address)
);
