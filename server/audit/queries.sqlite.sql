-- name: append(rows)!
-- Put looks on record: a JSON list of rows, each a list in the order of the columns, its MAC in hexadecimal digits.
INSERT INTO audit_looks (chain, position, at, kind, device_id, staff_id, why, people, request_id, sealed, mac)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
    value ->> 6, value ->> 7, value ->> 8, value ->> 9, unhex(value ->> 10)
FROM json_each(:rows);

-- name: append_again(rows)!
-- The same for looks that may be there already: nobody knew whether their commit counts.
INSERT INTO audit_looks (chain, position, at, kind, device_id, staff_id, why, people, request_id, sealed, mac)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
    value ->> 6, value ->> 7, value ->> 8, value ->> 9, unhex(value ->> 10)
FROM json_each(:rows) WHERE true ON CONFLICT DO NOTHING;
