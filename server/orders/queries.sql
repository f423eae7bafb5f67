-- name: add(customer_id, placed_at, id, store, source, external_id, number, channel, status, currency, total, lines)!
-- Keep an order.
INSERT INTO orders (customer_id, placed_at, id, store, source, external_id, number, channel, status, currency, total,
    lines)
VALUES (:customer_id, :placed_at, :id, :store, :source, :external_id, :number, :channel, :status, :currency, :total,
    :lines);

-- name: remove(customer_id, placed_at, id)!
-- Take an order away.
DELETE FROM orders WHERE customer_id = :customer_id AND placed_at = :placed_at AND id = :id;

-- name: latest_of_customer(customer_id, placed_at, id, limit)
-- A customer's orders that are older than a place in the list, latest first.
SELECT id, source, external_id, number, channel, store, placed_at, status, currency, total, lines
FROM orders WHERE customer_id = :customer_id AND (placed_at, id) < (:placed_at, :id)
ORDER BY placed_at DESC, id DESC LIMIT :limit;

-- name: count_of_customer(customer_id, limit)^
-- How many orders a customer has, counted up to a limit.
SELECT count(*) FROM (SELECT 1 FROM orders WHERE customer_id = :customer_id ORDER BY placed_at DESC LIMIT :limit) o;

-- name: by_number(number)^
-- The latest order that has a number, and whose it is.
SELECT id, source, external_id, number, channel, store, placed_at, status, currency, total, lines, customer_id
FROM orders WHERE number = :number AND customer_id <> 0
UNION ALL
SELECT id, source, external_id, number, channel, store, placed_at, status, currency, total, lines, customer_id
FROM orders WHERE number = :number AND customer_id = 0
ORDER BY placed_at DESC, id DESC LIMIT 1;

-- name: customers_by_number(first, last, limit)
-- Whose orders have a number in a range: a prefix as typed.
SELECT customer_id, number FROM orders
WHERE number >= :first AND number < :last AND customer_id <> 0 ORDER BY number LIMIT :limit;

-- name: disown(customer_id)!
-- A customer's orders are nobody's from now on.
UPDATE orders SET customer_id = 0 WHERE customer_id = :customer_id;
