-- 1: rows that the run wrote may stand there that nobody is shown; the next run takes them away before it begins.
ALTER TABLE catalog_runs ADD COLUMN unshown INTEGER NOT NULL DEFAULT 0;
UPDATE catalog_runs SET unshown = 1 WHERE state <> 'done';
CREATE INDEX catalog_runs_unshown ON catalog_runs (unshown) WHERE unshown = 1;
