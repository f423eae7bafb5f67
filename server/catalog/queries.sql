-- name: generation()^
-- The generation that is shown.
SELECT coalesce(max(generation), 0) FROM catalog_generations;

-- name: product_versions(source, external_id)
-- What is stated of a product: as it is shown, and as the next generation has it where that differs.
SELECT i.id, p.since, p.title, p.description, p.brand, p.category, p.picture, p.variants, p.field_times, p.deleted_at
FROM product_ids i LEFT JOIN products p ON p.id = i.id
    AND p.until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations)
WHERE i.source = :source AND i.external_id = :external_id ORDER BY p.since;

-- name: feed_of(product_id)^
-- The time of the feed that says what is shown of a product.
SELECT s.stated_at FROM variants v JOIN catalog_sources s ON s.id = v.feed
WHERE v.product_id = :product_id AND v.row_hash IS NOT NULL LIMIT 1;

-- name: add_product_id(source, external_id)^
-- Give a new product its number.
INSERT INTO product_ids (source, external_id) VALUES (:source, :external_id) RETURNING id;

-- name: drop_product(id)!
-- Take a product away as it is shown and as it will be, before it is written anew.
DELETE FROM products WHERE id = :id AND until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations);

-- name: add_product(id, since, until, source, external_id, title, description, brand, category, picture, variants, field_times, deleted_at)*!
-- Keep a product for some generations.
INSERT INTO products (id, since, until, source, external_id, title, description, brand, category, picture, variants,
    field_times, deleted_at)
VALUES (:id, :since, :until, :source, :external_id, :title, :description, :brand, :category, :picture, :variants,
    :field_times, :deleted_at);

-- name: rows_of(product_id)
-- Every row of a product's variants that is shown or will be, whole.
SELECT product_id, sku, since, until, feed, row_hash, position, gtin, title, options, price, sale_price, currency, picture,
    brand, availability, stated_at
FROM variants WHERE product_id = :product_id
    AND until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations)
ORDER BY position;

-- name: drop_rows(product_id)!
-- Take those rows away, before they are written anew.
DELETE FROM variants WHERE product_id = :product_id
    AND until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations);

-- name: add_variant(product_id, sku, since, until, feed, row_hash, position, gtin, title, options, price, sale_price, currency, picture, brand, availability, stated_at)*!
-- Keep a variant, complete, for some generations.
INSERT INTO variants (product_id, sku, since, until, feed, row_hash, position, gtin, title, options, price, sale_price,
    currency, picture, brand, availability, stated_at)
VALUES (:product_id, :sku, :since, :until, :feed, :row_hash, :position, :gtin, :title, :options, :price, :sale_price,
    :currency, :picture, :brand, :availability, :stated_at);

-- name: product(id)^
-- A product as it is shown.
SELECT id, source, external_id, title, description, brand, category, picture FROM products
WHERE id = :id AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until;

-- name: variants_of(product_id)
-- A product's variants in the order their source lists them, those that no feed has any more at the end.
SELECT sku, product_id, title, options, price, sale_price, currency, picture, brand, availability, gtin
FROM variants WHERE product_id = :product_id
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until
ORDER BY coalesce(availability, '') = 'discontinued', position, sku;

-- name: product_of_sku(sku)^
-- The product whose statement of an SKU is the latest; what no feed has any more counts where nothing else does.
SELECT v.product_id, v.sku FROM variants v JOIN product_ids p ON p.id = v.product_id
WHERE v.sku = :sku AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until
ORDER BY coalesce(v.availability, '') = 'discontinued', v.stated_at DESC, p.source, p.external_id LIMIT 1;

-- name: product_of_gtin(gtin)^
-- The same for the product and SKU of a GTIN.
SELECT v.product_id, v.sku FROM variants v JOIN product_ids p ON p.id = v.product_id
WHERE v.gtin = :gtin AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until
ORDER BY coalesce(v.availability, '') = 'discontinued', v.stated_at DESC, p.source, p.external_id, v.position LIMIT 1;

-- name: put_stock(sku, store, quantity, updated_at, source)!
-- Keep a stock statement if it is newer than the one we hold.
INSERT INTO stock (sku, store, quantity, updated_at, source) VALUES (:sku, :store, :quantity, :updated_at, :source)
ON CONFLICT (sku, store) DO UPDATE SET
    quantity = excluded.quantity, updated_at = excluded.updated_at, source = excluded.source;

-- name: stock_of(sku, store)^
-- What a store has of an article.
SELECT quantity, updated_at, source FROM stock WHERE sku = :sku AND store = :store;

-- name: keep_picture(hash, path, media_type)!
-- Keep where a picture lies.
INSERT INTO pictures (hash, path, media_type) VALUES (:hash, :path, :media_type)
ON CONFLICT (hash) DO UPDATE SET path = excluded.path, media_type = excluded.media_type;

-- name: picture(hash)^
-- Where a picture lies.
SELECT path, media_type FROM pictures WHERE hash = :hash;

-- name: add_source(source)!
-- Know whose feeds come.
INSERT INTO catalog_sources (source) VALUES (:source) ON CONFLICT (source) DO NOTHING;

-- name: source(source)^
-- A source of feeds, and where its newest feed came from.
SELECT id, has_pictures, address, etag, last_modified FROM catalog_sources WHERE source = :source;

-- name: set_source(id, stated_at, address, etag, last_modified, has_pictures)!
-- Keep when the newest feed was true, and where it came from.
UPDATE catalog_sources SET stated_at = :stated_at, address = :address, etag = :etag, last_modified = :last_modified,
    has_pictures = :has_pictures
WHERE id = :id;

-- name: count_products(source)^
-- How many products a source ever had.
SELECT count(*) FROM product_ids WHERE source = :source;

-- name: known_rows(feed, sku, product_id, limit)
-- What a feed brought and is shown, some at a time.
SELECT row_hash, product_id, sku FROM variants
WHERE (sku, product_id) > (:sku, :product_id) AND feed = :feed AND coalesce(availability, '') <> 'discontinued'
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until
ORDER BY sku, product_id LIMIT :limit;

-- name: unwritten_variants(sku, product_id, limit)
-- Rows of a generation that never came, some at a time.
SELECT sku, product_id, since FROM variants
WHERE (sku, product_id) > (:sku, :product_id)
    AND since > (SELECT coalesce(max(generation), 0) FROM catalog_generations)
ORDER BY sku, product_id LIMIT :limit;

-- name: unwritten_products(id, limit)
-- Products of a generation that never came, some at a time.
SELECT id, since FROM products
WHERE id > :id AND since > (SELECT coalesce(max(generation), 0) FROM catalog_generations)
ORDER BY id LIMIT :limit;

-- name: drop_variant(sku, product_id, since)*!
-- Take a row away.
DELETE FROM variants WHERE sku = :sku AND product_id = :product_id AND since = :since;

-- name: drop_version(id, since)*!
-- Take a product away as some generations have it.
DELETE FROM products WHERE id = :id AND since = :since;

-- name: end_variant(sku, product_id, since, until)*!
-- Let a row count up to a generation.
UPDATE variants SET until = :until WHERE sku = :sku AND product_id = :product_id AND since = :since;

-- name: end_version(id, since, until)*!
-- Let a product count up to a generation as it is.
UPDATE products SET until = :until WHERE id = :id AND since = :since;

-- name: set_row_hash(sku, product_id, since, feed, row_hash)*!
-- Keep that the newest feed says just this in other words.
UPDATE variants SET feed = :feed, row_hash = :row_hash WHERE sku = :sku AND product_id = :product_id AND since = :since;

-- name: ended_variants(least, most, limit)
-- Rows whose last generation is one of these.
SELECT sku, product_id, since FROM variants
WHERE until < 9223372036854775807 AND until BETWEEN :least AND :most LIMIT :limit;

-- name: ended_products(least, most, limit)
-- Products whose last generation is one of these.
SELECT id, since FROM products WHERE until < 9223372036854775807 AND until BETWEEN :least AND :most LIMIT :limit;

-- name: add_generation(generation, run_id, at)!
-- Switch.
INSERT INTO catalog_generations (generation, run_id, at) VALUES (:generation, :run_id, :at);

-- name: running()^
-- The run that is under way.
SELECT id, holder, heard_at, report FROM catalog_runs WHERE state = 'running';

-- name: add_run(source, feed, holder, heard_at, report)^
-- Begin a run.
INSERT INTO catalog_runs (source, feed, state, holder, heard_at, report)
VALUES (:source, :feed, 'running', :holder, :heard_at, :report) RETURNING id;

-- name: set_run(id, state, heard_at, report)!
-- Keep how far a run is.
UPDATE catalog_runs SET state = :state, heard_at = :heard_at, report = :report WHERE id = :id AND state = 'running';

-- name: hold_run(id, holder, heard_at)!
-- Go on with a run that another program began.
UPDATE catalog_runs SET holder = :holder, heard_at = :heard_at WHERE id = :id AND state = 'running';

-- name: run(id)^
-- A run.
SELECT report, state, holder FROM catalog_runs WHERE id = :id;

-- name: runs(limit)
-- The latest runs.
SELECT report, state, holder FROM catalog_runs ORDER BY id DESC LIMIT :limit;

-- name: add_reject(run_id, number, line, field, value, rule)*!
-- Keep a row that was refused.
INSERT INTO catalog_rejects (run_id, number, line, field, value, rule)
VALUES (:run_id, :number, :line, :field, :value, :rule);

-- name: rejects(run_id, after, limit)
-- Rows that a run refused, some at a time.
SELECT number, line, field, value, rule FROM catalog_rejects
WHERE run_id = :run_id AND number > :after ORDER BY number LIMIT :limit;

-- name: forget_rejects(run_id, limit)!
-- Let go of what runs before one refused, some at a time.
DELETE FROM catalog_rejects WHERE (run_id, number) IN (
    SELECT run_id, number FROM catalog_rejects WHERE run_id < :run_id ORDER BY run_id, number LIMIT :limit);

-- name: words_held(product_id)
-- What a product is found by, as it is shown and as it will be.
SELECT since, until, words FROM product_words WHERE product_id = :product_id
    AND until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations) ORDER BY since;

-- name: add_words(product_id, since, until, words)*!
-- Let a product be found by words for some generations.
INSERT INTO product_words (product_id, since, until, words) VALUES (:product_id, :since, :until, :words);

-- name: end_words(product_id, until)*!
-- Let a product be found by the words that it is found by now up to a generation.
UPDATE product_words SET until = :until WHERE product_id = :product_id AND :until BETWEEN since AND until;

-- name: drop_words_of(product_id)!
-- Take away what a product is found by as it is shown and as it will be, before it is written anew.
DELETE FROM product_words WHERE product_id = :product_id
    AND until >= (SELECT coalesce(max(generation), 0) FROM catalog_generations);

-- name: unwritten_words(id, limit)
-- What products would have been found by in a generation that never came, some at a time.
SELECT id, words FROM product_words
WHERE id > :id AND since > (SELECT coalesce(max(generation), 0) FROM catalog_generations)
ORDER BY id LIMIT :limit;

-- name: ended_words(least, most, limit)
-- What products were found by up to one of these generations.
SELECT id, words FROM product_words WHERE until < 9223372036854775807 AND until BETWEEN :least AND :most LIMIT :limit;

-- name: drop_words(id)*!
-- Find a product by these words no more.
DELETE FROM product_words WHERE id = :id;

-- name: keep_words(id, until)*!
-- Let words count up to a generation.
UPDATE product_words SET until = :until WHERE id = :id;

-- name: add_spoken(word)*!
-- A word that misspelt ones can be corrected to.
INSERT INTO product_vocabulary (word) VALUES (:word) ON CONFLICT DO NOTHING;

-- name: remove_spoken(word)*!
-- No product has this word any more.
DELETE FROM product_vocabulary WHERE word = :word;

-- name: spoken_after(id)
-- Words that came after one.
SELECT id, word FROM product_vocabulary WHERE id > :id ORDER BY id;

-- name: spoken_size()^
-- How many words there are, and the last one's id.
SELECT count(*), coalesce(max(id), 0) FROM product_vocabulary;

-- name: words_due(after, limit)
-- Products that have no words yet, some at a time.
SELECT product_id FROM product_words_due WHERE product_id > :after ORDER BY product_id LIMIT :limit;

-- name: drop_due(product_id)*!
-- A product has its words.
DELETE FROM product_words_due WHERE product_id = :product_id;

-- name: skus_from(first, last, limit)
-- Variants whose SKUs lie between two.
SELECT sku, product_id FROM variants WHERE sku >= :first AND sku <= :last
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until
ORDER BY sku LIMIT :limit;

-- name: gtins_from(first, last, limit)
-- Variants whose GTINs lie between two.
SELECT sku, product_id FROM variants WHERE gtin >= :first AND gtin <= :last
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until
ORDER BY gtin LIMIT :limit;
