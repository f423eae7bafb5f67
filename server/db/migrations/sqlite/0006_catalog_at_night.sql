-- Which catalogue is shown: that of the newest row. A sync writes its rows for a generation that is not there yet, and
-- then adds its row here: that is the switch.
CREATE TABLE catalog_generations (
    generation INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL,
    at TEXT NOT NULL
);

-- Whose feeds come.
CREATE TABLE catalog_sources (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL UNIQUE,
    stated_at TEXT, -- when the newest feed that counts was true: so old is what a feed says of a product at least
    address TEXT, -- where it came from, if from the network, and what that server called it
    etag TEXT,
    last_modified TEXT,
    has_pictures INTEGER NOT NULL DEFAULT 0 -- 1: pictures lie beside its feed
);

-- Every time a feed was taken, or was to be. There is one at a time, over all servers.
CREATE TABLE catalog_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    feed TEXT NOT NULL,
    state TEXT NOT NULL,
    holder TEXT NOT NULL, -- the program that does it
    heard_at TEXT NOT NULL, -- when it was last heard of
    report TEXT NOT NULL -- JSON: what is answered of it
);
CREATE UNIQUE INDEX catalog_runs_running ON catalog_runs (state) WHERE state = 'running';

CREATE TABLE catalog_rejects (
    run_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    line INTEGER NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (run_id, number)
) WITHOUT ROWID;

-- The number of a product, whatever is said of it.
CREATE TABLE product_ids (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    UNIQUE (source, external_id)
);
INSERT INTO product_ids (id, source, external_id) SELECT id, source, external_id FROM products;

-- A row counts in the generations from `since` to `until`, both included; the largest number: for good.
ALTER TABLE products RENAME TO products_before;
CREATE TABLE products (
    id INTEGER NOT NULL,
    since INTEGER NOT NULL DEFAULT 0,
    until INTEGER NOT NULL DEFAULT 9223372036854775807,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    title TEXT,
    description TEXT,
    brand TEXT,
    category TEXT,
    picture TEXT,
    variants TEXT, -- JSON as stated by a record; of a feed's there are the rows of variants alone
    field_times TEXT NOT NULL,
    deleted_at TEXT,
    PRIMARY KEY (id, since)
);
INSERT INTO products (id, source, external_id, title, description, brand, category, picture, variants, field_times, deleted_at)
SELECT id, source, external_id, title, description, brand, category, picture, variants, field_times, deleted_at
FROM products_before;
DROP TABLE products_before;
CREATE INDEX products_ended ON products (until) WHERE until < 9223372036854775807;

-- Complete lines for carts and histories: title, brand and picture of the product are copied in where the variant has none.
DROP INDEX variants_gtin;
DROP INDEX variants_product;
ALTER TABLE variants RENAME TO variants_before;
CREATE TABLE variants (
    product_id INTEGER NOT NULL,
    sku TEXT NOT NULL,
    since INTEGER NOT NULL DEFAULT 0,
    until INTEGER NOT NULL DEFAULT 9223372036854775807,
    feed INTEGER, -- the source whose feed has it, see catalog_sources
    row_hash INTEGER, -- of the feed's row, where the newest feed says just this
    position INTEGER NOT NULL,
    gtin TEXT, -- 14 digits
    title TEXT NOT NULL,
    options TEXT NOT NULL,
    price INTEGER NOT NULL,
    sale_price INTEGER,
    currency TEXT NOT NULL,
    picture TEXT,
    brand TEXT,
    availability TEXT, -- 'discontinued': no feed has it any more
    stated_at TEXT NOT NULL, -- of two products that claim one SKU the later statement counts
    PRIMARY KEY (sku, product_id, since)
) WITHOUT ROWID;
INSERT INTO variants (product_id, sku, position, gtin, title, options, price, sale_price, currency, picture, brand,
    availability, stated_at)
SELECT product_id, sku, position, gtin, title, options, price, sale_price, currency, picture, brand, availability, stated_at
FROM variants_before;
DROP TABLE variants_before;
CREATE INDEX variants_gtin ON variants (gtin) WHERE gtin IS NOT NULL;
CREATE INDEX variants_product ON variants (product_id, position);
CREATE INDEX variants_ended ON variants (until) WHERE until < 9223372036854775807;
