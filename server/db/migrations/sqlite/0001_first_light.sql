-- Times are ISO 8601 text in UTC with microseconds; money is in minor units; JSON is text.
-- Numbers that events name are never given twice (AUTOINCREMENT): an old event must not mean somebody new.
-- What is a customer's has their number in its key: an engine that spreads rows over machines keeps it together by that.

-- Which snapshot of an outside record we hold: decides what is newer, and where it landed.
CREATE TABLE snapshots (
    kind TEXT NOT NULL,             -- order, cart, wishlist
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    row_id INTEGER,                 -- null where a deletion came before the thing itself
    customer_id INTEGER,
    placed_at TEXT,                 -- of an order: its key is customer_id, placed_at and row_id
    updated_at TEXT NOT NULL,
    content_hash BLOB NOT NULL,
    deleted_at TEXT,                -- what was said up to then does not count
    PRIMARY KEY (kind, source, external_id)
) WITHOUT ROWID;

CREATE TABLE customers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    person_id INTEGER,              -- null: a person alone; else the first customer of the person, which names itself too
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    stated INTEGER NOT NULL DEFAULT 0, -- 0: a placeholder that only references speak of
    given_name TEXT,
    family_name TEXT,
    emails TEXT,                    -- JSON [{value, verified}], as phones and cards
    phones TEXT,
    cards TEXT,
    locale TEXT,
    city TEXT,
    birth_date TEXT,
    loyalty TEXT,
    consents TEXT,
    attributes TEXT,
    field_times TEXT NOT NULL DEFAULT '{}', -- JSON {time: [fields stated then]}
    deleted_at TEXT,
    redacted_at TEXT,
    preferences TEXT,               -- JSON, set by associates
    has INTEGER NOT NULL DEFAULT 0  -- bits for tables where something of theirs may be; not set: there is nothing
);
CREATE INDEX customers_person ON customers (person_id) WHERE person_id IS NOT NULL;

-- Who a source means by an id of its own.
CREATE TABLE customer_keys (
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    customer_id INTEGER NOT NULL,
    PRIMARY KEY (source, external_id)
) WITHOUT ROWID;

-- Who can be meant by a card, e-mail or phone.
CREATE TABLE identities (
    kind TEXT NOT NULL,             -- card, email, phone
    value TEXT NOT NULL,
    customer_id INTEGER NOT NULL,
    verified INTEGER NOT NULL,
    PRIMARY KEY (kind, value, customer_id)
) WITHOUT ROWID;

-- Contacts that other records name for a customer: they find a placeholder's person, and suggest joins. The contact
-- that a guest is known by is not among them: it is their external_id.
CREATE TABLE customer_references (
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    customer_id INTEGER NOT NULL,
    record_kind TEXT NOT NULL,
    record_source TEXT NOT NULL,
    record_external_id TEXT NOT NULL,
    PRIMARY KEY (kind, value, customer_id, record_kind, record_source, record_external_id)
) WITHOUT ROWID;
CREATE INDEX customer_references_customer ON customer_references (customer_id);
CREATE INDEX customer_references_record ON customer_references (record_kind, record_source, record_external_id);

-- The words a customer is found by, and the words of names and towns that a misspelt one is corrected to.
CREATE TABLE customer_words (
    customer_id INTEGER PRIMARY KEY,
    words TEXT NOT NULL
);
CREATE VIRTUAL TABLE customer_words_index USING fts5 (
    words, content='customer_words', content_rowid='customer_id', detail=none, columnsize=0,
    prefix='1 2 3 4 5 6 7 8 9 10', tokenize="unicode61 remove_diacritics 0"
);
-- The index keeps no words of its own: it must be told the very ones that it was told before.
CREATE TRIGGER customer_words_added AFTER INSERT ON customer_words BEGIN
    INSERT INTO customer_words_index (rowid, words) VALUES (new.customer_id, new.words);
END;
CREATE TRIGGER customer_words_removed AFTER DELETE ON customer_words BEGIN
    INSERT INTO customer_words_index (customer_words_index, rowid, words)
    VALUES ('delete', old.customer_id, old.words);
END;
CREATE TRIGGER customer_words_changed AFTER UPDATE ON customer_words BEGIN
    INSERT INTO customer_words_index (customer_words_index, rowid, words)
    VALUES ('delete', old.customer_id, old.words);
    INSERT INTO customer_words_index (rowid, words) VALUES (new.customer_id, new.words);
END;
CREATE TABLE vocabulary (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    word TEXT NOT NULL UNIQUE
);

CREATE TABLE notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    author TEXT,
    written_at TEXT NOT NULL,
    UNIQUE (customer_id, id)
);

CREATE TABLE views (
    customer_id INTEGER NOT NULL,
    viewed_at TEXT NOT NULL,
    sku TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (customer_id, viewed_at, sku, source)
) WITHOUT ROWID;

-- A customer's orders lie together, the latest last, each with its lines: showing them reads one page or two.
CREATE TABLE orders (
    customer_id INTEGER NOT NULL,   -- 0: nobody's
    placed_at TEXT NOT NULL,
    id INTEGER NOT NULL,            -- from order_ids
    store TEXT,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    number TEXT NOT NULL,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    total INTEGER NOT NULL,
    lines TEXT NOT NULL,            -- JSON, as the record states them
    PRIMARY KEY (customer_id, placed_at, id)
) WITHOUT ROWID;
CREATE INDEX orders_store ON orders (store, placed_at) WHERE store IS NOT NULL AND customer_id <> 0;
-- Tickets of nobody are many and their numbers alike: whoever looks for people by the beginning of one passes them by.
CREATE INDEX orders_number ON orders (number) WHERE customer_id <> 0;
CREATE INDEX orders_number_of_nobody ON orders (number) WHERE customer_id = 0;

-- The last id that an order was given: events name orders by it, so none is given twice.
CREATE TABLE order_ids (
    last INTEGER NOT NULL
);
INSERT INTO order_ids VALUES (0);

CREATE TABLE carts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL,   -- 0: nobody's
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    status TEXT NOT NULL,
    currency TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (customer_id, id)
);

CREATE TABLE cart_lines (
    customer_id INTEGER NOT NULL,
    cart_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    line_id TEXT,
    sku TEXT NOT NULL,
    title TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    unit_price INTEGER NOT NULL,
    PRIMARY KEY (customer_id, cart_id, position)
) WITHOUT ROWID;

CREATE TABLE wishlists (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    customer_id INTEGER NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    name TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (customer_id, id)
);

CREATE TABLE wishlist_items (
    customer_id INTEGER NOT NULL,
    wishlist_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    sku TEXT NOT NULL,
    added_at TEXT NOT NULL,
    PRIMARY KEY (customer_id, wishlist_id, position)
) WITHOUT ROWID;

CREATE TABLE stores (
    code TEXT PRIMARY KEY,
    name TEXT,
    city TEXT,
    time_zone TEXT,
    country TEXT,
    address TEXT,
    latitude REAL,
    longitude REAL,
    opening_hours TEXT,
    field_times TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE products (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    title TEXT,
    description TEXT,
    brand TEXT,
    category TEXT,
    picture TEXT,
    variants TEXT,                  -- JSON as stated; the rows of variants are made from it
    field_times TEXT NOT NULL,
    deleted_at TEXT,
    UNIQUE (source, external_id)
);

-- Complete lines for carts and histories: title, brand and picture of the product are copied in where the variant has none.
CREATE TABLE variants (
    product_id INTEGER NOT NULL,
    sku TEXT NOT NULL,
    position INTEGER NOT NULL,
    gtin TEXT,                      -- 14 digits
    title TEXT NOT NULL,
    options TEXT NOT NULL,
    price INTEGER NOT NULL,
    sale_price INTEGER,
    currency TEXT NOT NULL,
    picture TEXT,
    brand TEXT,
    availability TEXT,
    stated_at TEXT NOT NULL,        -- of two products that claim one SKU the later statement counts
    PRIMARY KEY (sku, product_id)
) WITHOUT ROWID;
CREATE INDEX variants_gtin ON variants (gtin) WHERE gtin IS NOT NULL;
CREATE INDEX variants_product ON variants (product_id, position);

CREATE TABLE stock (
    sku TEXT NOT NULL,
    store TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    updated_at TEXT NOT NULL,
    source TEXT NOT NULL,
    PRIMARY KEY (sku, store)
) WITHOUT ROWID;

-- Every change, in the order of commits; live streams and the outbox read on from an id.
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    customer_id INTEGER,
    store TEXT,
    body TEXT NOT NULL
);

CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    answer TEXT NOT NULL,
    answered_at TEXT NOT NULL,
    PRIMARY KEY (caller, key)
) WITHOUT ROWID;

CREATE TABLE refused_records (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    origin TEXT NOT NULL,
    line INTEGER NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    text_hash BLOB NOT NULL UNIQUE, -- the same line twice is kept once
    refused_at TEXT NOT NULL
);
