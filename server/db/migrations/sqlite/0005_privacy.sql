-- Consents as they were given and withdrawn, each with its proof: rows are only added, until the person is erased.
CREATE TABLE consents_log (
    customer_id INTEGER NOT NULL,
    channel TEXT NOT NULL,
    contact TEXT NOT NULL,          -- the e-mail or phone it is for; empty: whichever
    at TEXT NOT NULL,
    statement TEXT NOT NULL,        -- 32 hexadecimal digits of all that was said: the same said twice is one
    granted INTEGER NOT NULL,
    wording TEXT,
    taken_by TEXT,
    how TEXT,
    source TEXT NOT NULL,           -- whose record says so; '@counter': it was said to an associate
    device_id INTEGER,
    staff_id INTEGER,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (customer_id, channel, contact, at, statement)
) WITHOUT ROWID;

-- By what an erased person is recognised who comes again: keyed hashes, the key is not in the database.
CREATE TABLE tombstones (
    mac TEXT PRIMARY KEY,           -- 64 hexadecimal digits
    erased_at TEXT NOT NULL,
    lifted INTEGER NOT NULL DEFAULT 0 -- 1: they came anew; what was said up to the erasure still does not count
) WITHOUT ROWID;

-- What was erased, by numbers that are nobody's any more.
CREATE TABLE erasures (
    customer_id INTEGER PRIMARY KEY,
    person_id INTEGER NOT NULL,
    erased_at TEXT NOT NULL,
    orders INTEGER NOT NULL,        -- that stay for the books
    scrubbed_at TEXT                -- from when on nothing is left in the file, its log and the index of words
);
CREATE INDEX erasures_person ON erasures (person_id);
CREATE INDEX erasures_unscrubbed ON erasures (customer_id) WHERE scrubbed_at IS NULL;

-- What was removed because its time was over; a night belongs to the server that holds it.
CREATE TABLE retention_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    night TEXT UNIQUE,              -- the date; null: it was started by hand
    holder TEXT NOT NULL,
    held_until TEXT NOT NULL,       -- whoever comes later takes an unfinished one over
    started_at TEXT NOT NULL,
    ended_at TEXT,
    removed TEXT NOT NULL           -- JSON {what: how many}
);

-- Whose answers may name; null: nobody's; 0: from before this was known, they go with whoever is erased first.
ALTER TABLE idempotency_keys ADD COLUMN customer_id INTEGER;
UPDATE idempotency_keys SET customer_id = 0;
CREATE INDEX idempotency_keys_customer ON idempotency_keys (customer_id) WHERE customer_id IS NOT NULL;
