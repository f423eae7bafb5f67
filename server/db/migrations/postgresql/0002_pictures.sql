-- Pictures by the hash of their content, and where they lie.
CREATE TABLE pictures (
    hash TEXT COLLATE "C" PRIMARY KEY, -- SHA-256, 64 hexadecimal digits
    path TEXT COLLATE "C" NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL
);
