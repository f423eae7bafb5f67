-- name: matching(words, limit)
-- The numbers of customers that have all words of an expression, the newest first.
SELECT rowid FROM customer_words_index WHERE customer_words_index MATCH :words ORDER BY rowid DESC LIMIT :limit;

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
                FROM customers m CROSS JOIN orders o ON o.customer_id = m.id AND o.placed_at >= (
                    SELECT min(t.placed_at) FROM (
                        SELECT placed_at FROM orders WHERE customer_id = m.id ORDER BY placed_at DESC LIMIT 10
                    ) t
                )
                WHERE m.person_id = c.person_id ORDER BY o.placed_at DESC, o.id DESC LIMIT 10
            ) l WHERE l.status <> 'cancelled') END AS seen
    FROM customers c WHERE c.id IN (SELECT value FROM json_each(:ids))
)
SELECT id, person, substr(seen, 1, 27), nullif(substr(seen, 28), '') FROM latest ORDER BY id;

-- name: anybody_with(words)^
-- Does anybody have all words of an expression?
SELECT rowid FROM customer_words_index WHERE customer_words_index MATCH :words LIMIT 1;

-- name: forget_preferences(id, until)!
-- Drop a customer's preferences if they were set up to a moment.
UPDATE customers SET preferences = NULL WHERE id = :id AND json_extract(preferences, '$.updated_at') <= :until;

-- name: ids_of(keys)
-- The numbers of customers, a JSON list of [source, external_id].
SELECT c.source, c.external_id, c.customer_id FROM json_each(:keys) k CROSS JOIN customer_keys c
    ON c.source = k.value ->> 0 AND c.external_id = k.value ->> 1;

-- name: tombstones_among(macs)
-- Those of a JSON list of hashes that are of somebody who was erased, when that was, and whether they came anew.
SELECT t.mac, t.erased_at, t.lifted FROM json_each(:macs) m CROSS JOIN tombstones t ON t.mac = m.value;

-- name: merge_words(pages)!
-- Write so many pages of the index of words anew, without the words that nobody has any more; below 0: begin.
INSERT INTO customer_words_index (customer_words_index, rank) VALUES ('merge', :pages);

-- name: changes()^
-- How many rows this connection changed so far: a merge that has nothing left to do changes one at most.
SELECT total_changes();

-- name: words_among(ids)
-- The words that the customers of a JSON list are found by.
SELECT customer_id, words FROM customer_words WHERE customer_id IN (SELECT value FROM json_each(:ids));

-- name: index_parts()^
-- In which parts the index of words stands, as SQLite itself keeps it.
SELECT block FROM customer_words_index_data WHERE id = 10;

-- name: rebuild_words()!
-- Write the whole index of words anew.
INSERT INTO customer_words_index (customer_words_index) VALUES ('rebuild');

-- name: stir_words(command)!
-- Add nobody's word to the index, or with the command `delete` take it out: the next round begins with a new part.
INSERT INTO customer_words_index (customer_words_index, rowid, words) VALUES (:command, -1, 'nobody');

-- name: others_of_persons(ids)
-- The other customers of the persons that the customers of a JSON list are.
SELECT c.id, m.id FROM customers c CROSS JOIN customers m ON m.person_id = c.person_id AND m.id <> c.id
WHERE c.id IN (SELECT value FROM json_each(:ids));
