-- A cart while a till has it, and after it was sold.
ALTER TABLE carts ADD COLUMN till_until TEXT COLLATE "C";   -- until when a till has it: nobody changes it here meanwhile
ALTER TABLE carts ADD COLUMN converted_at TEXT COLLATE "C"; -- when it was sold here; null: it was not, or its shop opened it since
