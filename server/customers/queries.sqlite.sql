-- name: index_words(customer_id, words)!
-- Find a customer by words.
INSERT INTO customer_words_index (rowid, words) VALUES (:customer_id, :words);

-- name: unindex_words(customer_id, words)!
-- Find a customer no longer by words; they must be the very ones that were indexed.
INSERT INTO customer_words_index (customer_words_index, rowid, words) VALUES ('delete', :customer_id, :words);

-- name: matching(words, limit)
-- The numbers of customers that have all words of an expression, the newest first.
SELECT rowid FROM customer_words_index WHERE customer_words_index MATCH :words ORDER BY rowid DESC LIMIT :limit;

-- name: seen_of(ids)
-- What ranks the customers of a JSON list: when their person was seen last, and where, of the latest ten orders.
SELECT c.id, coalesce(c.person_id, c.id),
    CASE WHEN c.person_id IS NULL THEN (SELECT max(o.placed_at) FROM orders o WHERE o.customer_id = c.id)
        ELSE (SELECT max((SELECT max(o.placed_at) FROM orders o WHERE o.customer_id = m.id))
            FROM customers m WHERE m.person_id = c.person_id) END,
    substr(CASE WHEN c.person_id IS NULL THEN (SELECT max(o.placed_at || o.store) FROM (SELECT placed_at, store
            FROM orders WHERE customer_id = c.id ORDER BY placed_at DESC, id DESC LIMIT 10) o)
        ELSE (SELECT max((SELECT max(o.placed_at || o.store) FROM (SELECT placed_at, store
            FROM orders WHERE customer_id = m.id ORDER BY placed_at DESC, id DESC LIMIT 10) o))
            FROM customers m WHERE m.person_id = c.person_id) END, 28)
FROM customers c WHERE c.id IN (SELECT value FROM json_each(:ids));

-- name: anybody_with(words)^
-- Does anybody have all words of an expression?
SELECT rowid FROM customer_words_index WHERE customer_words_index MATCH :words LIMIT 1;

-- name: forget_preferences(id, until)!
-- Drop a customer's preferences if they were set up to a moment.
UPDATE customers SET preferences = NULL WHERE id = :id AND json_extract(preferences, '$.updated_at') <= :until;

-- name: ids_of(keys)
-- The numbers of customers, a JSON list of [source, external_id].
SELECT c.source, c.external_id, c.id FROM json_each(:keys) k CROSS JOIN customers c
    ON c.source = k.value ->> 0 AND c.external_id = k.value ->> 1;
