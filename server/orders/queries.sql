-- name: add(customer_id, source, external_id, number, channel, store, placed_at, status, currency, total, updated_at)^
-- Keep a new order.
INSERT INTO orders (customer_id, source, external_id, number, channel, store, placed_at, status, currency, total, updated_at)
VALUES (:customer_id, :source, :external_id, :number, :channel, :store, :placed_at, :status, :currency, :total, :updated_at)
RETURNING id;

-- name: set(id, customer_id, number, channel, store, placed_at, status, currency, total, updated_at)!
-- Keep an order as it is now.
UPDATE orders SET customer_id = :customer_id, number = :number, channel = :channel, store = :store,
    placed_at = :placed_at, status = :status, currency = :currency, total = :total, updated_at = :updated_at
WHERE id = :id;

-- name: touch(id, updated_at)!
-- The shop showed the same order again, later.
UPDATE orders SET updated_at = :updated_at WHERE id = :id;

-- name: remove(id)!
-- Take an order away.
DELETE FROM orders WHERE id = :id;

-- name: add_line(order_id, position, line_id, sku, title, quantity, unit_price, discount, returned_quantity, fulfilled_quantity)*!
-- Keep a line of an order.
INSERT INTO order_lines (order_id, position, line_id, sku, title, quantity, unit_price, discount, returned_quantity,
    fulfilled_quantity)
VALUES (:order_id, :position, :line_id, :sku, :title, :quantity, :unit_price, :discount, :returned_quantity,
    :fulfilled_quantity);

-- name: clear_lines(order_id)!
-- Take an order's lines away.
DELETE FROM order_lines WHERE order_id = :order_id;

-- name: latest_of_customer(customer_id, placed_at, id, limit)
-- A customer's orders that are older than a place in the list, latest first, a row a line.
SELECT o.id, o.source, o.external_id, o.number, o.channel, o.store, o.placed_at, o.status, o.currency, o.total,
    l.line_id, l.sku, l.title, l.quantity, l.unit_price, l.discount, l.returned_quantity, l.fulfilled_quantity
FROM (
    SELECT id, source, external_id, number, channel, store, placed_at, status, currency, total
    FROM orders WHERE customer_id = :customer_id AND (placed_at, id) < (:placed_at, :id)
    ORDER BY placed_at DESC, id DESC LIMIT :limit
) o LEFT JOIN order_lines l ON l.order_id = o.id
ORDER BY o.placed_at DESC, o.id DESC, l.position;

-- name: by_number(number)^
-- The latest order that has a number, and whose it is.
SELECT id, customer_id FROM orders WHERE number = :number ORDER BY placed_at DESC, id DESC LIMIT 1;

-- name: by_id(id)
-- One order, a row a line.
SELECT o.id, o.source, o.external_id, o.number, o.channel, o.store, o.placed_at, o.status, o.currency, o.total,
    l.line_id, l.sku, l.title, l.quantity, l.unit_price, l.discount, l.returned_quantity, l.fulfilled_quantity
FROM orders o LEFT JOIN order_lines l ON l.order_id = o.id WHERE o.id = :id ORDER BY l.position;

-- name: customers_by_number(first, last, limit)
-- Whose orders have a number in a range: a prefix as typed.
SELECT customer_id, number FROM orders
WHERE number >= :first AND number < :last AND customer_id IS NOT NULL ORDER BY number LIMIT :limit;
