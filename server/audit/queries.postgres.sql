-- name: append(rows)!
-- Put looks on record: a JSON list of rows, each a list in the order of the columns, its MAC in hexadecimal digits.
INSERT INTO audit_looks (chain, position, at, kind, device_id, staff_id, why, people, request_id, sealed, mac)
SELECT value ->> 0, (value ->> 1) ::bigint, value ->> 2, value ->> 3, (value ->> 4) ::bigint, (value ->> 5) ::bigint,
    value ->> 6, value ->> 7, value ->> 8, (value ->> 9) ::bigint, decode(value ->> 10, 'hex')
FROM jsonb_array_elements(:rows ::jsonb);

-- name: append_again(rows)!
-- The same for looks that may be there already: nobody knew whether their commit counts.
INSERT INTO audit_looks (chain, position, at, kind, device_id, staff_id, why, people, request_id, sealed, mac)
SELECT value ->> 0, (value ->> 1) ::bigint, value ->> 2, value ->> 3, (value ->> 4) ::bigint, (value ->> 5) ::bigint,
    value ->> 6, value ->> 7, value ->> 8, (value ->> 9) ::bigint, decode(value ->> 10, 'hex')
FROM jsonb_array_elements(:rows ::jsonb) WHERE true ON CONFLICT DO NOTHING;
