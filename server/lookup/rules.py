"""Whom an answer shows."""

from server.customers.rules import people_in_context
from server.wire.lookup import CustomerScanned, CustomersScanned, OrderScanned, ScanAnswer


def people_in(answer: ScanAnswer) -> tuple[int, ...]:
    """The numbers of the people of whom an answer shows anything."""
    match answer:
        case CustomerScanned(context=context):
            return people_in_context(context)
        case CustomersScanned(hits=hits):
            return tuple(hit.customer_id for hit in hits)
        case OrderScanned(customer_id=int(customer_id)):
            return (customer_id,)
        case _:
            return ()
