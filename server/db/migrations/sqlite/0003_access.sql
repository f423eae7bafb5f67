-- Tokens, codes, badges and PINs are kept as keyed hashes; the key is not in the database.
CREATE TABLE devices (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,             -- tablet, kiosk, till, sync
    store TEXT,                     -- null: of no store
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    next_token_hash BLOB,           -- takes the place of the other when it is first used
    enrolled_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,          -- to the minute
    revoked_at TEXT
);

-- Codes that a device is enrolled with, once.
CREATE TABLE enrolments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code_hash BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    store TEXT,
    name TEXT NOT NULL,
    made_by INTEGER,                -- a person's number; null: at a terminal
    expires_at TEXT NOT NULL,
    used_at TEXT
);

CREATE TABLE staff (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    role TEXT NOT NULL,             -- associate, manager, hq
    badge_hash BLOB UNIQUE,
    pin_hash TEXT,                  -- argon2id; null: no PIN yet
    added_at TEXT NOT NULL,
    removed_at TEXT
);

CREATE TABLE staff_stores (
    staff_id INTEGER NOT NULL,
    store TEXT NOT NULL,
    PRIMARY KEY (staff_id, store)
) WITHOUT ROWID;
CREATE INDEX staff_stores_store ON staff_stores (store);

CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL,
    device_id INTEGER NOT NULL,
    staff_id INTEGER NOT NULL,
    store TEXT,
    started_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,          -- to the minute
    ends_at TEXT NOT NULL,
    ended_at TEXT
);
CREATE INDEX sessions_open_device ON sessions (device_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_open_staff ON sessions (staff_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_staff ON sessions (staff_id, device_id);

-- Wrong PINs and codes, and until when the next one is not even looked at.
CREATE TABLE pin_tries (
    subject TEXT PRIMARY KEY,       -- staff:7, staff:7@12 (on device 12), device:12, code, code:peer
    wrong INTEGER NOT NULL,
    wrong_at TEXT NOT NULL,
    wait_until TEXT NOT NULL
) WITHOUT ROWID;

-- Who wrote a note, and in which store; null: before people signed in.
ALTER TABLE notes ADD COLUMN staff_id INTEGER;
ALTER TABLE notes ADD COLUMN store TEXT;
