-- name: add(customer_id, source, external_id, status, currency, updated_at, next_line, seen_version, version)^
-- Keep a new cart.
INSERT INTO carts (customer_id, source, external_id, status, currency, updated_at, next_line, seen_version, version)
VALUES (:customer_id, :source, :external_id, :status, :currency, :updated_at, :next_line, :seen_version, :version)
RETURNING id;

-- name: put(id, customer_id, source, external_id, status, currency, updated_at, next_line, seen_version, version, edited_at, till_until, converted_at)!
-- Keep a cart that was taken away as it is now; whoever's it is, its id stays.
INSERT INTO carts (id, customer_id, source, external_id, status, currency, updated_at, next_line, seen_version, version,
    edited_at, till_until, converted_at)
VALUES (:id, :customer_id, :source, :external_id, :status, :currency, :updated_at, :next_line, :seen_version, :version,
    :edited_at, :till_until, :converted_at);

-- name: touch(customer_id, id, updated_at, opens_at)!
-- The shop showed the same cart again, later; not where that opens a cart that was sold before.
UPDATE carts SET updated_at = :updated_at
WHERE customer_id = :customer_id AND id = :id AND (converted_at IS NULL OR converted_at >= :opens_at);

-- name: edit(customer_id, id, version, next_line, edited_at)!
-- A cart was changed here.
UPDATE carts SET version = :version, next_line = :next_line, edited_at = :edited_at
WHERE customer_id = :customer_id AND id = :id;

-- name: remove(customer_id, id)!
-- Take a cart away.
DELETE FROM carts WHERE customer_id = :customer_id AND id = :id;

-- name: add_line(customer_id, cart_id, position, line, line_id, sku, title, quantity, unit_price, shop_quantity, edits)*!
-- Keep a line of a cart.
INSERT INTO cart_lines (customer_id, cart_id, position, line, line_id, sku, title, quantity, unit_price, shop_quantity,
    edits)
VALUES (:customer_id, :cart_id, :position, :line, :line_id, :sku, :title, :quantity, :unit_price, :shop_quantity,
    :edits);

-- name: clear_lines(customer_id, cart_id)!
-- Take a cart's lines away.
DELETE FROM cart_lines WHERE customer_id = :customer_id AND cart_id = :cart_id;

-- name: owner(id)^
-- Whose a cart is.
SELECT customer_id FROM carts WHERE id = :id AND customer_id <> 0;

-- name: held(customer_id, id)
-- A cart with all that is known of its lines, a row a line.
SELECT c.source, c.status, c.currency, c.version, c.edited_at, c.till_until, c.converted_at, c.next_line, c.seen_version,
    l.line, l.line_id, l.sku, l.title, l.unit_price, l.shop_quantity, l.quantity, l.edits
FROM carts c LEFT JOIN cart_lines l ON l.customer_id = c.customer_id AND l.cart_id = c.id
WHERE c.customer_id = :customer_id AND c.id = :id ORDER BY l.position;

-- name: open_of_customer(customer_id)
-- A customer's open carts, the current one first, a row a line that either side has.
SELECT c.id, c.source, c.external_id, c.status, c.currency, c.updated_at,
    l.line_id, l.sku, l.title, l.quantity, l.unit_price, l.line, l.shop_quantity, l.edits, c.version, c.edited_at
FROM carts c LEFT JOIN cart_lines l ON l.customer_id = c.customer_id AND l.cart_id = c.id
    AND (l.quantity > 0 OR l.shop_quantity > 0 OR l.edits IS NOT NULL)
WHERE c.customer_id = :customer_id AND c.status = 'open'
ORDER BY CASE WHEN c.edited_at > c.updated_at THEN c.edited_at ELSE c.updated_at END DESC, c.id DESC, l.position;

-- name: shown(customer_id, id)
-- One cart of a customer's as it is shown, likewise.
SELECT c.id, c.source, c.external_id, c.status, c.currency, c.updated_at,
    l.line_id, l.sku, l.title, l.quantity, l.unit_price, l.line, l.shop_quantity, l.edits, c.version, c.edited_at
FROM carts c LEFT JOIN cart_lines l ON l.customer_id = c.customer_id AND l.cart_id = c.id
    AND (l.quantity > 0 OR l.shop_quantity > 0 OR l.edits IS NOT NULL)
WHERE c.customer_id = :customer_id AND c.id = :id
ORDER BY l.position;

-- name: open_cart(customer_id, id)
-- One open cart, a row a line, like the carts of a customer.
SELECT c.id, c.source, c.external_id, c.status, c.currency, c.updated_at,
    l.line_id, l.sku, l.title, l.quantity, l.unit_price, l.line, l.shop_quantity, l.edits, c.version, c.edited_at
FROM carts c LEFT JOIN cart_lines l ON l.customer_id = c.customer_id AND l.cart_id = c.id
    AND (l.quantity > 0 OR l.shop_quantity > 0 OR l.edits IS NOT NULL)
WHERE c.customer_id = :customer_id AND c.id = :id AND c.status = 'open'
ORDER BY l.position;

-- name: convert(customer_id, id, at)!
-- What was in a cart was sold.
UPDATE carts SET status = 'converted', version = version + 1, converted_at = :at
WHERE customer_id = :customer_id AND id = :id AND status = 'open';

-- name: hold(customer_id, id, until)!
-- Until when a till has a cart; NULL: none does.
UPDATE carts SET till_until = :until WHERE customer_id = :customer_id AND id = :id;

-- name: settle_lines(customer_id, cart_id)!
-- Nothing is pending in a cart any more.
UPDATE cart_lines SET shop_quantity = quantity, edits = NULL WHERE customer_id = :customer_id AND cart_id = :cart_id;

-- name: waiting(customer_id)^
-- How many pieces wait in a customer's open carts.
SELECT CAST(coalesce(sum(l.quantity), 0) AS BIGINT)
FROM carts c JOIN cart_lines l ON l.customer_id = c.customer_id AND l.cart_id = c.id
WHERE c.customer_id = :customer_id AND c.status = 'open';

-- name: keys_until(customer_id, until)
-- What a customer had up to a moment, by its source's id.
SELECT source, external_id FROM carts WHERE customer_id = :customer_id AND updated_at <= :until;

-- name: drop_lines(customer_id)!
-- Drop the lines of all of a customer's carts.
DELETE FROM cart_lines WHERE customer_id = :customer_id;

-- name: drop(customer_id)!
-- Drop all of a customer's carts.
DELETE FROM carts WHERE customer_id = :customer_id;
