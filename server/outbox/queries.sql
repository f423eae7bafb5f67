-- name: begin(source)!
-- From now on a shop is told what happens, unless it is already.
INSERT INTO outbox (source, position) SELECT :source, coalesce(max(id), 0) FROM events WHERE true
ON CONFLICT (source) DO NOTHING;

-- name: place(source)^
-- How far a shop was told, and since when it has not taken what comes next.
SELECT position, tries, next_at, since, trouble FROM outbox WHERE source = :source;

-- name: places()
-- The same of every shop.
SELECT source, position, tries, next_at, since, trouble FROM outbox ORDER BY source;

-- name: take(source, holder, now, until)!
-- One server sends: it takes a shop whose turn has come, where no other is at it.
UPDATE outbox SET holder = :holder, until = :until
WHERE source = :source AND next_at <= :now AND (holder = :holder OR until <= :now);

-- name: go_on(source, holder, position, until)!
-- What comes up to an event is done with, if the server is still the one that sends, and nobody went further.
UPDATE outbox SET position = :position, until = :until, tries = 0, next_at = '', since = NULL, trouble = NULL
WHERE source = :source AND holder = :holder AND position < :position;

-- name: fail(source, holder, tries, now, next_at, trouble)!
-- A shop did not take what comes next.
UPDATE outbox SET tries = :tries, next_at = :next_at, since = coalesce(since, :now), trouble = :trouble, until = ''
WHERE source = :source AND holder = :holder;

-- name: skip(source, position)!
-- Somebody decided that the shop need not be told what comes next.
UPDATE outbox SET position = :position, tries = 0, next_at = '', since = NULL, trouble = NULL WHERE source = :source;

-- name: events_for_shops(id, upto, limit)
-- Events after one that shops must know of, by their kind, which begins behind the nine signs {"type":".
SELECT id, at, store, body FROM events
WHERE id > :id AND id <= :upto AND substr(body, 10, 12) IN ('cart_line_ch', 'delivery_ask', 'handoff_comp')
ORDER BY id LIMIT :limit;

-- name: last()^
-- The number of the latest event.
SELECT coalesce(max(id), 0) FROM events;

-- name: cart(id)^
-- What the shop calls a cart.
SELECT source, external_id FROM carts WHERE id = :id;
