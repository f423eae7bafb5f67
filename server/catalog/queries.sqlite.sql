-- name: items(skus)
-- The articles of a JSON list of SKUs.
SELECT v.sku, v.product_id, v.title, v.options, v.price, v.sale_price, v.currency, l.hash, v.brand, v.availability
FROM variants v LEFT JOIN picture_links l ON l.link = v.picture WHERE v.sku IN (SELECT value FROM json_each(:skus))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until;

-- name: items_in_order(skus)
-- The same; of two products that claim one SKU the later statement comes last, after what no feed has any more.
SELECT v.sku, v.product_id, v.title, v.options, v.price, v.sale_price, v.currency, l.hash, v.brand, v.availability
FROM variants v JOIN product_ids p ON p.id = v.product_id LEFT JOIN picture_links l ON l.link = v.picture
WHERE v.sku IN (SELECT value FROM json_each(:skus))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until
ORDER BY coalesce(v.availability, '') <> 'discontinued', v.stated_at, p.source DESC, p.external_id DESC;

-- name: stock(skus, store)
-- What a store has of a JSON list of SKUs, and the others that have some.
SELECT k.sku, k.store, coalesce(s.name, k.store), k.quantity, max(k.updated_at, coalesce(c.counted_at, ''))
FROM stock k LEFT JOIN stores s ON s.code = k.store LEFT JOIN stock_counts c ON c.store = k.store
WHERE k.sku IN (SELECT value FROM json_each(:skus))
    AND (k.quantity > 0 OR k.store = :store) ORDER BY k.quantity DESC, k.store;

-- name: put_counted(rows, store, updated_at, source)!
-- Keep what a count says of a JSON list of SKUs and quantities, but for those of which something newer is known.
INSERT INTO stock (sku, store, quantity, updated_at, source)
SELECT json_extract(value, '$[0]'), :store, json_extract(value, '$[1]'), :updated_at, :source FROM json_each(:rows)
WHERE true ON CONFLICT (sku, store) DO UPDATE SET
    quantity = excluded.quantity, updated_at = excluded.updated_at, source = excluded.source
WHERE (excluded.updated_at, excluded.quantity, excluded.source) > (stock.updated_at, stock.quantity, stock.source);

-- name: add_product_ids(source, external_ids)!
-- Give those of a JSON list of products their numbers that have none.
INSERT INTO product_ids (source, external_id) SELECT :source, value FROM json_each(:external_ids)
WHERE true ON CONFLICT (source, external_id) DO NOTHING;

-- name: ids_of(source, external_ids)
-- The numbers of a JSON list of products.
SELECT external_id, id FROM product_ids
WHERE source = :source AND external_id IN (SELECT value FROM json_each(:external_ids));

-- name: products_of(ids)
-- A JSON list of products as they are shown.
SELECT p.id, p.since, p.external_id, p.title, p.description, p.brand, p.category, p.picture, p.variants, p.field_times,
    p.deleted_at
FROM products p WHERE p.id IN (SELECT value FROM json_each(:ids))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN p.since AND p.until;

-- name: rows_shown(ids)
-- The variants of a JSON list of products as they are shown, whole.
SELECT product_id, sku, since, until, feed, row_hash, position, gtin, title, options, price, sale_price, currency, picture,
    brand, availability, stated_at
FROM variants WHERE product_id IN (SELECT value FROM json_each(:ids))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until;

-- name: hashes_of(ids)
-- The hashes of the rows of a JSON list of products, where a feed says just these.
SELECT row_hash FROM variants WHERE product_id IN (SELECT value FROM json_each(:ids)) AND row_hash IS NOT NULL
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until;

-- name: held_rows(skus, feed)
-- Those of a JSON list of SKUs that a feed brought and that are shown, with what is said of their products.
SELECT v.product_id, v.sku, v.since, v.until, v.feed, v.row_hash, v.position, v.gtin, v.title, v.options, v.price, v.sale_price,
    v.currency, v.picture, v.brand, v.availability, p.external_id, p.title, p.description, p.brand, p.category, p.picture,
    p.field_times, p.deleted_at, CASE WHEN p.variants IS NULL THEN 0 ELSE 1 END
FROM variants v JOIN products p ON p.id = v.product_id
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN p.since AND p.until
WHERE v.sku IN (SELECT value FROM json_each(:skus)) AND v.feed = :feed
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until;

-- name: new_ids(source, external_ids)
-- The numbers of those of a JSON list of products of which nobody said anything.
SELECT i.external_id, i.id FROM product_ids i
WHERE i.source = :source AND i.external_id IN (SELECT value FROM json_each(:external_ids))
    AND NOT EXISTS (SELECT 1 FROM products p WHERE p.id = i.id);

-- name: coming_rows(ids, since)
-- What a run wrote of a JSON list of products for the generation that comes.
SELECT sku, product_id, since, row_hash FROM variants WHERE product_id IN (SELECT value FROM json_each(:ids)) AND since = :since;

-- name: coming_versions(ids, since)
-- Those of a JSON list of products that a run wrote for the generation that comes.
SELECT id FROM products WHERE id IN (SELECT value FROM json_each(:ids)) AND since = :since;

-- name: coming_of_skus(skus, since)
-- The hashes of what a run wrote of a JSON list of SKUs for the generation that comes.
SELECT sku, row_hash FROM variants WHERE sku IN (SELECT value FROM json_each(:skus)) AND since = :since;
-- name: find_words(words, limit)
-- Products that are shown and have all words of an expression.
SELECT w.product_id FROM product_words_index i CROSS JOIN product_words w ON w.id = i.rowid
WHERE product_words_index MATCH :words
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN w.since AND w.until
ORDER BY i.rowid LIMIT :limit;

-- name: any_words(words)^
-- Has any product all words of an expression, in whichever generation?
SELECT rowid FROM product_words_index WHERE product_words_index MATCH :words LIMIT 1;

-- name: spoken_among(words)
-- Those of a JSON list of words that misspelt ones can be corrected to.
SELECT word FROM product_vocabulary WHERE word IN (SELECT value FROM json_each(:words));

-- name: found_products(ids)
-- What is shown of a JSON list of products that were looked for.
SELECT id, title, brand, category FROM products WHERE id IN (SELECT value FROM json_each(:ids))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until;

-- name: found_variants(ids)
-- The variants of a JSON list of products in the order their sources list them.
SELECT v.product_id, v.sku, v.title, v.options, v.price, v.sale_price, v.currency, l.hash, v.brand, v.availability, v.gtin
FROM variants v LEFT JOIN picture_links l ON l.link = v.picture WHERE v.product_id IN (SELECT value FROM json_each(:ids))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until
ORDER BY v.product_id, v.position, v.sku;

-- name: coming_words(ids, since)
-- What a JSON list of products will be found by in the generation that comes.
SELECT id, words FROM product_words WHERE product_id IN (SELECT value FROM json_each(:ids)) AND since = :since;

-- name: last_words(ids, until)
-- What a JSON list of products is found by for the last time in a generation.
SELECT id FROM product_words WHERE product_id IN (SELECT value FROM json_each(:ids)) AND until = :until;

-- name: some_here(skus, store)
-- Those of a JSON list of SKUs that a store has.
SELECT sku FROM stock WHERE sku IN (SELECT value FROM json_each(:skus)) AND store = :store AND quantity > 0;
