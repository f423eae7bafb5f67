-- name: items(skus)
-- The articles of a JSON list of SKUs.
SELECT v.sku, v.product_id, v.title, v.options, v.price, v.sale_price, v.currency, l.hash, v.brand, v.availability
FROM variants v LEFT JOIN picture_links l ON l.link = v.picture WHERE v.sku = ANY (ARRAY(SELECT jsonb_array_elements_text(:skus ::jsonb)))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until;

-- name: items_in_order(skus)
-- The same; of two products that claim one SKU the later statement comes last, after what no feed has any more.
SELECT v.sku, v.product_id, v.title, v.options, v.price, v.sale_price, v.currency, l.hash, v.brand, v.availability
FROM variants v JOIN product_ids p ON p.id = v.product_id LEFT JOIN picture_links l ON l.link = v.picture
WHERE v.sku = ANY (ARRAY(SELECT jsonb_array_elements_text(:skus ::jsonb)))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until
ORDER BY coalesce(v.availability, '') <> 'discontinued', v.stated_at, p.source DESC, p.external_id DESC;

-- name: stock(skus, store)
-- What a store has of a JSON list of SKUs, and the others that have some.
SELECT k.sku, k.store, coalesce(s.name, k.store), k.quantity, greatest(k.updated_at, coalesce(c.counted_at, ''))
FROM stock k LEFT JOIN stores s ON s.code = k.store LEFT JOIN stock_counts c ON c.store = k.store
WHERE k.sku = ANY (ARRAY(SELECT jsonb_array_elements_text(:skus ::jsonb)))
    AND (k.quantity > 0 OR k.store = :store ::text) ORDER BY k.quantity DESC, k.store;

-- name: put_counted(rows, store, updated_at, source)!
-- Keep what a count says of a JSON list of SKUs and quantities, but for those of which something newer is known.
INSERT INTO stock (sku, store, quantity, updated_at, source)
SELECT value ->> 0, :store ::text, (value ->> 1)::bigint, :updated_at ::text, :source ::text FROM jsonb_array_elements(:rows ::jsonb)
ON CONFLICT (sku, store) DO UPDATE SET
    quantity = excluded.quantity, updated_at = excluded.updated_at, source = excluded.source
WHERE (excluded.updated_at, excluded.quantity, excluded.source) > (stock.updated_at, stock.quantity, stock.source);

-- name: add_product_ids(source, external_ids)!
-- Give those of a JSON list of products their numbers that have none.
INSERT INTO product_ids (source, external_id) SELECT :source ::text, jsonb_array_elements_text(:external_ids ::jsonb)
ON CONFLICT (source, external_id) DO NOTHING;

-- name: ids_of(source, external_ids)
-- The numbers of a JSON list of products.
SELECT external_id, id FROM product_ids
WHERE source = :source AND external_id = ANY (ARRAY(SELECT jsonb_array_elements_text(:external_ids ::jsonb)));

-- name: products_of(ids)
-- A JSON list of products as they are shown.
SELECT p.id, p.since, p.external_id, p.title, p.description, p.brand, p.category, p.picture, p.variants, p.field_times,
    p.deleted_at
FROM products p WHERE p.id = ANY (ARRAY(SELECT jsonb_array_elements(:ids ::jsonb)::bigint))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN p.since AND p.until;

-- name: rows_shown(ids)
-- The variants of a JSON list of products as they are shown, whole.
SELECT product_id, sku, since, until, feed, row_hash, position, gtin, title, options, price, sale_price, currency, picture,
    brand, availability, stated_at
FROM variants WHERE product_id = ANY (ARRAY(SELECT jsonb_array_elements(:ids ::jsonb)::bigint))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until;

-- name: hashes_of(ids)
-- The hashes of the rows of a JSON list of products, where a feed says just these.
SELECT row_hash FROM variants WHERE product_id = ANY (ARRAY(SELECT jsonb_array_elements(:ids ::jsonb)::bigint)) AND row_hash IS NOT NULL
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until;

-- name: held_rows(skus, feed)
-- Those of a JSON list of SKUs that a feed brought and that are shown, with what is said of their products.
SELECT v.product_id, v.sku, v.since, v.until, v.feed, v.row_hash, v.position, v.gtin, v.title, v.options, v.price, v.sale_price,
    v.currency, v.picture, v.brand, v.availability, p.external_id, p.title, p.description, p.brand, p.category, p.picture,
    p.field_times, p.deleted_at, CASE WHEN p.variants IS NULL THEN 0 ELSE 1 END
FROM variants v JOIN products p ON p.id = v.product_id
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN p.since AND p.until
WHERE v.sku = ANY (ARRAY(SELECT jsonb_array_elements_text(:skus ::jsonb))) AND v.feed = :feed
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until;

-- name: new_ids(source, external_ids)
-- The numbers of those of a JSON list of products of which nobody said anything.
SELECT i.external_id, i.id FROM product_ids i
WHERE i.source = :source AND i.external_id = ANY (ARRAY(SELECT jsonb_array_elements_text(:external_ids ::jsonb)))
    AND NOT EXISTS (SELECT 1 FROM products p WHERE p.id = i.id);

-- name: coming_rows(ids, since)
-- What a run wrote of a JSON list of products for the generation that comes.
SELECT sku, product_id, since, row_hash FROM variants WHERE product_id = ANY (ARRAY(SELECT jsonb_array_elements(:ids ::jsonb)::bigint)) AND since = :since;

-- name: coming_versions(ids, since)
-- Those of a JSON list of products that a run wrote for the generation that comes.
SELECT id FROM products WHERE id = ANY (ARRAY(SELECT jsonb_array_elements(:ids ::jsonb)::bigint)) AND since = :since;

-- name: coming_of_skus(skus, since)
-- The hashes of what a run wrote of a JSON list of SKUs for the generation that comes.
SELECT sku, row_hash FROM variants WHERE sku = ANY (ARRAY(SELECT jsonb_array_elements_text(:skus ::jsonb))) AND since = :since;
-- name: find_words(words, limit)
-- Products that are shown and have all words of an expression.
/* What most have is found among the first; what few have, the index of words gives. The server would choose by a guess,
   which for how a word begins is far too high. */
WITH first AS MATERIALIZED (
    SELECT id, product_id FROM (SELECT * FROM product_words ORDER BY id LIMIT 2000) f
    WHERE vector @@ :words ::tsquery
        AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until
    ORDER BY id LIMIT :limit
), found AS MATERIALIZED (
    SELECT id, product_id FROM product_words
    WHERE (SELECT count(*) FROM first) < :limit AND vector @@ :words ::tsquery
        AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until
), few AS MATERIALIZED (SELECT id, product_id FROM found LIMIT 5000)
(SELECT product_id FROM first WHERE (SELECT count(*) FROM first) = :limit)
UNION ALL
(SELECT product_id FROM few ORDER BY id LIMIT :limit);

-- name: any_words(words)^
-- Has any product all words of an expression, in whichever generation?
/* By the index of words: with the limit in sight the server would read the table until it finds one, to its end. */
WITH found AS MATERIALIZED (SELECT id FROM product_words WHERE vector @@ :words ::tsquery)
SELECT id FROM found LIMIT 1;

-- name: spoken_among(words)
-- Those of a JSON list of words that misspelt ones can be corrected to.
SELECT word FROM product_vocabulary WHERE word = ANY (ARRAY(SELECT jsonb_array_elements_text(:words ::jsonb)));

-- name: found_products(ids)
-- What is shown of a JSON list of products that were looked for.
SELECT id, title, brand, category FROM products WHERE id = ANY (ARRAY(SELECT jsonb_array_elements(:ids ::jsonb)::bigint))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN since AND until;

-- name: found_variants(ids)
-- The variants of a JSON list of products in the order their sources list them.
SELECT v.product_id, v.sku, v.title, v.options, v.price, v.sale_price, v.currency, l.hash, v.brand, v.availability, v.gtin
FROM variants v LEFT JOIN picture_links l ON l.link = v.picture WHERE v.product_id = ANY (ARRAY(SELECT jsonb_array_elements(:ids ::jsonb)::bigint))
    AND (SELECT coalesce(max(generation), 0) FROM catalog_generations) BETWEEN v.since AND v.until
ORDER BY v.product_id, v.position, v.sku;

-- name: coming_words(ids, since)
-- What a JSON list of products will be found by in the generation that comes.
SELECT id, words FROM product_words WHERE product_id = ANY (ARRAY(SELECT jsonb_array_elements(:ids ::jsonb)::bigint)) AND since = :since;

-- name: last_words(ids, until)
-- What a JSON list of products is found by for the last time in a generation.
SELECT id FROM product_words WHERE product_id = ANY (ARRAY(SELECT jsonb_array_elements(:ids ::jsonb)::bigint)) AND until = :until;

-- name: some_here(skus, store)
-- Those of a JSON list of SKUs that a store has.
SELECT sku FROM stock WHERE sku = ANY (ARRAY(SELECT jsonb_array_elements_text(:skus ::jsonb))) AND store = :store
    AND quantity > 0;
