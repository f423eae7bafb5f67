-- Who wishes for an article.
CREATE INDEX wishlist_items_sku ON wishlist_items (sku, added_at);
