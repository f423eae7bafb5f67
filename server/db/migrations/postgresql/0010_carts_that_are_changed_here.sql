-- What the shop shows of a cart and what was changed here, beside each other.
ALTER TABLE carts ADD COLUMN version BIGINT NOT NULL DEFAULT 1;      -- grows with every change, whoever made it
ALTER TABLE carts ADD COLUMN next_line BIGINT NOT NULL DEFAULT 1;
ALTER TABLE carts ADD COLUMN seen_version BIGINT;                   -- how far the shop says it saw ours; null: it never says
ALTER TABLE carts ADD COLUMN edited_at TEXT COLLATE "C";                         -- when it was changed here last
-- The quantity of a line is what is shown. A line that nobody has any more keeps its row for a while, for its number.
ALTER TABLE cart_lines ADD COLUMN line BIGINT NOT NULL DEFAULT 0;    -- our number for it in its cart
ALTER TABLE cart_lines ADD COLUMN shop_quantity BIGINT NOT NULL DEFAULT 0; -- what the shop showed last
ALTER TABLE cart_lines ADD COLUMN edits TEXT COLLATE "C";                        -- JSON [[version, from, to]] that the shop is yet to see
UPDATE cart_lines SET line = position + 1, shop_quantity = quantity;
UPDATE carts SET next_line = 1 + (
    SELECT count(*) FROM cart_lines l WHERE l.customer_id = carts.customer_id AND l.cart_id = carts.id);
-- A cart is asked for by its number before it is known whose it is.
CREATE INDEX carts_id ON carts (id);
