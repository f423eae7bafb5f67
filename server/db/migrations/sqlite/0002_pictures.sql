-- Pictures by the hash of their content, and where they lie.
CREATE TABLE pictures (
    hash TEXT PRIMARY KEY,          -- SHA-256, 64 hexadecimal digits
    path TEXT NOT NULL,
    media_type TEXT NOT NULL
) WITHOUT ROWID;
