-- name: by_device(id)^
-- A device, for whoever shows its token.
SELECT token_hash, next_token_hash, kind, store, seen_at, revoked_at FROM devices WHERE id = :id;

-- name: by_session(id)
-- A session with its device and its person, for whoever shows its token; a row for each store where the person works.
SELECT s.token_hash, s.seen_at, s.ends_at, s.ended_at, d.id, d.kind, d.store, d.revoked_at,
    p.id, p.role, p.removed_at, w.store
FROM sessions s JOIN devices d ON d.id = s.device_id JOIN staff p ON p.id = s.staff_id
LEFT JOIN staff_stores w ON w.staff_id = p.id
WHERE s.id = :id;

-- name: by_kiosk_session(id)^
-- A customer's time at a kiosk with the kiosk, for whoever shows its token.
SELECT s.token_hash, s.seen_at, s.ends_at, s.ended_at, s.customer_id, s.source, s.external_id,
    d.id, d.kind, d.store, d.revoked_at
FROM kiosk_sessions s JOIN devices d ON d.id = s.device_id WHERE s.id = :id;

-- name: touch_kiosk_session(id, at)!
-- A customer did something at a kiosk just now, unless that is written already.
UPDATE kiosk_sessions SET seen_at = :at WHERE id = :id AND seen_at < :at AND ended_at IS NULL;

-- name: touch_session(id, at)!
-- A session was used just now, unless that is written already.
UPDATE sessions SET seen_at = :at WHERE id = :id AND seen_at < :at AND ended_at IS NULL;

-- name: touch_device(id, at)!
-- A device was seen just now, unless that is written already.
UPDATE devices SET seen_at = :at WHERE id = :id AND seen_at < :at;

-- name: add_device(kind, store, name, at)^
-- Enrol a device; its token follows, as its number is part of it.
INSERT INTO devices (kind, store, name, token_hash, enrolled_at, seen_at)
VALUES (:kind, :store, :name, '', :at, :at) RETURNING id;

-- name: set_token(id, token_hash)!
-- From now on a device has this token, and no other.
UPDATE devices SET token_hash = :token_hash, next_token_hash = NULL WHERE id = :id;

-- name: set_next_token(id, next_token_hash)!
-- Whoever shows this token next will have no other.
UPDATE devices SET next_token_hash = :next_token_hash WHERE id = :id;

-- name: take_next_token(id, next_token_hash)!
-- The next token was shown: the one before it is worth nothing any more.
UPDATE devices SET token_hash = next_token_hash, next_token_hash = NULL
WHERE id = :id AND next_token_hash = :next_token_hash;

-- name: device(id)^
-- A device as managers see it.
SELECT id, kind, name, store, enrolled_at, seen_at, revoked_at FROM devices WHERE id = :id;

-- name: devices()
-- Every device that was ever enrolled, by store and name.
SELECT id, kind, name, store, enrolled_at, seen_at, revoked_at FROM devices ORDER BY coalesce(store, ''), name, id;

-- name: revoke_device(id, at)!
-- A device's tokens are worth nothing any more.
UPDATE devices SET revoked_at = :at, next_token_hash = NULL WHERE id = :id AND revoked_at IS NULL;

-- name: add_enrolment(code_hash, kind, store, name, made_by, expires_at)!
-- Keep a code that enrols a device.
INSERT INTO enrolments (code_hash, kind, store, name, made_by, expires_at)
VALUES (:code_hash, :kind, :store, :name, :made_by, :expires_at);

-- name: forget_enrolments(before)!
-- Codes that nobody can use any more go.
DELETE FROM enrolments WHERE expires_at < :before;

-- name: use_enrolment(code_hash, at)
-- Use a code up, if it can still be used.
UPDATE enrolments SET used_at = :at WHERE code_hash = :code_hash AND used_at IS NULL AND expires_at >= :at
RETURNING kind, store, name;

-- name: add_staff(name, role, badge_hash, pin_hash, at)^
-- Somebody works here from now on.
INSERT INTO staff (name, role, badge_hash, pin_hash, added_at) VALUES (:name, :role, :badge_hash, :pin_hash, :at)
RETURNING id;

-- name: add_staff_store(staff_id, store)!
-- Somebody works in a store.
INSERT INTO staff_stores (staff_id, store) VALUES (:staff_id, :store) ON CONFLICT DO NOTHING;

-- name: forget_staff_stores(staff_id)!
-- Somebody works nowhere.
DELETE FROM staff_stores WHERE staff_id = :staff_id;

-- name: has_badge(badge_hash)^
-- Is a badge somebody's?
SELECT 1 FROM staff WHERE badge_hash = :badge_hash;

-- name: staff_by_badge(badge_hash)^
-- The number of whoever has a badge.
SELECT id FROM staff WHERE badge_hash = :badge_hash AND removed_at IS NULL;

-- name: staff(id)^
-- Somebody who works here.
SELECT name, role, pin_hash FROM staff WHERE id = :id AND removed_at IS NULL;

-- name: stores_of(staff_id)
-- Where somebody works.
SELECT store FROM staff_stores WHERE staff_id = :staff_id ORDER BY store;

-- name: all_staff()
-- Everybody who works here, with a row for each of their stores.
SELECT p.id, p.name, p.role, w.store FROM staff p LEFT JOIN staff_stores w ON w.staff_id = p.id
WHERE p.removed_at IS NULL ORDER BY p.id, w.store;

-- name: staff_in(store)
-- Who may sign in in a store: those who work there, and HQ's people.
SELECT p.id, p.name FROM staff p
WHERE p.removed_at IS NULL AND p.pin_hash IS NOT NULL
    AND (p.role = 'hq' OR EXISTS (SELECT 1 FROM staff_stores w WHERE w.staff_id = p.id AND w.store = :store));

-- name: has_manager()^
-- Is there anybody who may enrol devices and add people?
SELECT 1 FROM staff WHERE role <> 'associate' AND removed_at IS NULL;

-- name: has_other_manager(id)^
-- Is there anybody else who may, and can sign in somewhere?
SELECT 1 FROM staff p WHERE p.role <> 'associate' AND p.removed_at IS NULL AND p.pin_hash IS NOT NULL AND p.id <> :id
    AND (p.role = 'hq' OR EXISTS (SELECT 1 FROM staff_stores s WHERE s.staff_id = p.id))
LIMIT 1;

-- name: set_pin(id, pin_hash)!
-- Somebody has another PIN.
UPDATE staff SET pin_hash = :pin_hash WHERE id = :id;

-- name: remove_staff(id, at)!
-- Somebody works here no more; badge and PIN go, the name stays for what they wrote.
UPDATE staff SET removed_at = :at, badge_hash = NULL, pin_hash = NULL WHERE id = :id AND removed_at IS NULL;

-- name: add_session(device_id, staff_id, store, at, ends_at)^
-- Somebody is signed in on a device; the token follows, as the session's number is part of it.
INSERT INTO sessions (token_hash, device_id, staff_id, store, started_at, seen_at, ends_at)
VALUES ('', :device_id, :staff_id, :store, :at, :at, :ends_at) RETURNING id;

-- name: set_session_token(id, token_hash)!
-- What a session is known by.
UPDATE sessions SET token_hash = :token_hash WHERE id = :id;

-- name: unlock_session(id, at)!
-- Whoever is signed in has shown the PIN again.
UPDATE sessions SET seen_at = :at WHERE id = :id AND ended_at IS NULL;

-- name: session(id)^
-- Until when a session lasts.
SELECT ends_at FROM sessions WHERE id = :id;

-- name: end_session(id, at)
-- Somebody signs out.
UPDATE sessions SET ended_at = :at WHERE id = :id AND ended_at IS NULL RETURNING id;

-- name: end_sessions_on(device_id, at)
-- Nobody is signed in on a device any more.
UPDATE sessions SET ended_at = :at WHERE device_id = :device_id AND ended_at IS NULL RETURNING id;

-- name: end_sessions_of(staff_id, at)
-- Somebody is signed in nowhere any more.
UPDATE sessions SET ended_at = :at WHERE staff_id = :staff_id AND ended_at IS NULL RETURNING id;

-- name: has_signed_in(staff_id, device_id)^
-- Was somebody ever signed in on a device?
SELECT 1 FROM sessions WHERE staff_id = :staff_id AND device_id = :device_id LIMIT 1;

-- name: tries(subject)^
-- Wrong PINs or codes of a subject.
SELECT wrong, wrong_at, wait_until FROM pin_tries WHERE subject = :subject;

-- name: set_tries(subject, wrong, wrong_at, wait_until)!
-- Keep how many were wrong and until when the next one waits.
INSERT INTO pin_tries (subject, wrong, wrong_at, wait_until) VALUES (:subject, :wrong, :wrong_at, :wait_until)
ON CONFLICT (subject) DO UPDATE
SET wrong = excluded.wrong, wrong_at = excluded.wrong_at, wait_until = excluded.wait_until;

-- name: forget_tries(subject)!
-- Nothing was wrong.
DELETE FROM pin_tries WHERE subject = :subject;

-- name: forget_tries_between(first, last)!
-- Nothing was wrong, for every subject of a range of names.
DELETE FROM pin_tries WHERE subject >= :first AND subject < :last;

-- name: forget_old_tries(first, last, before)!
-- Subjects of a range of names that have guessed nothing wrong for long are as if they never had.
DELETE FROM pin_tries WHERE subject >= :first AND subject < :last AND wrong_at < :before;
