-- How far each shop was told what happened here that it must know, in order, by one server at a time.
CREATE TABLE outbox (
    source TEXT COLLATE "C" PRIMARY KEY,
    position BIGINT NOT NULL, -- the last event that the shop took, or that it need not know
    holder TEXT COLLATE "C" NOT NULL DEFAULT '', -- the server that is at it
    until TEXT COLLATE "C" NOT NULL DEFAULT '', -- when that one counts as gone
    tries INTEGER NOT NULL DEFAULT 0, -- of the next message, none of which was taken
    next_at TEXT COLLATE "C" NOT NULL DEFAULT '', -- when it is tried again
    since TEXT COLLATE "C", -- when it was tried first
    trouble TEXT COLLATE "C" -- why it was not taken the last time
);
