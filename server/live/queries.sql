-- name: after(id, limit)
-- Events that follow an id, in their order, with the person they are about.
SELECT e.id, e.at, e.customer_id, coalesce(c.person_id, e.customer_id), e.store, e.body
FROM events e LEFT JOIN customers c ON c.id = e.customer_id
WHERE e.id > :id ORDER BY e.id LIMIT :limit;

-- name: last()^
-- The number of the latest event.
SELECT coalesce(max(id), 0) FROM events;

-- name: kept()^
-- The numbers of the oldest event that is kept, and of the latest.
SELECT (SELECT coalesce(min(id), 1) FROM events), (SELECT coalesce(max(id), 0) FROM events);

-- name: person_of(customer_id)^
-- The person that a customer is.
SELECT coalesce(person_id, id) FROM customers WHERE id = :customer_id;
