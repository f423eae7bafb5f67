-- name: add(device_id, store, about, at)^
-- Keep a call, unless one of this kiosk waits already.
INSERT INTO help_calls (device_id, store, about, called_at) VALUES (:device_id, :store, :about, :at)
ON CONFLICT DO NOTHING RETURNING id;

-- name: waiting_of(device_id)^
-- The call of a kiosk that waits.
SELECT id FROM help_calls WHERE device_id = :device_id AND ended_at IS NULL;

-- name: call(id)^
-- A call, with the kiosk's name and that of whoever answered it.
SELECT d.name, c.store, c.about, c.called_at, c.ended_at, s.name
FROM help_calls c JOIN devices d ON d.id = c.device_id LEFT JOIN staff s ON s.id = c.staff_id WHERE c.id = :id;

-- name: waiting_in(store, since)
-- Calls of a store's kiosks that wait, the first one first.
SELECT c.id, d.name, c.about, c.called_at FROM help_calls c JOIN devices d ON d.id = c.device_id
WHERE c.store = :store AND c.ended_at IS NULL AND c.called_at > :since ORDER BY c.called_at, c.id;

-- name: end_overdue(device_id, before, at)!
-- A kiosk's call for which nobody came is over.
UPDATE help_calls SET ended_at = :at WHERE device_id = :device_id AND ended_at IS NULL AND called_at <= :before;

-- name: answer(id, staff_id, at)!
-- Somebody is on the way, if nobody else is.
UPDATE help_calls SET ended_at = :at, staff_id = :staff_id WHERE id = :id AND ended_at IS NULL;

-- name: forget(before)!
-- What was over long ago goes.
DELETE FROM help_calls WHERE called_at < :before;
