"""How a device comes to belong to a store: a manager's code, scanned or typed; and how it ends to."""
