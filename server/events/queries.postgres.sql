-- name: add(at, customer_id, store, body)!
-- Write down that something happened.
INSERT INTO events_new (at, customer_id, store, body) VALUES (:at, :customer_id, :store, :body);

-- name: settle(limit)!
-- Give the oldest events that are committed their numbers for good, unless somebody else is at it.
WITH moved AS (
    DELETE FROM events_new WHERE id IN (
        SELECT id FROM events_new WHERE (SELECT pg_try_advisory_xact_lock(6120417, 1)) ORDER BY id LIMIT :limit
    ) RETURNING id, at, customer_id, store, body
)
INSERT INTO events (at, customer_id, store, body) SELECT at, customer_id, store, body FROM moved ORDER BY id;

-- name: unsettled()^
-- Is there an event without its number for good?
SELECT 1 FROM events_new LIMIT 1;
