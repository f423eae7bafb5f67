-- name: take(caller, key, request_hash, taken_at, customer_id)!
-- Take a caller's key for a request, if nobody did before; the answer comes in the same transaction.
INSERT INTO idempotency_keys (caller, key, request_hash, answer, answered_at, customer_id)
VALUES (:caller, :key, :request_hash, '', :taken_at, :customer_id)
ON CONFLICT DO NOTHING;

-- name: find(caller, key)^
-- The answer that was given to a caller's key.
SELECT request_hash, answer, answered_at FROM idempotency_keys WHERE caller = :caller AND key = :key;

-- name: keep(caller, key, answer)!
-- Keep the answer to a caller's key.
UPDATE idempotency_keys SET answer = :answer WHERE caller = :caller AND key = :key;

-- name: release(caller, key)!
-- A caller's key may come again: nothing was done under it.
DELETE FROM idempotency_keys WHERE caller = :caller AND key = :key;
