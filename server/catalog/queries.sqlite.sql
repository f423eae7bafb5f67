-- name: items(skus)
-- The articles of a JSON list of SKUs.
SELECT sku, product_id, title, options, price, sale_price, currency, picture, brand, availability
FROM variants WHERE sku IN (SELECT value FROM json_each(:skus));

-- name: items_in_order(skus)
-- The same; of two products that claim one SKU the later statement comes last.
SELECT v.sku, v.product_id, v.title, v.options, v.price, v.sale_price, v.currency, v.picture, v.brand, v.availability
FROM variants v JOIN products p ON p.id = v.product_id
WHERE v.sku IN (SELECT value FROM json_each(:skus)) ORDER BY v.stated_at, p.source DESC, p.external_id DESC;

-- name: stock(skus, store)
-- What a store has of a JSON list of SKUs, and the others that have some.
SELECT k.sku, k.store, coalesce(s.name, k.store), k.quantity, k.updated_at
FROM stock k LEFT JOIN stores s ON s.code = k.store
WHERE k.sku IN (SELECT value FROM json_each(:skus))
    AND (k.quantity > 0 OR k.store = :store) ORDER BY k.quantity DESC, k.store;
