-- name: wishes_for(skus, at, customer_id, limit)
-- Who wishes for one of a JSON list of SKUs, the latest wish first, from a place in the list on.
SELECT customer_id, sku, added_at FROM wishlist_items
WHERE sku = ANY (ARRAY(SELECT jsonb_array_elements_text(:skus ::jsonb))) AND (added_at, customer_id) < (:at, :customer_id)
ORDER BY added_at DESC, customer_id DESC LIMIT :limit;

-- name: latest_wishes(skus, ids)
-- When each customer of a JSON list wished last for one of a JSON list of SKUs.
SELECT customer_id, max(added_at) FROM wishlist_items
WHERE customer_id = ANY (ARRAY(SELECT jsonb_array_elements_text(:ids ::jsonb) ::bigint))
    AND sku = ANY (ARRAY(SELECT jsonb_array_elements_text(:skus ::jsonb)))
GROUP BY customer_id;
