-- name: matching(words, limit)
-- The numbers of customers that have all words of an expression, the newest first.
/* What most have is found among the newest; what few have, the index of words gives, and it is not too much to sort;
   between them, from the newest on. The server would choose by a guess, which for how a word begins is far too high. */
WITH newest AS MATERIALIZED (
    SELECT customer_id FROM (SELECT customer_id, vector FROM customer_words ORDER BY customer_id DESC LIMIT 2000) n
    WHERE vector @@ :words ::tsquery ORDER BY customer_id DESC LIMIT :limit
), found AS MATERIALIZED (
    SELECT customer_id FROM customer_words
    WHERE (SELECT count(*) FROM newest) < :limit AND vector @@ :words ::tsquery
), few AS MATERIALIZED (SELECT customer_id FROM found LIMIT 5000)
(SELECT customer_id FROM newest WHERE (SELECT count(*) FROM newest) = :limit)
UNION ALL
(SELECT customer_id FROM few WHERE (SELECT count(*) FROM few) < 5000 ORDER BY customer_id DESC LIMIT :limit)
UNION ALL
(SELECT customer_id FROM customer_words
WHERE (SELECT count(*) FROM few) = 5000 AND vector @@ :words ::tsquery ORDER BY customer_id DESC LIMIT :limit)
ORDER BY customer_id DESC;

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
/* By the index of words: with the limit in sight the server would read the table until it finds one, to its end. */
WITH found AS MATERIALIZED (SELECT customer_id FROM customer_words WHERE vector @@ :words ::tsquery)
SELECT customer_id FROM found LIMIT 1;

-- name: forget_preferences(id, until)!
-- Drop a customer's preferences if they were set up to a moment.
UPDATE customers SET preferences = NULL WHERE id = :id AND (preferences ::jsonb ->> 'updated_at') COLLATE "C" <= :until;

-- name: ids_of(keys)
-- The numbers of customers, a JSON list of [source, external_id].
SELECT c.source, c.external_id, c.customer_id FROM jsonb_array_elements(:keys ::jsonb) k JOIN customer_keys c
    ON c.source = k ->> 0 AND c.external_id = k ->> 1;

-- name: tombstones_among(macs)
-- Those of a JSON list of hashes that are of somebody who was erased, when that was, and whether they came anew.
SELECT t.mac, t.erased_at, t.lifted FROM jsonb_array_elements_text(:macs ::jsonb) m JOIN tombstones t ON t.mac = m;

-- name: merge_words(pages)!
-- There is nothing to do: VACUUM is the administrator's.
DELETE FROM tombstones WHERE mac = '' AND :pages < 0;

-- name: changes()^
-- Nothing is left to do.
SELECT 0;

-- name: words_among(ids)
-- The words that the customers of a JSON list are found by.
SELECT customer_id, words FROM customer_words WHERE customer_id = ANY (ARRAY(SELECT jsonb_array_elements_text(:ids ::jsonb) ::bigint));

-- name: index_parts()^
-- There is nothing to do; see merge_words.
SELECT CAST(NULL AS bytea);

-- name: rebuild_words()!
-- There is nothing to do; see merge_words.
DELETE FROM tombstones WHERE mac = '';

-- name: stir_words(command)!
-- There is nothing to do; see merge_words.
DELETE FROM tombstones WHERE mac = '' AND CAST(:command AS TEXT) IS NULL;

-- name: others_of_persons(ids)
-- The other customers of the persons that the customers of a JSON list are.
SELECT c.id, m.id FROM customers c JOIN customers m ON m.person_id = c.person_id AND m.id <> c.id
WHERE c.id = ANY (ARRAY(SELECT jsonb_array_elements_text(:ids ::jsonb) ::bigint));
