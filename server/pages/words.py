"""What people read on pages. A language more is an entry more."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from babel import Locale, negotiate_locale

from server.terminal.words import money
from server.wire.handoffs import HandoffLine
from server.wire.problems import Problem


class Words(NamedTuple):
    """Texts of one language; what stands in braces is filled in.

    Attributes:
        problems: what to do, by a problem's code.
        hindrances: why not all of a line can be sold, by the line's hindrance.
    """

    language: str
    till: str
    enrol: str
    enrol_how: str
    enrol_code: str
    enrol_go: str
    ready: str
    ready_how: str
    code: str
    take: str
    cart: str
    each: str
    was: str
    total: str
    total_but: str
    sold: str
    back: str
    said_enrolled: str
    said_sold: str
    said_sold_kiosk: str
    said_back: str
    anew: str
    no_network: str
    no_code: str
    some_here: str
    none_here: str
    hindrances: Mapping[str, str]
    problems: Mapping[str, str]
    otherwise: str
    wait: str


ENGLISH = Words(
    language="en",
    till="Till",
    enrol="This till is new here",
    enrol_how="Ask a manager for a code for a till, and type it. It is good once, for a quarter of an hour.",
    enrol_code="Manager's code",
    enrol_go="Set up this till",
    ready="Whose cart is next?",
    ready_how="Scan the code on the customer's screen, or type its six signs.",
    code="Code",
    take="Take the cart",
    cart="To be sold",
    each="{price} each",
    was="{price} when it was put in",
    total="Total",
    total_but="Total of what can be sold",
    sold="It is sold",
    back="Give the cart back",
    said_enrolled="This till is set up.",
    said_sold="Sold.",
    said_sold_kiosk="Sold. The customer's screen says goodbye.",
    said_back="Given back. The cart is as it was, and can go to any till.",
    anew="Begin anew",
    no_network="The server cannot be reached. Look at the network, then press again: nothing is done twice.",
    no_code="This is no cart's code: it has six signs, letters and digits. Scan it, or type it again.",
    some_here="Only {here} here: {here} of {quantity} can be sold.",
    none_here="None here. Leave it out, or fetch it from another store.",
    hindrances={
        "discontinued": "Not sold any more. Leave it out.",
        "no_price": "Has no price today. Ask a manager.",
    },
    problems={
        "wrong_code": "This code sets up nothing: it was mistyped, used, or is too old. Ask the manager for a new one.",
        "wrong_kind": "This code is for another kind of device. Ask the manager for one for a till.",
        "unknown_handoff": "No cart of this store has this code. Scan it, or type it again.",
        "handoff_taken": "A till has this cart already. Go on there, or have it given back there.",
        "handoff_over": "This code is over: the cart was sold, given back, or waited too long. The customer's screen"
        " shows a new one.",
        "too_many_tries": "There were too many wrong codes.",
        "device_revoked": "This till was taken out of use. A manager can set it up anew.",
        "unknown_token": "This till is not known here. A manager can set it up anew.",
        "wrong_caller": "This is no till's place here. A manager can set it up anew, as a till.",
        "wrong_origin": "This page is too old. Begin anew: nothing was done.",
    },
    otherwise="That did not work just now. Try again; if it stays so, tell whoever looks after the server.",
    wait="Try again in {seconds} seconds.",
)

SPANISH = Words(
    language="es",
    till="Caja",
    enrol="Esta caja es nueva aquí",
    enrol_how="Pide a un responsable un código para una caja y escríbelo. Vale una vez, durante un cuarto de hora.",
    enrol_code="Código del responsable",
    enrol_go="Dar de alta esta caja",
    ready="¿De quién es el próximo carrito?",
    ready_how="Escanea el código de la pantalla del cliente o escribe sus seis signos.",
    code="Código",
    take="Traer el carrito",
    cart="Para cobrar",
    each="{price} la unidad",
    was="{price} cuando se añadió",
    total="Total",
    total_but="Total de lo que se puede vender",
    sold="Está cobrado",
    back="Devolver el carrito",
    said_enrolled="Esta caja está dada de alta.",
    said_sold="Cobrado.",
    said_sold_kiosk="Cobrado. La pantalla del cliente se despide.",
    said_back="Devuelto. El carrito está como estaba y puede ir a cualquier caja.",
    anew="Empezar de nuevo",
    no_network="No se llega al servidor. Mira la red y pulsa otra vez: nada se hace dos veces.",
    no_code="Este no es el código de un carrito: tiene seis signos, letras y cifras. Escanéalo o escríbelo otra vez.",
    some_here="Aquí solo hay {here}: se pueden vender {here} de {quantity}.",
    none_here="Aquí no queda. Quítalo o pídelo a otra tienda.",
    hindrances={
        "discontinued": "Ya no se vende. Quítalo.",
        "no_price": "Hoy no tiene precio. Pregunta a un responsable.",
    },
    problems={
        "wrong_code": "Este código no da de alta nada: está mal escrito, usado o es demasiado viejo. Pide uno nuevo.",
        "wrong_kind": "Este código es para otra clase de aparato. Pide al responsable uno para una caja.",
        "unknown_handoff": "Ningún carrito de esta tienda tiene este código. Escanéalo o escríbelo otra vez.",
        "handoff_taken": "Una caja ya tiene este carrito. Sigue allí o haz que lo devuelvan.",
        "handoff_over": "Este código ya no vale: el carrito está cobrado, devuelto o esperó demasiado. La pantalla del"
        " cliente muestra uno nuevo.",
        "too_many_tries": "Hubo demasiados códigos equivocados.",
        "device_revoked": "Esta caja fue dada de baja. Un responsable puede darla de alta otra vez.",
        "unknown_token": "Esta caja no se conoce aquí. Un responsable puede darla de alta otra vez.",
        "wrong_caller": "Este no es el sitio de una caja. Un responsable puede darla de alta como caja.",
        "wrong_origin": "Esta página es demasiado vieja. Empieza de nuevo: no se ha hecho nada.",
    },
    otherwise="Eso no ha salido ahora. Prueba otra vez; si sigue así, avisa a quien cuida del servidor.",
    wait="Prueba otra vez dentro de {seconds} segundos.",
)

WORDS: Mapping[str, Words] = {words.language: words for words in (SPANISH, ENGLISH)}


def words_for(accepted: str, otherwise: Sequence[str]) -> Words:
    """The words in the first language that a browser wants (`Accept-Language`) and there is, else in one of ours."""
    wanted: list[tuple[float, str]] = []
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        try:
            # The first of those with the same weight is wanted most, and sorting keeps their order.
            wanted.append((-float(weight.strip().removeprefix("q=") or 1), name.strip()))
        except ValueError:
            continue
    names = [name for weight, name in sorted(wanted, key=lambda pair: pair[0]) if weight < 0]
    found = negotiate_locale([*names, *otherwise, ENGLISH.language], list(WORDS), sep="-")
    return WORDS[found or ENGLISH.language]


def text(words: Words, name: str | None) -> str | None:
    """A text by the name of its field."""
    return None if name is None else str(getattr(words, name))


def trouble(words: Words, problem: Problem) -> str:
    """What went wrong and what to do, for people."""
    said = words.problems.get(problem.code, words.otherwise)
    if problem.retry_after is None:
        return said
    return f"{said} {words.wait.format(seconds=problem.retry_after)}"


def hindrance(words: Words, line: HandoffLine) -> str | None:
    """Why not all of a line can be sold."""
    if line.hindrance is None:
        return None
    if line.hindrance != "no_stock":
        return words.hindrances[line.hindrance]
    said = words.some_here if line.sellable else words.none_here
    return said.format(here=line.sellable, quantity=line.quantity)


def price(minor: int, currency: str, words: Words, country: str) -> str:
    """An amount as people of a country write it in a language."""
    return money(minor, currency, Locale.parse(f"{words.language}_{country}", resolve_likely_subtags=True))
