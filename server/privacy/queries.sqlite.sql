-- name: events_of(customer_id)
-- What devices were told of a customer.
SELECT id, at, store, body FROM events WHERE customer_id = :customer_id ORDER BY id;
