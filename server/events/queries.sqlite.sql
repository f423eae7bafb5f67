-- name: add(at, customer_id, store, body)!
-- Write down that something happened.
INSERT INTO events (at, customer_id, store, body) VALUES (:at, :customer_id, :store, :body);

-- name: settle(limit)!
-- Nothing is left to do: one writer at a time gives each event its number for good.
DELETE FROM events WHERE :limit < 0;

-- name: unsettled()^
-- There never is.
SELECT 1 WHERE 0;
