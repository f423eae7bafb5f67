-- name: take_ids(count)
-- So many ids that no order had before, as the first and last of each unbroken run.
SELECT n.id, n.id FROM (SELECT nextval('order_ids') AS id FROM generate_series(1, :count)) n;
