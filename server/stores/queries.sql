-- name: by_code(code)^
-- One store with the times of its fields.
SELECT name, city, time_zone, country, address, latitude, longitude, opening_hours, field_times
FROM stores WHERE code = :code;

-- name: all_stores()
-- Every store, by name.
SELECT code, name, city, time_zone, country, address, latitude, longitude, opening_hours
FROM stores ORDER BY name, code;

-- name: put(code, name, city, time_zone, country, address, latitude, longitude, opening_hours, field_times)!
-- Keep a store as it is now.
INSERT INTO stores (code, name, city, time_zone, country, address, latitude, longitude, opening_hours, field_times)
VALUES (:code, :name, :city, :time_zone, :country, :address, :latitude, :longitude, :opening_hours, :field_times)
ON CONFLICT (code) DO UPDATE SET
    name = excluded.name, city = excluded.city, time_zone = excluded.time_zone, country = excluded.country,
    address = excluded.address, latitude = excluded.latitude, longitude = excluded.longitude,
    opening_hours = excluded.opening_hours, field_times = excluded.field_times;
