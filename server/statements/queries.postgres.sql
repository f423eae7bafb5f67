-- name: find_snapshots(keys)
-- The snapshots we hold of outside records, a JSON list of [kind, source, external_id].
SELECT s.kind, s.source, s.external_id, s.row_id, s.customer_id, s.placed_at, s.updated_at, s.content_hash, s.deleted_at
FROM jsonb_array_elements(:keys ::jsonb) k JOIN snapshots s
    ON s.kind = k ->> 0 AND s.source = k ->> 1 AND s.external_id = k ->> 2;
