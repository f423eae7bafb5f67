-- name: take_ids(count)
-- So many ids that no order had before, as the first and last of each unbroken run.
UPDATE order_ids SET last = last + :count RETURNING last - :count + 1, last;
