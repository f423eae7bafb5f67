"""Which doors are open to whom: the one list. What is not in it is open to nobody.

A person signed in on a tablet comes as what their role is, not as the tablet; a customer who proved at a kiosk who they
are comes as `customer`, not as the kiosk, and has no door but those that name them.
"""

from collections.abc import Mapping

PUBLIC = frozenset({"public"})
DEVICES = frozenset({"tablet", "kiosk", "till", "sync"})
MANAGERS = frozenset({"manager", "hq"})
PERSONS = frozenset({"associate"}) | MANAGERS
CUSTOMERS = frozenset({"customer"})
ON_THE_FLOOR = frozenset({"tablet", "kiosk", "till"}) | PERSONS

DOORS: Mapping[str, frozenset[str]] = {
    # A kiosk learns of a card only that it is one, a till only of articles and handoffs: see `lookup`.
    "POST /v1/scan": frozenset({"kiosk", "till"}) | PERSONS,
    "POST /v1/customers/search": PERSONS,
    "GET /v1/customers/{customer_id}/context": PERSONS,
    "GET /v1/customers/{customer_id}/orders": PERSONS,
    "GET /v1/wishers": PERSONS,
    "GET /v1/wishers/count": PERSONS,
    "POST /v1/customers/{customer_id}/notes": PERSONS,
    "PUT /v1/customers/{customer_id}/preferences": PERSONS,
    "POST /v1/customers/{customer_id}/carts/join": PERSONS,
    # A customer at a kiosk changes their own: see `customers/guests`.
    "POST /v1/carts/{cart_id}/lines": CUSTOMERS | PERSONS,
    "PUT /v1/carts/{cart_id}/lines/{line}": CUSTOMERS | PERSONS,
    "DELETE /v1/carts/{cart_id}/lines/{line}": CUSTOMERS | PERSONS,
    "GET /v1/customers/{customer_id}/export": MANAGERS,
    "POST /v1/customers/{customer_id}/erasure": MANAGERS,
    "GET /v1/customers/{customer_id}/consents": PERSONS,
    "PUT /v1/customers/{customer_id}/consents/{channel}": PERSONS,
    "POST /v1/products/search": ON_THE_FLOOR,
    "GET /v1/products/{sku}": DEVICES | PERSONS,
    "GET /v1/pictures/{picture_hash}": DEVICES | PERSONS,
    "POST /v1/catalog/syncs": frozenset({"sync"}),
    "GET /v1/catalog/syncs": frozenset({"sync", "hq"}),
    "GET /v1/catalog/syncs/{run_id}": frozenset({"sync", "hq"}),
    "GET /v1/catalog/syncs/{run_id}/rejects": frozenset({"sync", "hq"}),
    "POST /v1/stock/snapshots": frozenset({"sync"}),
    "GET /v1/stores": DEVICES | PERSONS,
    "GET /v1/setup": DEVICES | PERSONS,
    "POST /v1/records": frozenset({"sync"}),
    "GET /v1/records/refused": frozenset({"sync", "hq"}),
    # Without a person signed in it tells of articles, stock and stores only, a program of
    # syncs, and a customer of their carts: see `live`.
    "GET /v1/live": ON_THE_FLOOR | CUSTOMERS | {"sync"},
    "GET /v1/kiosk/challenges": PERSONS,
    "POST /v1/kiosk/challenges": frozenset({"kiosk"}),
    "DELETE /v1/kiosk/challenges/{challenge_id}": frozenset({"kiosk"}),
    "POST /v1/kiosk/challenges/{challenge_id}/confirmation": PERSONS,
    "POST /v1/kiosk/session": frozenset({"kiosk"}),
    # A kiosk that starts anew says goodbye for whoever was there.
    "DELETE /v1/kiosk/session": frozenset({"kiosk"}) | CUSTOMERS,
    "GET /v1/kiosk/cart": CUSTOMERS,
    "POST /v1/kiosk/carts/join": CUSTOMERS,
    "GET /v1/kiosk/calls": PERSONS,
    "POST /v1/kiosk/calls": frozenset({"kiosk"}) | CUSTOMERS,
    "POST /v1/kiosk/calls/{call_id}/answer": PERSONS,
    "POST /v1/handoffs": CUSTOMERS | PERSONS,
    "GET /v1/handoffs/{handoff_id}": CUSTOMERS | PERSONS | {"till"},
    "POST /v1/handoffs/redemption": frozenset({"till"}),
    "POST /v1/handoffs/{handoff_id}/completion": frozenset({"till"}),
    "POST /v1/handoffs/{handoff_id}/release": frozenset({"till"}),
    # The till's page, which shows its token in a cookie: see `pages`.
    "GET /till": frozenset({"till"}),
    "POST /till/enrolment": PUBLIC,
    "POST /till/handoffs": frozenset({"till"}),
    "POST /till/handoffs/{handoff_id}/sold": frozenset({"till"}),
    "POST /till/handoffs/{handoff_id}/back": frozenset({"till"}),
    "GET /till/files/{name}": PUBLIC,
    "GET /v1/devices": MANAGERS,
    "POST /v1/devices": PUBLIC,
    "POST /v1/devices/enrolments": MANAGERS,
    "POST /v1/devices/current/token": DEVICES | PERSONS,
    "DELETE /v1/devices/{device_id}": MANAGERS,
    "DELETE /v1/devices/{device_id}/waits": MANAGERS,
    "GET /v1/staff": frozenset({"tablet"}) | PERSONS,
    "POST /v1/staff": MANAGERS,
    "PUT /v1/staff/{staff_id}/stores": MANAGERS,
    "PUT /v1/staff/{staff_id}/pin": MANAGERS,
    "DELETE /v1/staff/{staff_id}/waits": MANAGERS,
    "DELETE /v1/staff/{staff_id}": MANAGERS,
    "POST /v1/sessions": frozenset({"tablet"}),
    "POST /v1/sessions/current/unlock": PERSONS,
    "DELETE /v1/sessions/current": PERSONS,
    "GET /health/live": PUBLIC,
    "GET /health/ready": PUBLIC,
    # What the doors are; whoever sits at the server itself is not asked either.
    "GET /schema": DEVICES | PERSONS,
    "GET /schema/{path}": DEVICES | PERSONS,
    "GET /schema/openapi.json": DEVICES | PERSONS,
    "GET /schema/openapi.yaml": DEVICES | PERSONS,
    "GET /schema/openapi.yml": DEVICES | PERSONS,
}

OPEN_ELSEWHERE = frozenset({"DELETE /v1/sessions/current", "POST /v1/devices/current/token"})
"""Doors that open to a person too who no longer works where they are signed in."""
OPEN_WHILE_LOCKED = OPEN_ELSEWHERE | {"POST /v1/sessions/current/unlock"}
"""Doors that open to a person whose session is locked."""
