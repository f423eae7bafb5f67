-- Calls for help from kiosks: nothing in them says who stood there.
CREATE TABLE help_calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id INTEGER NOT NULL,     -- the kiosk
    store TEXT NOT NULL,
    about TEXT NOT NULL,            -- help, network, card, code, cart, item
    called_at TEXT NOT NULL,
    ended_at TEXT,                  -- answered, or nobody came
    staff_id INTEGER                -- who answered
);
CREATE UNIQUE INDEX help_calls_waiting ON help_calls (device_id) WHERE ended_at IS NULL;
CREATE INDEX help_calls_store ON help_calls (store, called_at) WHERE ended_at IS NULL;
CREATE INDEX help_calls_called ON help_calls (called_at);
