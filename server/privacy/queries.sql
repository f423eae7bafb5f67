-- name: customer(id)^
-- A customer, whole.
SELECT id, person_id, source, external_id, stated, given_name, family_name, emails, phones, cards, locale, city,
    birth_date, loyalty, consents, attributes, field_times, deleted_at, redacted_at, preferences
FROM customers WHERE id = :id;

-- name: references_of(customer_id)
-- The contacts that records name for a customer, and which records.
SELECT kind, value, record_kind, record_source, record_external_id FROM customer_references
WHERE customer_id = :customer_id ORDER BY kind, value, record_kind, record_source, record_external_id;

-- name: carts_of(customer_id)
-- A customer's carts, a row a line.
SELECT c.id, c.source, c.external_id, c.status, c.currency, c.updated_at, c.edited_at,
    l.sku, l.title, l.quantity, l.unit_price, l.line_id, l.shop_quantity, l.edits
FROM carts c LEFT JOIN cart_lines l ON l.customer_id = c.customer_id AND l.cart_id = c.id
WHERE c.customer_id = :customer_id ORDER BY c.id, l.position;

-- name: views_of(customer_id)
-- What a customer looked at.
SELECT source, sku, viewed_at FROM views WHERE customer_id = :customer_id ORDER BY viewed_at, sku, source;

-- name: answers_of(customer_id)
-- The answers that are kept for repeats and may speak of a customer.
SELECT caller, key, answer, answered_at FROM idempotency_keys WHERE customer_id = :customer_id
ORDER BY answered_at, caller, key;

-- name: drop_answers(customer_id)!
-- Forget the answers that may speak of a customer.
DELETE FROM idempotency_keys WHERE customer_id = :customer_id;

-- name: refused_after(id, limit)
-- Refused lines that follow one, oldest first.
SELECT id, refused_at, origin, line, path, reason, text FROM refused_records WHERE id > :id ORDER BY id LIMIT :limit;

-- name: drop_refused(id)!
-- Forget a refused line.
DELETE FROM refused_records WHERE id = :id;

-- name: drop_old_refused(id, before)!
-- Forget a refused line, unless it was refused again since.
DELETE FROM refused_records WHERE id = :id AND refused_at < :before;

-- name: erasure_of(customer_id)
-- The erasure of a person, by any number that they had, a row a number.
SELECT e.customer_id, e.erased_at, e.orders, e.scrubbed_at
FROM erasures o JOIN erasures e ON e.person_id = o.person_id WHERE o.customer_id = :customer_id ORDER BY e.customer_id;

-- name: add_erasure(customer_id, person_id, erased_at, orders)!
-- Keep that somebody was erased.
INSERT INTO erasures (customer_id, person_id, erased_at, orders)
VALUES (:customer_id, :person_id, :erased_at, :orders);

-- name: unscrubbed(limit)
-- Whose last traces are yet to leave.
SELECT customer_id FROM erasures WHERE scrubbed_at IS NULL AND customer_id > 0 ORDER BY customer_id LIMIT :limit;

-- name: set_scrubbed(customer_id, scrubbed_at)!
-- The last traces of somebody left.
UPDATE erasures SET scrubbed_at = :scrubbed_at WHERE customer_id = :customer_id;

-- name: take_night(night, holder, held_until, started_at)!
-- Take a night, unless another server has it or had it; one that was left unfinished is taken over.
INSERT INTO retention_runs (night, holder, held_until, started_at, removed)
VALUES (:night, :holder, :held_until, :started_at, '{}')
ON CONFLICT (night) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
WHERE retention_runs.ended_at IS NULL AND retention_runs.held_until < excluded.started_at;

-- name: run_of_night(night)^
-- The run of a night.
SELECT id, removed FROM retention_runs WHERE night = :night;

-- name: end_of_night(night)^
-- When the run of a night ended, if it did.
SELECT ended_at FROM retention_runs WHERE night = :night;

-- name: add_run(holder, held_until, started_at)^
-- Keep that a run was started by hand.
INSERT INTO retention_runs (holder, held_until, started_at, removed)
VALUES (:holder, :held_until, :started_at, '{}') RETURNING id;

-- name: removed_so_far(id, holder)^
-- What a run removed so far, if it is still its holder's.
SELECT removed FROM retention_runs WHERE id = :id AND holder = :holder;

-- name: note_run(id, holder, held_until, removed, ended_at)!
-- Keep what a run removed so far.
UPDATE retention_runs SET held_until = :held_until, removed = :removed, ended_at = :ended_at
WHERE id = :id AND holder = :holder;

-- name: views_after(customer_id, viewed_at, sku, source, limit)
-- Looks at articles that follow one by their key.
SELECT customer_id, viewed_at, sku, source, viewed_at FROM views
WHERE (customer_id, viewed_at, sku, source) > (:customer_id, :viewed_at, :sku, :source)
ORDER BY customer_id, viewed_at, sku, source LIMIT :limit;

-- name: drop_view(customer_id, viewed_at, sku, source)!
-- Forget a look at an article.
DELETE FROM views WHERE customer_id = :customer_id AND viewed_at = :viewed_at AND sku = :sku AND source = :source;

-- name: carts_after(customer_id, id, limit)
-- Carts that follow one by their key.
SELECT customer_id, id, CASE WHEN edited_at > updated_at THEN edited_at ELSE updated_at END
FROM carts WHERE (customer_id, id) > (:customer_id, :id)
ORDER BY customer_id, id LIMIT :limit;

-- name: cart(customer_id, id, before)^
-- A cart that was not changed since a moment.
SELECT source, external_id FROM carts WHERE customer_id = :customer_id AND id = :id
    AND updated_at < :before AND (edited_at IS NULL OR edited_at < :before);

-- name: notes_after(customer_id, id, limit)
-- Notes that follow one by their key.
SELECT customer_id, id, written_at FROM notes WHERE (customer_id, id) > (:customer_id, :id)
ORDER BY customer_id, id LIMIT :limit;

-- name: drop_note(customer_id, id)!
-- Forget a note.
DELETE FROM notes WHERE customer_id = :customer_id AND id = :id;

-- name: keys_after(caller, key, limit)
-- Keys for repeats that follow one.
SELECT caller, key, answered_at FROM idempotency_keys WHERE (caller, key) > (:caller, :key)
ORDER BY caller, key LIMIT :limit;

-- name: drop_key(caller, key)!
-- Forget the answer to a key.
DELETE FROM idempotency_keys WHERE caller = :caller AND key = :key;

-- name: refused_times_after(id, limit)
-- When refused lines that follow one were refused.
SELECT id, refused_at FROM refused_records WHERE id > :id ORDER BY id LIMIT :limit;

-- name: events_after(id, limit)
-- When events that follow one happened; never the last, whose number tells how far numbers went.
SELECT id, at FROM events WHERE id > :id AND id < (SELECT max(id) FROM events) ORDER BY id LIMIT :limit;

-- name: drop_event(id)!
-- Forget an event.
DELETE FROM events WHERE id = :id;

-- name: handoffs_of(customer_id)
-- Which of a customer's carts went to which till.
SELECT id, customer_id, source, external_id, store, state, issued_at, redeemed_at, ended_at, lines FROM handoffs
WHERE customer_id = :customer_id ORDER BY id;

-- name: handoffs_after(id, limit)
-- Handoffs that follow one, each with the time when it ended.
SELECT id, ended_at FROM handoffs WHERE id > :id ORDER BY id LIMIT :limit;

-- name: drop_handoff(id)!
-- Forget a handoff.
DELETE FROM handoffs WHERE id = :id;

-- name: customers_after(id, limit)
-- Customers that follow one, each with the times of what was said of them.
SELECT id, field_times FROM customers WHERE id > :id ORDER BY id LIMIT :limit;

-- name: last_activity(customer_id)^
-- When a customer, or anybody for them, did something last: of orders, carts, wish lists, views and notes.
SELECT max(at) FROM (
    SELECT max(placed_at) AS at FROM orders WHERE customer_id = :customer_id
    UNION ALL SELECT max(updated_at) FROM carts WHERE customer_id = :customer_id
    UNION ALL SELECT max(edited_at) FROM carts WHERE customer_id = :customer_id
    UNION ALL SELECT max(updated_at) FROM wishlists WHERE customer_id = :customer_id
    UNION ALL SELECT max(viewed_at) FROM views WHERE customer_id = :customer_id
    UNION ALL SELECT max(written_at) FROM notes WHERE customer_id = :customer_id
    UNION ALL SELECT max(at) FROM consents_log WHERE customer_id = :customer_id
) a;
