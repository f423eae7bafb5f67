"""`/customers/{id}`: export, erasure, consents."""

from typing import Annotated

from litestar import get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from server.customers import consents
from server.customers.routes import CustomerId
from server.customers.rules import contact_rules
from server.idempotency.actions import once
from server.idempotency.requests import IdempotencyKey, repeatable
from server.privacy import actions, export, queries
from server.privacy.keeper import Keeper
from server.problems import BODY, LOOKS, PARAMETERS, PERSONS, REPEATABLE, documented
from server.shop import AnyRequest, Shop, same_for_all
from server.wire.customers import ConsentEntry, NewConsent
from server.wire.privacy import CustomerExport, EraseCustomer, Erasure

ChannelName = Annotated[str, Parameter(min_length=1, max_length=255, description="email, sms, post …")]


def routes(shop: Shop, keeper: Keeper) -> list[HTTPRouteHandler]:
    """The doors for a person's rights."""
    rules = contact_rules(shop.settings, shop.keys)

    @get("/customers/{customer_id:int}/export", responses=documented(*PERSONS, *PARAMETERS, *LOOKS, "unknown_customer"))
    async def export_customer(request: AnyRequest, customer_id: CustomerId) -> CustomerExport:
        """Everything that is held of the person that a customer is, unmasked."""
        document = await shop.read_aside(request, same_for_all(export.of_customer), customer_id, shop.clock())
        shop.looked(request, "export", tuple(customer.id for customer in document.customers))
        return document

    @post(
        "/customers/{customer_id:int}/erasure",
        status_code=200,
        responses=documented(*PERSONS, *BODY, *REPEATABLE, "unknown_customer", "wrong_secret", "audit_unavailable"),
    )
    async def erase_customer(
        request: AnyRequest,
        customer_id: CustomerId,
        data: JSONBody[EraseCustomer],
        idempotency_key: IdempotencyKey = None,
    ) -> Erasure:
        """Erase the whole person that a customer is, for good; orders stay, of nobody."""
        if data.confirm:
            # On record before it is done: nothing may be erased by nobody.
            shop.looked(request, "erasure", await shop.read(request, same_for_all(queries.numbers_of), customer_id))
        # Whom it speaks of is nobody any more: kept as theirs, the answer would go with them.
        asked = repeatable(idempotency_key, f"POST /customers/{customer_id}/erasure", data, None)
        erasure = await shop.write(
            request, once, asked, Erasure, shop.clock(), actions.erase_confirmed, customer_id, data, rules
        )
        keeper.wake()
        return erasure

    @get(
        "/customers/{customer_id:int}/consents", responses=documented(*PERSONS, *PARAMETERS, *LOOKS, "unknown_customer")
    )
    async def customer_consents(request: AnyRequest, customer_id: CustomerId) -> tuple[ConsentEntry, ...]:
        """Every consent that a person gave or withdrew, with its proof, the latest first."""
        entries = await shop.read(request, same_for_all(consents.history_of), customer_id)
        shop.looked(request, "consents", (customer_id,))
        return entries

    @put(
        "/customers/{customer_id:int}/consents/{channel:str}",
        responses=documented(*PERSONS, *BODY, *REPEATABLE, "unknown_customer"),
    )
    async def set_consent(
        request: AnyRequest,
        customer_id: CustomerId,
        channel: ChannelName,
        data: JSONBody[NewConsent],
        idempotency_key: IdempotencyKey = None,
    ) -> ConsentEntry:
        """Keep that a customer gave or withdrew a consent; who withdraws one is asked for nothing more."""
        door = f"PUT /customers/{customer_id}/consents/{channel}"
        asked = repeatable(idempotency_key, door, data, customer_id)
        return await shop.write(
            request,
            once,
            asked,
            ConsentEntry,
            shop.clock(),
            consents.set_consent,
            customer_id,
            channel,
            data,
            rules,
        )

    return [export_customer, erase_customer, customer_consents, set_consent]
