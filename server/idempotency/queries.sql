-- name: find(caller, key)^
-- The answer that was given to a caller's key.
SELECT request_hash, answer FROM idempotency_keys WHERE caller = :caller AND key = :key;

-- name: keep(caller, key, request_hash, answer, answered_at)!
-- Keep the answer to a caller's key.
INSERT INTO idempotency_keys (caller, key, request_hash, answer, answered_at)
VALUES (:caller, :key, :request_hash, :answer, :answered_at);
