-- Stores whose stock was counted as a whole. Single statements that are older than `stated_at` count no more. All that is
-- known of the store was so at `counted_at`, and what is not known of it is not there.
CREATE TABLE stock_counts (
    store TEXT COLLATE "C" PRIMARY KEY,
    source TEXT COLLATE "C" NOT NULL, -- whose count it is
    holder TEXT COLLATE "C" NOT NULL, -- the program that takes it: of two the later one
    stated_at TEXT COLLATE "C" NOT NULL, -- when the newest count was true that was begun
    counted_at TEXT COLLATE "C" -- the same of the newest that came to its end
);
CREATE INDEX stock_store ON stock (store, sku);

-- Nights in which servers took the catalogue by themselves, each taken by one of them.
CREATE TABLE catalog_nights (
    night TEXT COLLATE "C" PRIMARY KEY, -- its date, where the company is
    due_at TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL, -- 'running', 'waiting' for another try, 'done', 'held', 'failed'
    holder TEXT COLLATE "C" NOT NULL, -- the server that is at it
    until TEXT COLLATE "C" NOT NULL, -- running: when it counts as dead; waiting: when it is tried again
    tries INTEGER NOT NULL,
    detail TEXT COLLATE "C"
);

-- What an operator must hear of, until their address took it.
CREATE TABLE catalog_alarms (
    id TEXT COLLATE "C" PRIMARY KEY,
    raised_at TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL, -- JSON, as it is sent
    tries INTEGER NOT NULL,
    next_at TEXT COLLATE "C" -- when it is sent again; nothing: it was taken, or given up
);
CREATE INDEX catalog_alarms_next ON catalog_alarms (next_at) WHERE next_at IS NOT NULL;
