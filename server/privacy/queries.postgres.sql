-- name: events_of(customer_id)
-- What devices were told of a customer, or are about to be.
SELECT id, at, store, body FROM events WHERE customer_id = :customer_id
UNION ALL SELECT id, at, store, body FROM events_new WHERE customer_id = :customer_id ORDER BY at, id;
