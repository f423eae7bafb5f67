-- name: add(customer_id, viewed_at, sku, source)!
-- Keep a look at an article; the same one twice is one.
INSERT INTO views (customer_id, viewed_at, sku, source) VALUES (:customer_id, :viewed_at, :sku, :source)
ON CONFLICT DO NOTHING;

-- name: latest(customer_id, limit)
-- What a customer looked at lately, each article once.
SELECT sku, max(viewed_at) AS latest FROM (
    SELECT sku, viewed_at FROM views WHERE customer_id = :customer_id ORDER BY viewed_at DESC LIMIT 50
) v GROUP BY sku ORDER BY latest DESC, sku LIMIT :limit;

-- name: forget(customer_id, until)!
-- Drop what a customer looked at up to a moment.
DELETE FROM views WHERE customer_id = :customer_id AND viewed_at <= :until;
