-- Who saw whom. Rows are only ever added. The triggers are a guard against mistakes of ours: who may change tables may
-- drop them. What an attacker does to the rows shows by their MACs, whose key is not in the database.

-- Each program that shows people writes a chain of its own. A later row of the same chain is a checkpoint: the chain
-- begins at its `first`, and what is before that may be deleted.
CREATE TABLE audit_chains (
    id TEXT NOT NULL,               -- 128 bits by chance, in hexadecimal digits
    first INTEGER NOT NULL,          -- position of its first row: 1, or more where the beginning was taken away
    program TEXT NOT NULL,          -- server, terminal
    begun_at TEXT NOT NULL,
    heads INTEGER NOT NULL,          -- how many lines the second place held by then; 0 where lines have no numbers
    heads_seal TEXT NOT NULL,       -- the seal of the last of them
    before BLOB NOT NULL,         -- the MAC of the row before `first`; empty where that is 1
    mac BLOB NOT NULL,
    PRIMARY KEY (id, first)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_looks (
    chain TEXT NOT NULL,
    position INTEGER NOT NULL,       -- 1, 2, 3 … in its chain
    at TEXT NOT NULL,
    kind TEXT NOT NULL,             -- of the device, or terminal
    device_id INTEGER,
    staff_id INTEGER,
    why TEXT NOT NULL,
    people TEXT NOT NULL,           -- JSON [customer id, …]: whoever was shown
    request_id TEXT,
    sealed INTEGER NOT NULL,         -- up to which position the second place knew of this chain by then
    mac BLOB NOT NULL,            -- of the MAC before and this row
    PRIMARY KEY (chain, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_looks_at ON audit_looks (at, chain, position);

CREATE TRIGGER audit_chains_stay BEFORE UPDATE ON audit_chains
BEGIN
    SELECT raise(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER audit_chains_remain BEFORE DELETE ON audit_chains
BEGIN
    SELECT raise(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER audit_looks_stay BEFORE UPDATE ON audit_looks
BEGIN
    SELECT raise(ABORT, 'the audit is append-only');
END;
CREATE TRIGGER audit_looks_remain BEFORE DELETE ON audit_looks
WHEN NOT EXISTS (SELECT 1 FROM audit_chains c WHERE c.id = OLD.chain AND c.first > OLD.position)
BEGIN
    SELECT raise(ABORT, 'the audit is append-only: only what is before a checkpoint may go');
END;
