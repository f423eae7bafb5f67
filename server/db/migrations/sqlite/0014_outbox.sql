-- How far each shop was told what happened here that it must know, in order, by one server at a time.
CREATE TABLE outbox (
    source TEXT PRIMARY KEY,
    position INTEGER NOT NULL, -- the last event that the shop took, or that it need not know
    holder TEXT NOT NULL DEFAULT '', -- the server that is at it
    until TEXT NOT NULL DEFAULT '', -- when that one counts as gone
    tries INTEGER NOT NULL DEFAULT 0, -- of the next message, none of which was taken
    next_at TEXT NOT NULL DEFAULT '', -- when it is tried again
    since TEXT, -- when it was tried first
    trouble TEXT -- why it was not taken the last time
) WITHOUT ROWID;
