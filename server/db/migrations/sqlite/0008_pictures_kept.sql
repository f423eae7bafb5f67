-- Pictures as devices show them, in two sizes, by the hash of the large one: every server of a database has them.
DROP TABLE pictures;
CREATE TABLE pictures (
    hash TEXT NOT NULL,             -- SHA-256 of the large one's content, 64 hexadecimal digits
    size TEXT NOT NULL,             -- large; small, where that is another
    digest TEXT NOT NULL,           -- SHA-256 of this content
    media_type TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (hash, size)
);

-- Where pictures come from, and what came of it.
CREATE TABLE picture_links (
    link TEXT PRIMARY KEY,          -- an address; beside:SOURCE/PATH where it lies beside a feed's file
    hash TEXT,                      -- the picture; null: there is none yet
    etag TEXT,                      -- what its server called it; size and time of a file
    last_modified TEXT,
    due_at TEXT,                    -- when it is fetched; null: never, or when its feed comes
    tries INTEGER NOT NULL DEFAULT 0, -- that failed since the last one that did not
    wanted_at TEXT NOT NULL,        -- when it was last named
    run_id INTEGER,                 -- the sync that named it, and where
    line INTEGER
) WITHOUT ROWID;
CREATE INDEX picture_links_due ON picture_links (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX picture_links_hash ON picture_links (hash) WHERE hash IS NOT NULL;
