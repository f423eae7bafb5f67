-- name: keep_refused(origin, line, path, reason, text, text_hash, refused_at)!
-- Keep a refused line; the same line is kept once, as it was refused last.
INSERT INTO refused_records (origin, line, path, reason, text, text_hash, refused_at)
VALUES (:origin, :line, :path, :reason, :text, :text_hash, :refused_at)
ON CONFLICT (text_hash) DO UPDATE SET
    origin = excluded.origin, line = excluded.line, path = excluded.path, reason = excluded.reason,
    refused_at = excluded.refused_at;

-- name: refused(before, limit)
-- Refused lines that are older than one, the latest first.
SELECT id, refused_at, origin, line, path, reason, text FROM refused_records
WHERE id < :before ORDER BY id DESC LIMIT :limit;

