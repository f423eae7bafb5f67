-- name: add(code_hash, store, customer_id, cart_id, source, external_id, device_id, staff_id, at, until)^
-- Issue a handoff, unless the store has one with this code.
INSERT INTO handoffs
    (code_hash, store, customer_id, cart_id, source, external_id, state, device_id, staff_id, issued_at, until)
VALUES
    (:code_hash, :store, :customer_id, :cart_id, :source, :external_id, 'issued', :device_id, :staff_id, :at, :until)
ON CONFLICT DO NOTHING RETURNING id;

-- name: by_code(code_hash)^
-- A handoff by its code.
SELECT id, store, customer_id, cart_id, source, external_id, state, till_id, until FROM handoffs
WHERE code_hash = :code_hash;

-- name: by_id(id)^
-- A handoff by its number.
SELECT id, store, customer_id, cart_id, source, external_id, state, till_id, until FROM handoffs WHERE id = :id;

-- name: from_kiosk(id)^
-- Whether a customer sent it: whoever works here is named.
SELECT id FROM handoffs WHERE id = :id AND staff_id IS NULL;

-- name: open_of_cart(source, external_id)
-- Handoffs of a cart that are under way.
SELECT id, store, customer_id, cart_id, source, external_id, state, till_id, until FROM handoffs
WHERE source = :source AND external_id = :external_id AND ended_at IS NULL;

-- name: held_by(till_id, at)^
-- What a till took last, of what it still has.
SELECT id, customer_id, source, external_id, until, lines FROM handoffs
WHERE till_id = :till_id AND ended_at IS NULL AND until > :at ORDER BY redeemed_at DESC, id DESC LIMIT 1;

-- name: overdue(at, limit)
-- Handoffs whose time ran out.
SELECT id, store, customer_id, cart_id, source, external_id, state, till_id, until FROM handoffs
WHERE ended_at IS NULL AND until <= :at ORDER BY until LIMIT :limit;

-- name: lines(id)^
-- What a till got.
SELECT lines FROM handoffs WHERE id = :id AND lines IS NOT NULL;

-- name: redeem(id, till_id, at, until, lines)!
-- A till has it now, and nobody else.
UPDATE handoffs SET state = 'redeemed', till_id = :till_id, redeemed_at = :at, until = :until, lines = :lines
WHERE id = :id AND state = 'issued';

-- name: end(id, state, at)!
-- It is over.
UPDATE handoffs SET state = :state, ended_at = :at WHERE id = :id AND ended_at IS NULL;
