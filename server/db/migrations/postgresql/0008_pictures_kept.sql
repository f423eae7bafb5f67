-- Pictures as devices show them, in two sizes, by the hash of the large one: every server of a database has them.
DROP TABLE pictures;
CREATE TABLE pictures (
    hash TEXT COLLATE "C" NOT NULL, -- SHA-256 of the large one's content, 64 hexadecimal digits
    size TEXT COLLATE "C" NOT NULL, -- large; small, where that is another
    digest TEXT COLLATE "C" NOT NULL, -- SHA-256 of this content
    media_type TEXT COLLATE "C" NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (hash, size)
);
-- They are packed already.
ALTER TABLE pictures ALTER COLUMN content SET STORAGE EXTERNAL;

-- Where pictures come from, and what came of it.
CREATE TABLE picture_links (
    link TEXT COLLATE "C" PRIMARY KEY, -- an address; beside:SOURCE/PATH where it lies beside a feed's file
    hash TEXT COLLATE "C",          -- the picture; null: there is none yet
    etag TEXT COLLATE "C",          -- what its server called it; size and time of a file
    last_modified TEXT COLLATE "C",
    due_at TEXT COLLATE "C",        -- when it is fetched; null: never, or when its feed comes
    tries INTEGER NOT NULL DEFAULT 0, -- that failed since the last one that did not
    wanted_at TEXT COLLATE "C" NOT NULL, -- when it was last named
    run_id BIGINT,                  -- the sync that named it, and where
    line BIGINT
);
CREATE INDEX picture_links_due ON picture_links (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX picture_links_hash ON picture_links (hash) WHERE hash IS NOT NULL;
