"""The few words that the server itself sends to customers. A language more is an entry more."""

from typing import NamedTuple


class Message(NamedTuple):
    """A message that brings a code; `{brand}`, `{code}` and `{minutes}` are filled in."""

    subject: str
    text: str


MESSAGES = {
    "en": Message(
        "Your code for {brand}",
        "{code} is your code for the screen in our store. It is good for {minutes} minutes, once.\n"
        "If you did not ask for it, do nothing: without it nobody sees your cart.",
    ),
    "es": Message(
        "Tu código para {brand}",
        "{code} es tu código para la pantalla de nuestra tienda. Vale {minutes} minutos, una sola vez.\n"
        "Si no lo has pedido, no hagas nada: sin él nadie ve tu carrito.",
    ),
}


def message(wanted: tuple[str | None, ...], brand: str, code: str, minutes: int) -> Message:
    """The message with a code, in the first language that is wanted and known, else in English."""
    known = (MESSAGES.get(language[:2].lower()) for language in wanted if language)
    found = next((words for words in known if words is not None), MESSAGES["en"])
    facts = {"brand": brand, "code": code, "minutes": minutes}
    return Message(found.subject.format(**facts), found.text.format(**facts))
