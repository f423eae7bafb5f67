-- name: by_key(source, external_id)^
-- A customer with every field and time, for the next statement on them.
SELECT c.id, c.person_id, c.stated, c.given_name, c.family_name, c.emails, c.phones, c.cards, c.locale, c.city,
    c.birth_date, c.loyalty, c.consents, c.attributes, c.field_times, c.deleted_at, c.redacted_at
FROM customer_keys k JOIN customers c ON c.id = k.customer_id
WHERE k.source = :source AND k.external_id = :external_id;

-- name: add_key(source, external_id, customer_id)!
-- Who a source means by an id of its own.
INSERT INTO customer_keys (source, external_id, customer_id) VALUES (:source, :external_id, :customer_id);

-- name: remove_key(source, external_id)!
-- A source means nobody by this id any more.
DELETE FROM customer_keys WHERE source = :source AND external_id = :external_id;

-- name: add(source, external_id, stated, given_name, family_name, emails, phones, cards, locale, city, birth_date, loyalty, consents, attributes, field_times, deleted_at, redacted_at)^
-- Keep a new customer.
INSERT INTO customers (source, external_id, stated, given_name, family_name, emails, phones, cards, locale, city,
    birth_date, loyalty, consents, attributes, field_times, deleted_at, redacted_at)
VALUES (:source, :external_id, :stated, :given_name, :family_name, :emails, :phones, :cards, :locale, :city,
    :birth_date, :loyalty, :consents, :attributes, :field_times, :deleted_at, :redacted_at)
RETURNING id;

-- name: set(id, stated, given_name, family_name, emails, phones, cards, locale, city, birth_date, loyalty, consents, attributes, field_times, deleted_at, redacted_at)!
-- Keep a customer as they are now.
UPDATE customers SET stated = :stated, given_name = :given_name, family_name = :family_name, emails = :emails,
    phones = :phones, cards = :cards, locale = :locale, city = :city, birth_date = :birth_date, loyalty = :loyalty,
    consents = :consents, attributes = :attributes, field_times = :field_times, deleted_at = :deleted_at,
    redacted_at = :redacted_at
WHERE id = :id;

-- name: id_of(source, external_id)^
-- A customer's id.
SELECT customer_id FROM customer_keys WHERE source = :source AND external_id = :external_id;

-- name: forgotten_until(id)^
-- Until when a customer asked to be forgotten.
SELECT redacted_at FROM customers WHERE id = :id;

-- name: add_placeholder(source, external_id)^
-- A customer that only other records speak of, so far.
INSERT INTO customers (source, external_id) VALUES (:source, :external_id) RETURNING id;

-- name: prune_placeholder(id)^
-- Take a placeholder away that nothing speaks of any more; its source and id, if so.
DELETE FROM customers WHERE id = :id AND stated = 0 AND deleted_at IS NULL AND redacted_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = :id)
    AND NOT EXISTS (SELECT 1 FROM carts c WHERE c.customer_id = :id)
    AND NOT EXISTS (SELECT 1 FROM wishlists w WHERE w.customer_id = :id)
    AND NOT EXISTS (SELECT 1 FROM views v WHERE v.customer_id = :id)
    AND NOT EXISTS (SELECT 1 FROM notes n WHERE n.customer_id = :id)
    AND NOT EXISTS (SELECT 1 FROM customer_references r WHERE r.customer_id = :id) AND preferences IS NULL
RETURNING source, external_id;

-- name: add_identity(kind, value, customer_id, verified)!
-- A customer can be meant by a contact.
INSERT INTO identities (kind, value, customer_id, verified) VALUES (:kind, :value, :customer_id, :verified)
ON CONFLICT (kind, value, customer_id) DO UPDATE SET verified = excluded.verified;

-- name: remove_identity(kind, value, customer_id)!
-- A customer can no longer be meant by a contact.
DELETE FROM identities WHERE kind = :kind AND value = :value AND customer_id = :customer_id;

-- name: holders(kind, value)
-- Whose contact this is, and which person each of them is.
SELECT i.customer_id, i.verified, coalesce(c.person_id, c.id)
FROM identities i JOIN customers c ON c.id = i.customer_id WHERE i.kind = :kind AND i.value = :value;

-- name: others(kind, value, customer_id)^
-- Is there anybody else whom a contact concerns?
SELECT 1 FROM identities WHERE kind = :kind AND value = :value AND customer_id <> :customer_id
UNION ALL
SELECT 1 FROM customer_references WHERE kind = :kind AND value = :value AND customer_id <> :customer_id
UNION ALL
SELECT 1 FROM customer_keys WHERE source = '@' || :kind AND external_id = :value AND customer_id <> :customer_id
LIMIT 1;

-- name: add_reference(kind, value, customer_id, record_kind, record_source, record_external_id)!
-- A record names a contact for a customer.
INSERT INTO customer_references (kind, value, customer_id, record_kind, record_source, record_external_id)
VALUES (:kind, :value, :customer_id, :record_kind, :record_source, :record_external_id)
ON CONFLICT DO NOTHING;

-- name: references_of_record(record_kind, record_source, record_external_id)
-- The contacts a record names.
SELECT kind, value, customer_id FROM customer_references
WHERE record_kind = :record_kind AND record_source = :record_source AND record_external_id = :record_external_id;

-- name: clear_references_of_record(record_kind, record_source, record_external_id)!
-- A record no longer names contacts.
DELETE FROM customer_references
WHERE record_kind = :record_kind AND record_source = :record_source AND record_external_id = :record_external_id;

-- name: forget_references(customer_id, until)!
-- Drop the contacts that records up to a moment name for a customer; a view's id starts with its time.
DELETE FROM customer_references WHERE customer_id = :customer_id AND (
    (record_kind = 'view' AND substr(record_external_id, 1, 27) <= :until)
    OR EXISTS (SELECT 1 FROM snapshots s WHERE s.kind = record_kind AND s.source = record_source
        AND s.external_id = record_external_id AND s.updated_at <= :until));

-- name: is_referenced(kind, value, customer_id)^
-- Does any record name a contact for a customer?
SELECT 1 FROM customer_references WHERE kind = :kind AND value = :value AND customer_id = :customer_id LIMIT 1;

-- name: references_of_customer(customer_id)
-- The contacts that records name for a customer.
SELECT kind, value FROM customer_references WHERE customer_id = :customer_id
UNION
SELECT substr(source, 2), external_id FROM customers
WHERE id = :customer_id AND source IN ('@card', '@email', '@phone')
ORDER BY kind, value;

-- name: placeholders_naming(kind, value)
-- Customers without a record of their own for whom a contact is named.
SELECT r.customer_id FROM customer_references r JOIN customers c ON c.id = r.customer_id
WHERE r.kind = :kind AND r.value = :value AND c.stated = 0
UNION
SELECT customer_id FROM customer_keys WHERE source = '@' || :kind AND external_id = :value;

-- name: linked(id)^
-- What decides which person a customer is.
SELECT person_id, stated, emails, phones, cards FROM customers WHERE id = :id;

-- name: members(person_id)
-- The customers that are one person.
SELECT id, stated FROM customers WHERE person_id = :person_id;

-- name: mark(id, has)!
-- From now on something of a customer's may be in a table.
UPDATE customers SET has = has | :has WHERE id = :id AND (has & :has) = 0;

-- name: set_person(id, person_id)!
-- Point a customer to their person.
UPDATE customers SET person_id = :person_id WHERE id = :id;

-- name: set_root(id)!
-- A person's first customer names itself while there are others, else nobody.
UPDATE customers SET person_id =
    CASE WHEN EXISTS (SELECT 1 FROM customers o WHERE o.person_id = :id AND o.id <> :id) THEN :id END
WHERE id = :id;

-- name: words(customer_id)^
-- The words a customer is found by.
SELECT words FROM customer_words WHERE customer_id = :customer_id;

-- name: put_words(customer_id, words)!
-- Keep the words a customer is found by.
INSERT INTO customer_words (customer_id, words) VALUES (:customer_id, :words)
ON CONFLICT (customer_id) DO UPDATE SET words = excluded.words;

-- name: remove_words(customer_id)!
-- A customer is found by nothing.
DELETE FROM customer_words WHERE customer_id = :customer_id;

-- name: add_to_vocabulary(word)!
-- A word that misspelt ones can be corrected to.
INSERT INTO vocabulary (word) VALUES (:word) ON CONFLICT DO NOTHING;

-- name: remove_from_vocabulary(word)!
-- Nobody has this word any more.
DELETE FROM vocabulary WHERE word = :word;

-- name: vocabulary_after(id)
-- Words that came after one.
SELECT id, word FROM vocabulary WHERE id > :id ORDER BY id;

-- name: vocabulary_size()^
-- How many words there are, and the last one's id.
SELECT count(*), coalesce(max(id), 0) FROM vocabulary;

-- name: person_rows(id)
-- Every customer of a person with what is shown of them.
SELECT c.id, c.person_id, c.source, c.external_id, c.stated, c.given_name, c.family_name, c.emails, c.phones,
    c.cards, c.locale, c.city, c.birth_date, c.loyalty, c.consents, c.attributes, c.field_times, c.preferences, c.has
FROM customers c WHERE c.id = :id AND c.person_id IS NULL
UNION ALL
SELECT m.id, m.person_id, m.source, m.external_id, m.stated, m.given_name, m.family_name, m.emails, m.phones,
    m.cards, m.locale, m.city, m.birth_date, m.loyalty, m.consents, m.attributes, m.field_times, m.preferences, m.has
FROM customers c JOIN customers m ON m.person_id = c.person_id WHERE c.id = :id;

-- name: person_rows_with(kind, value)
-- The same for everybody who carries a contact, and whether they proved it.
SELECT c.id, c.person_id, c.source, c.external_id, c.stated, c.given_name, c.family_name, c.emails, c.phones,
    c.cards, c.locale, c.city, c.birth_date, c.loyalty, c.consents, c.attributes, c.field_times, c.preferences,
    c.has, i.verified
FROM identities i JOIN customers c ON c.id = i.customer_id
WHERE i.kind = :kind AND i.value = :value AND c.person_id IS NULL
UNION ALL
SELECT m.id, m.person_id, m.source, m.external_id, m.stated, m.given_name, m.family_name, m.emails, m.phones,
    m.cards, m.locale, m.city, m.birth_date, m.loyalty, m.consents, m.attributes, m.field_times, m.preferences,
    m.has, i.verified
FROM identities i JOIN customers c ON c.id = i.customer_id JOIN customers m ON m.person_id = c.person_id
WHERE i.kind = :kind AND i.value = :value;

-- name: with_email(first, last, limit)
-- Customers with an e-mail in a range, a prefix as typed, and guests that only an e-mail is known of.
SELECT customer_id, value FROM identities WHERE kind = 'email' AND value >= :first AND value < :last
UNION ALL
SELECT customer_id, external_id FROM customer_keys WHERE source = '@email' AND external_id >= :first AND external_id < :last
LIMIT :limit;

-- name: notes(customer_id)
-- What associates wrote of a customer, latest first.
SELECT id, text, author, written_at, store FROM notes WHERE customer_id = :customer_id ORDER BY written_at DESC, id DESC;

-- name: add_note(customer_id, text, author, written_at, staff_id, store)^
-- Keep a note.
INSERT INTO notes (customer_id, text, author, written_at, staff_id, store)
VALUES (:customer_id, :text, :author, :written_at, :staff_id, :store)
RETURNING id;

-- name: forget_notes(customer_id, until)!
-- Drop what was written of a customer up to a moment.
DELETE FROM notes WHERE customer_id = :customer_id AND written_at <= :until;

-- name: set_preferences(id, preferences)!
-- Keep a customer's preferences, whole.
UPDATE customers SET preferences = :preferences WHERE id = :id;

-- name: names_of(id)^
-- A customer's name and what it is made from where they have none.
SELECT given_name, family_name, source, external_id FROM customers WHERE id = :id;

-- name: recent_in_store(store, limit)
-- The words of who was seen last in a store, over all customers of their person: a card's orders know no name.
SELECT DISTINCT m.id, w.words
FROM (
    SELECT customer_id, placed_at FROM orders
    WHERE store = :store AND customer_id <> 0 ORDER BY placed_at DESC LIMIT :limit
) r JOIN customers h ON h.id = r.customer_id
JOIN customers m ON m.id = h.id OR m.person_id = h.person_id
JOIN customer_words w ON w.customer_id = m.id;

-- name: any_tombstone()^
-- Was anybody ever erased?
SELECT mac FROM tombstones WHERE mac > '' ORDER BY mac LIMIT 1;

-- name: add_tombstone(mac, erased_at)!
-- Recognise somebody who was erased by one more name.
INSERT INTO tombstones (mac, erased_at) VALUES (:mac, :erased_at)
ON CONFLICT (mac) DO UPDATE SET erased_at = excluded.erased_at, lifted = 0
WHERE excluded.erased_at > tombstones.erased_at;

-- name: lift_tombstone(mac)!
-- Somebody came anew: recognise them by this name only in what was said up to their erasure.
UPDATE tombstones SET lifted = 1 WHERE mac = :mac;

-- name: add_consent(customer_id, channel, contact, at, statement, granted, wording, taken_by, how, source, device_id, staff_id, recorded_at)!
-- Keep that a consent was given or withdrawn; the same said twice is one.
INSERT INTO consents_log (customer_id, channel, contact, at, statement, granted, wording, taken_by, how, source,
    device_id, staff_id, recorded_at)
VALUES (:customer_id, :channel, :contact, :at, :statement, :granted, :wording, :taken_by, :how, :source,
    :device_id, :staff_id, :recorded_at)
ON CONFLICT DO NOTHING;

-- name: consents_of(customer_id)
-- Every consent that a customer gave or withdrew, the latest first.
SELECT channel, contact, at, granted, wording, taken_by, how, source, device_id, staff_id, recorded_at
FROM consents_log WHERE customer_id = :customer_id ORDER BY at DESC, granted, statement;

-- name: forget_consents(customer_id, until)!
-- Drop the consents that were given or withdrawn up to a moment.
DELETE FROM consents_log WHERE customer_id = :customer_id AND at <= :until;

-- name: held_by_others(kind, value)^
-- Does anybody have this contact?
SELECT 1 FROM identities WHERE kind = :kind AND value = :value
UNION ALL
SELECT 1 FROM customer_keys WHERE source = '@' || :kind AND external_id = :value
LIMIT 1;

-- name: referring(kind, value)
-- For whom records name a contact.
SELECT DISTINCT customer_id FROM customer_references WHERE kind = :kind AND value = :value;

-- name: forget_contact(kind, value)!
-- Drop a contact wherever records name it.
DELETE FROM customer_references WHERE kind = :kind AND value = :value;

-- name: drop_references(customer_id)!
-- Drop every contact that records name for a customer.
DELETE FROM customer_references WHERE customer_id = :customer_id;

-- name: drop_handoffs(customer_id)!
-- Forget which of a customer's carts went to which till.
DELETE FROM handoffs WHERE customer_id = :customer_id;

-- name: drop_challenges(customer_id)!
-- Whoever asked for a code for a customer gets on with it nowhere.
DELETE FROM kiosk_challenges WHERE customer_id = :customer_id;

-- name: end_kiosk_sessions(customer_id, at)
-- A customer is at no kiosk any more, and nothing tells that they were.
UPDATE kiosk_sessions SET customer_id = 0, source = NULL, external_id = NULL, ended_at = coalesce(ended_at, :at)
WHERE customer_id = :customer_id RETURNING id;

-- name: drop_notes(customer_id)!
-- Drop everything that was written of a customer.
DELETE FROM notes WHERE customer_id = :customer_id;

-- name: drop_consents(customer_id)!
-- Drop every consent of a customer.
DELETE FROM consents_log WHERE customer_id = :customer_id;

-- name: drop_customer(id)!
-- Drop a customer.
DELETE FROM customers WHERE id = :id;
