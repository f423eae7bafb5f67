-- The cart that a till has, for a till that starts anew.
CREATE INDEX handoffs_open_till ON handoffs (till_id) WHERE ended_at IS NULL AND till_id IS NOT NULL;
