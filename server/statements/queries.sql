-- name: find_snapshot(kind, source, external_id)^
-- The snapshot we hold of an outside record.
SELECT row_id, customer_id, placed_at, updated_at, content_hash, deleted_at
FROM snapshots WHERE kind = :kind AND source = :source AND external_id = :external_id;

-- name: keep_snapshot(kind, source, external_id, row_id, customer_id, placed_at, updated_at, content_hash, deleted_at)!
-- Hold a snapshot, or the time of its deletion.
INSERT INTO snapshots (kind, source, external_id, row_id, customer_id, placed_at, updated_at, content_hash, deleted_at)
VALUES (:kind, :source, :external_id, :row_id, :customer_id, :placed_at, :updated_at, :content_hash, :deleted_at)
ON CONFLICT (kind, source, external_id) DO UPDATE SET
    row_id = excluded.row_id, customer_id = excluded.customer_id, placed_at = excluded.placed_at,
    updated_at = excluded.updated_at, content_hash = excluded.content_hash, deleted_at = excluded.deleted_at;

-- name: forget_snapshot(kind, source, external_id)!
-- Know nothing of an outside record any more.
DELETE FROM snapshots WHERE kind = :kind AND source = :source AND external_id = :external_id;
