-- name: product_fields(source, external_id)^
-- A product's fields with the times they were stated.
SELECT id, title, description, brand, category, picture, variants, field_times, deleted_at
FROM products WHERE source = :source AND external_id = :external_id;

-- name: add_product(source, external_id, title, description, brand, category, picture, variants, field_times, deleted_at)^
-- Keep a new product.
INSERT INTO products (source, external_id, title, description, brand, category, picture, variants, field_times, deleted_at)
VALUES (:source, :external_id, :title, :description, :brand, :category, :picture, :variants, :field_times, :deleted_at)
RETURNING id;

-- name: set_product(id, title, description, brand, category, picture, variants, field_times, deleted_at)!
-- Keep a product as it is now.
UPDATE products SET title = :title, description = :description, brand = :brand, category = :category,
    picture = :picture, variants = :variants, field_times = :field_times, deleted_at = :deleted_at
WHERE id = :id;

-- name: clear_variants(product_id)!
-- Take a product's variants away, before they are written anew.
DELETE FROM variants WHERE product_id = :product_id;

-- name: add_variant(product_id, sku, position, gtin, title, options, price, sale_price, currency, picture, brand, availability, stated_at)*!
-- Keep a variant, complete.
INSERT INTO variants (product_id, sku, position, gtin, title, options, price, sale_price, currency, picture, brand,
    availability, stated_at)
VALUES (:product_id, :sku, :position, :gtin, :title, :options, :price, :sale_price, :currency, :picture, :brand,
    :availability, :stated_at);

-- name: product(id)^
-- A product as it is shown.
SELECT id, source, external_id, title, description, brand, category, picture FROM products WHERE id = :id;

-- name: variants_of(product_id)
-- A product's variants in the order their source lists them.
SELECT sku, product_id, title, options, price, sale_price, currency, picture, brand, availability, gtin
FROM variants WHERE product_id = :product_id ORDER BY position;

-- name: product_of_sku(sku)^
-- The product whose statement of an SKU is the latest.
SELECT v.product_id, v.sku FROM variants v JOIN products p ON p.id = v.product_id
WHERE v.sku = :sku ORDER BY v.stated_at DESC, p.source, p.external_id LIMIT 1;

-- name: product_of_gtin(gtin)^
-- The product and SKU whose statement of a GTIN is the latest.
SELECT v.product_id, v.sku FROM variants v JOIN products p ON p.id = v.product_id
WHERE v.gtin = :gtin ORDER BY v.stated_at DESC, p.source, p.external_id, v.position LIMIT 1;

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
