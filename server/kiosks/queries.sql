-- name: add_challenge(device_id, store, way, contact_hash, code_hash, at, expires_at)^
-- Keep what a kiosk waits for.
INSERT INTO kiosk_challenges (device_id, store, way, contact_hash, code_hash, tries, asked_at, expires_at)
VALUES (:device_id, :store, :way, :contact_hash, :code_hash, 0, :at, :expires_at) RETURNING id;

-- name: challenge(id)^
-- What a kiosk waits for.
SELECT device_id, store, way, contact_hash, code_hash, customer_id, tries, expires_at, ended_at
FROM kiosk_challenges WHERE id = :id;

-- name: waiting_in(store, at)
-- Kiosks of a store that wait for an associate, the first to ask first.
SELECT c.id, d.name, c.asked_at, c.expires_at FROM kiosk_challenges c JOIN devices d ON d.id = c.device_id
WHERE c.store = :store AND c.way = 'vouch' AND c.ended_at IS NULL AND c.customer_id IS NULL AND c.expires_at > :at
ORDER BY c.asked_at, c.id;

-- name: asked_by(device_id, since)^
-- How often a kiosk asked since a moment, and when it did first.
SELECT count(*), min(asked_at) FROM kiosk_challenges WHERE device_id = :device_id AND asked_at > :since;

-- name: asked_for(contact_hash, since)^
-- How often a contact was asked for since a moment, and when it was first.
SELECT count(*), min(asked_at) FROM kiosk_challenges WHERE contact_hash = :contact_hash AND asked_at > :since;

-- name: asked_at_all(since, most)^
-- How often any kiosk asked for a code since a moment, up to so many, and when one did first.
SELECT count(*), min(asked_at) FROM (
    SELECT asked_at FROM kiosk_challenges WHERE asked_at > :since AND way = 'code' ORDER BY asked_at LIMIT :most
) a;

-- name: set_customer(id, customer_id)!
-- A challenge is for somebody, or for nobody.
UPDATE kiosk_challenges SET customer_id = :customer_id WHERE id = :id AND ended_at IS NULL;

-- name: count_try(id, ended_at)!
-- One more wrong try, after which a challenge may be over.
UPDATE kiosk_challenges SET tries = tries + 1, ended_at = :ended_at WHERE id = :id;

-- name: end_challenge(id, at)!
-- A challenge is used.
UPDATE kiosk_challenges SET ended_at = :at WHERE id = :id AND ended_at IS NULL;

-- name: end_challenges_of(device_id, since, at)
-- A kiosk waits for nothing any more; it did for these.
UPDATE kiosk_challenges SET ended_at = :at WHERE device_id = :device_id AND asked_at > :since AND ended_at IS NULL
RETURNING id, way, customer_id, expires_at;

-- name: withdraw_challenge(id, device_id, at)
-- A kiosk waits for one thing no more.
UPDATE kiosk_challenges SET ended_at = :at WHERE id = :id AND device_id = :device_id AND ended_at IS NULL
RETURNING id, way, customer_id, expires_at;

-- name: forget_challenges(before)!
-- What was over long ago goes.
DELETE FROM kiosk_challenges WHERE asked_at < :before;

-- name: use_code(code_hash, expires_at)!
-- Use a shop's code up, if nobody did.
INSERT INTO kiosk_codes (code_hash, expires_at) VALUES (:code_hash, :expires_at) ON CONFLICT DO NOTHING;

-- name: forget_codes(before)!
-- Codes whose time is over need not be known.
DELETE FROM kiosk_codes WHERE expires_at < :before;

-- name: add_session(device_id, customer_id, source, external_id, proof, at, ends_at)^
-- A customer may go on at a kiosk; the token follows, as the session's number is part of it.
INSERT INTO kiosk_sessions (token_hash, device_id, customer_id, source, external_id, proof, started_at, seen_at, ends_at)
VALUES ('', :device_id, :customer_id, :source, :external_id, :proof, :at, :at, :ends_at) RETURNING id;

-- name: set_session_token(id, token_hash)!
-- What a session is known by.
UPDATE kiosk_sessions SET token_hash = :token_hash WHERE id = :id;

-- name: session(id)^
-- Whose a session is, and until when it lasts.
SELECT customer_id, ends_at FROM kiosk_sessions WHERE id = :id;

-- name: end_sessions_on(device_id, at)
-- Nobody is at a kiosk any more.
UPDATE kiosk_sessions SET ended_at = :at WHERE device_id = :device_id AND ended_at IS NULL RETURNING id;

-- name: open_sessions(until)
-- Sessions that nobody ended so far.
SELECT id, seen_at, ends_at FROM kiosk_sessions WHERE ended_at IS NULL AND ends_at <= :until ORDER BY ends_at;

-- name: end_session(id, at)
-- A session is over.
UPDATE kiosk_sessions SET ended_at = :at WHERE id = :id AND ended_at IS NULL RETURNING id;

-- name: forget_sessions(before)!
-- Who was where long ago stands in the record of looks.
DELETE FROM kiosk_sessions WHERE started_at < :before AND ended_at IS NOT NULL;
