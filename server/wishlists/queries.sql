-- name: add(customer_id, source, external_id, name, updated_at)^
-- Keep a new wish list.
INSERT INTO wishlists (customer_id, source, external_id, name, updated_at)
VALUES (:customer_id, :source, :external_id, :name, :updated_at)
RETURNING id;

-- name: put(id, customer_id, source, external_id, name, updated_at)!
-- Keep a wish list that was taken away as it is now; whoever's it is, its id stays.
INSERT INTO wishlists (id, customer_id, source, external_id, name, updated_at)
VALUES (:id, :customer_id, :source, :external_id, :name, :updated_at);

-- name: touch(customer_id, id, updated_at)!
-- The shop showed the same list again, later.
UPDATE wishlists SET updated_at = :updated_at WHERE customer_id = :customer_id AND id = :id;

-- name: remove(customer_id, id)!
-- Take a wish list away.
DELETE FROM wishlists WHERE customer_id = :customer_id AND id = :id;

-- name: add_item(customer_id, wishlist_id, position, sku, added_at)*!
-- Keep a wish.
INSERT INTO wishlist_items (customer_id, wishlist_id, position, sku, added_at)
VALUES (:customer_id, :wishlist_id, :position, :sku, :added_at);

-- name: clear_items(customer_id, wishlist_id)!
-- Take a list's wishes away.
DELETE FROM wishlist_items WHERE customer_id = :customer_id AND wishlist_id = :wishlist_id;

-- name: of_customer(customer_id)
-- A customer's wish lists, a row a wish.
SELECT w.id, w.source, w.external_id, w.name, w.updated_at, i.sku, i.added_at
FROM wishlists w LEFT JOIN wishlist_items i ON i.customer_id = w.customer_id AND i.wishlist_id = w.id
WHERE w.customer_id = :customer_id ORDER BY w.updated_at DESC, w.id DESC, i.position;

-- name: keys_until(customer_id, until)
-- What a customer had up to a moment, by its source's id.
SELECT source, external_id FROM wishlists WHERE customer_id = :customer_id AND updated_at <= :until;

-- name: drop_items(customer_id)!
-- Drop the wishes of all of a customer's lists.
DELETE FROM wishlist_items WHERE customer_id = :customer_id;

-- name: drop(customer_id)!
-- Drop all of a customer's lists.
DELETE FROM wishlists WHERE customer_id = :customer_id;
