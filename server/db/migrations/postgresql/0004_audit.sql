-- Who saw whom. Rows are only ever added. The triggers are a guard against mistakes of ours: who may change tables may
-- drop them. What an attacker does to the rows shows by their MACs, whose key is not in the database.

-- Each program that shows people writes a chain of its own. A later row of the same chain is a checkpoint: the chain
-- begins at its `first`, and what is before that may be deleted.
CREATE TABLE audit_chains (
    id TEXT COLLATE "C" NOT NULL,               -- 128 bits by chance, in hexadecimal digits
    first BIGINT NOT NULL,          -- position of its first row: 1, or more where the beginning was taken away
    program TEXT COLLATE "C" NOT NULL,          -- server, terminal
    begun_at TEXT COLLATE "C" NOT NULL,
    heads BIGINT NOT NULL,          -- how many lines the second place held by then; 0 where lines have no numbers
    heads_seal TEXT COLLATE "C" NOT NULL,       -- the seal of the last of them
    before BYTEA NOT NULL,         -- the MAC of the row before `first`; empty where that is 1
    mac BYTEA NOT NULL,
    PRIMARY KEY (id, first)
);

CREATE TABLE audit_looks (
    chain TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL,       -- 1, 2, 3 … in its chain
    at TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,             -- of the device, or terminal
    device_id BIGINT,
    staff_id BIGINT,
    why TEXT COLLATE "C" NOT NULL,
    people TEXT COLLATE "C" NOT NULL,           -- JSON [customer id, …]: whoever was shown
    request_id TEXT COLLATE "C",
    sealed BIGINT NOT NULL,         -- up to which position the second place knew of this chain by then
    mac BYTEA NOT NULL,            -- of the MAC before and this row
    PRIMARY KEY (chain, position)
);
CREATE INDEX audit_looks_at ON audit_looks (at, chain, position);

CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only';
END
$$;
CREATE FUNCTION audit_looks_remain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit_chains c WHERE c.id = OLD.chain AND c.first > OLD.position) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is append-only: only what is before a checkpoint may go';
END
$$;
CREATE TRIGGER audit_chains_stay BEFORE UPDATE OR DELETE ON audit_chains
    FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_looks_stay BEFORE UPDATE ON audit_looks
    FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER audit_looks_remain BEFORE DELETE ON audit_looks
    FOR EACH ROW EXECUTE FUNCTION audit_looks_remain();
