-- name: after(id, limit)
-- Events that follow an id, in their order.
SELECT id, at, customer_id, store, body FROM events WHERE id > :id ORDER BY id LIMIT :limit;
