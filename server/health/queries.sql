-- name: answers()^
-- The database answers.
SELECT 1;
