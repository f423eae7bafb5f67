-- name: add(at, customer_id, store, body)!
-- Write down that something happened.
INSERT INTO events (at, customer_id, store, body) VALUES (:at, :customer_id, :store, :body);

-- name: after(id, limit)
-- Events that follow an id, in their order.
SELECT id, at, customer_id, store, body FROM events WHERE id > :id ORDER BY id LIMIT :limit;
