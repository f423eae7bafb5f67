-- name: matching(words, limit)
-- The numbers of customers that have all words of an expression, the newest first.
SELECT customer_id FROM customer_words WHERE vector @@ :words ::tsquery ORDER BY customer_id DESC LIMIT :limit;

-- name: seen_of(ids)
-- What ranks the customers of a JSON list: when and where their person bought last, of ten orders, none cancelled.
WITH latest AS MATERIALIZED (
    SELECT c.id, coalesce(c.person_id, c.id) AS person,
        CASE WHEN c.person_id IS NULL THEN (SELECT max(l.placed_at || coalesce(l.store, '')) FROM (
                SELECT placed_at, store, status FROM orders
                WHERE customer_id = c.id ORDER BY placed_at DESC, id DESC LIMIT 10
            ) l WHERE l.status <> 'cancelled')
            ELSE (SELECT max(l.placed_at || coalesce(l.store, '')) FROM (
                SELECT o.placed_at, o.store, o.status
                FROM customers m JOIN orders o ON o.customer_id = m.id AND o.placed_at >= (
                    SELECT min(t.placed_at) FROM (
                        SELECT placed_at FROM orders WHERE customer_id = m.id ORDER BY placed_at DESC LIMIT 10
                    ) t
                )
                WHERE m.person_id = c.person_id ORDER BY o.placed_at DESC, o.id DESC LIMIT 10
            ) l WHERE l.status <> 'cancelled') END AS seen
    FROM customers c WHERE c.id IN (SELECT jsonb_array_elements_text(:ids ::jsonb) ::bigint)
)
SELECT id, person, substr(seen, 1, 27), nullif(substr(seen, 28), '') FROM latest ORDER BY id;

-- name: anybody_with(words)^
-- Does anybody have all words of an expression?
SELECT customer_id FROM customer_words WHERE vector @@ :words ::tsquery LIMIT 1;

-- name: forget_preferences(id, until)!
-- Drop a customer's preferences if they were set up to a moment.
UPDATE customers SET preferences = NULL WHERE id = :id AND (preferences ::jsonb ->> 'updated_at') COLLATE "C" <= :until;

-- name: ids_of(keys)
-- The numbers of customers, a JSON list of [source, external_id].
SELECT c.source, c.external_id, c.customer_id FROM jsonb_array_elements(:keys ::jsonb) k JOIN customer_keys c
    ON c.source = k ->> 0 AND c.external_id = k ->> 1;
