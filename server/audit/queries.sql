-- name: begin(id, first, program, begun_at, heads, heads_seal, before, mac)!
-- Begin a chain, or say where it begins from now on; a second time the same changes nothing.
INSERT INTO audit_chains (id, first, program, begun_at, heads, heads_seal, before, mac)
VALUES (:id, :first, :program, :begun_at, :heads, :heads_seal, :before, :mac)
ON CONFLICT DO NOTHING;

-- name: chains()
-- Every chain with its checkpoints.
SELECT id, first, program, begun_at, heads, heads_seal, before, mac FROM audit_chains ORDER BY id, first;

-- name: chain(id)
-- One chain with its checkpoints.
SELECT id, first, program, begun_at, heads, heads_seal, before, mac FROM audit_chains WHERE id = :id ORDER BY first;

-- name: next_chain(after)^
-- The chain of the rows that come next in the order of chains.
SELECT chain FROM audit_looks WHERE chain > :after ORDER BY chain LIMIT 1;

-- name: links(chain, after, limit)
-- The rows of a chain that follow a position.
SELECT chain, position, at, kind, device_id, staff_id, why, people, request_id, sealed, mac
FROM audit_looks WHERE chain = :chain AND position > :after ORDER BY position LIMIT :limit;

-- name: latest(since, at, chain, position, limit)
-- Looks since a moment, latest first, from a place in that order on.
SELECT chain, position, at, kind, device_id, staff_id, why, people, request_id, sealed, mac
FROM audit_looks WHERE at >= :since AND (at, chain, position) < (:at, :chain, :position)
ORDER BY at DESC, chain DESC, position DESC LIMIT :limit;

-- name: cut(chain, first)!
-- Take away what is before a checkpoint.
DELETE FROM audit_looks WHERE chain = :chain AND position < :first;
