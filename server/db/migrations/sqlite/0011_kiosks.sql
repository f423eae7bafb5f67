-- Customers who prove at a kiosk who they are. Tokens, codes and contacts are kept as keyed hashes.
CREATE TABLE kiosk_challenges (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id INTEGER NOT NULL,     -- the kiosk that asked: nobody else can use it
    store TEXT,
    way TEXT NOT NULL,              -- code, vouch
    contact_hash BLOB,              -- of what was typed, whoever's it is
    code_hash BLOB NOT NULL,        -- of the code that was sent, or of the digits that the kiosk shows
    customer_id INTEGER,            -- whom it lets go on; null: nobody so far, or nobody ever
    tries INTEGER NOT NULL,         -- wrong ones
    asked_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    ended_at TEXT                   -- used, or over before its time
);
CREATE INDEX kiosk_challenges_asked ON kiosk_challenges (asked_at);
CREATE INDEX kiosk_challenges_device ON kiosk_challenges (device_id, asked_at);
CREATE INDEX kiosk_challenges_contact ON kiosk_challenges (contact_hash, asked_at) WHERE contact_hash IS NOT NULL;
CREATE INDEX kiosk_challenges_waiting ON kiosk_challenges (store) WHERE way = 'vouch' AND ended_at IS NULL;
CREATE INDEX kiosk_challenges_customer ON kiosk_challenges (customer_id) WHERE customer_id IS NOT NULL;

-- Codes of shops that were used: none is good twice.
CREATE TABLE kiosk_codes (
    code_hash BLOB PRIMARY KEY,
    expires_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX kiosk_codes_expires ON kiosk_codes (expires_at);

CREATE TABLE kiosk_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL,
    device_id INTEGER NOT NULL,
    customer_id INTEGER NOT NULL,   -- 0: nobody known, who has one cart
    source TEXT,                    -- of the cart that a shop's code named, with external_id
    external_id TEXT,
    proof TEXT NOT NULL,            -- continue, code, vouch
    started_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,          -- to the minute
    ends_at TEXT NOT NULL,
    ended_at TEXT
);
CREATE INDEX kiosk_sessions_open_device ON kiosk_sessions (device_id) WHERE ended_at IS NULL;
CREATE INDEX kiosk_sessions_open_end ON kiosk_sessions (ends_at) WHERE ended_at IS NULL;
CREATE INDEX kiosk_sessions_started ON kiosk_sessions (started_at);
CREATE INDEX kiosk_sessions_customer ON kiosk_sessions (customer_id);

-- Carts that go to a till.
CREATE TABLE handoffs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    code_hash BLOB NOT NULL UNIQUE, -- of the store's code and its code
    store TEXT NOT NULL,
    customer_id INTEGER NOT NULL,   -- 0: nobody's
    cart_id INTEGER NOT NULL,
    source TEXT NOT NULL,           -- of the cart, with external_id
    external_id TEXT NOT NULL,
    state TEXT NOT NULL,            -- issued, redeemed, completed, released
    device_id INTEGER NOT NULL,     -- where it was issued
    staff_id INTEGER,               -- who issued it; null: the customer
    till_id INTEGER,                -- the device that got the lines
    issued_at TEXT NOT NULL,
    redeemed_at TEXT,
    until TEXT NOT NULL,            -- when it is released by itself
    ended_at TEXT,
    lines TEXT                      -- JSON of what the till was told
);
CREATE INDEX handoffs_open_cart ON handoffs (source, external_id) WHERE ended_at IS NULL;
CREATE INDEX handoffs_open_until ON handoffs (until) WHERE ended_at IS NULL;
CREATE INDEX handoffs_customer ON handoffs (customer_id);
