"""Pages for everybody: what K5 is, and what a minute costs anywhere (A2, A5)."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from k5web.domain.money import Price
from k5web.domain.prices.number import HOME, Msisdn
from k5web.domain.prices.plan import FIRST_PLAN, PUBLIC_DECK
from k5web.domain.prices.rating import Quote, Rate
from k5web.domain.prices.tariff import TariffPage
from k5web.errors import K5Error, NoDeck, NoRate, NotFound
from k5web.services.accounts import documents
from k5web.services.prices import coming_prices, exchange, plan_directions
from k5web.services.prices import tariffs as price_list
from k5web.services.prices.coming_prices import ComingDeck
from k5web.web.calls import calls
from k5web.web.context import in_one_look, ports, visitor
from k5web.web.errors import words

bp = Blueprint("pages", __name__)

LONGEST_QUERY = 60
MOST_COMING = 25  # changed destinations of a kind; how many there are is said

# A telephone in each place of the leaflet's eight examples (A4); the prices come from the deck in force
MOBILE, MOSCOW, YEKATERINBURG, ASTANA = "79161234567", "74951234567", "73433123456", "77172123456"
KRASNODAR, KAZAN, SAMARA, SOFIA = "78612123456", "78432123456", "78462123456", "35929123456"
EXAMPLES = [
    (MOBILE, MOSCOW),
    (MOBILE, YEKATERINBURG),
    (MOSCOW, YEKATERINBURG),
    (KRASNODAR, KAZAN),
    (MOBILE, ASTANA),
    (MOBILE, "79261234567"),
    (YEKATERINBURG, ASTANA),
    (SAMARA, SOFIA),
]


@bp.get("/")
@in_one_look
def home() -> ResponseReturnValue:
    """Show the field for a number, or to strangers what K5 is. A number in the query shows its own page."""
    caller = visitor()
    typed = request.args.get("number")
    if typed is not None and (caller is not None or typed.strip()):
        return calls.call_page(typed)
    if caller is not None:
        return calls.ask_page(caller)
    return render_template("pages/welcome.html", examples=_examples()), {"X-Robots-Tag": "all"}


@bp.get("/help")
def rules() -> ResponseReturnValue:
    """Show the rules by which K5 calls and charges now, and where to find help."""
    usual = Rate("", "", Price(0))
    page = render_template(
        "pages/help.html",
        plan=ports().plans.current(FIRST_PLAN),
        usual=usual,
        rings_from=calls.rings_from(),
        has_contract=bool(documents.listed(ports())),
    )
    return page, {"X-Robots-Tag": "all"}


@bp.get("/tariffs")
def tariffs() -> ResponseReturnValue:
    """Search the price list by country, operator or number; with two numbers, the sum of both."""
    query, to = _text("q"), _text("to")
    found = _found(query, request.args.get("after") or None)
    quote, wrong = _quote(query, to) if to else (None, "")
    page = render_template(
        "pages/tariffs.html",
        query=query,
        to=to,
        page=found,
        quote=quote,
        wrong=wrong,
        after=request.args.get("after"),
        own=_own_rate(),
        example=_example(),
        exchange_rate=_exchange_rate(),
        coming=_coming(),
        most=MOST_COMING,
    )
    return page, {"X-Robots-Tag": "all"}


@bp.get("/tariffs/<prefix>")
def tariff(prefix: str) -> ResponseReturnValue:
    """Show one direction of the price list."""
    if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 15):
        abort(404)
    caller, deck = visitor(), _deck()
    rate = ports().rates.table(deck).get(prefix) if deck else None
    if not deck and caller is not None:
        rate = plan_directions.rate_of(ports(), caller, prefix)
    if rate is None:
        raise NotFound(what=f"price of {prefix}")
    page = render_template("pages/tariff.html", rate=rate, code=prefix, own=_own_rate(), example=_example())
    return page, {"X-Robots-Tag": "all"}


def _coming() -> ComingDeck | None:
    """Return what changes next in the reader's price list."""
    deck = _deck()
    return coming_prices.of_deck(ports(), deck) if deck else None


def _exchange_rate() -> str | None:
    """Return the fixed rate at which an account's own list was made from the list in roubles."""
    deck = _deck()
    rate = exchange.exchange_rate(ports(), deck) if deck and deck != PUBLIC_DECK else None
    return rate.replace(".", ",") if rate else None


def _own_rate() -> Rate | None:
    """Return what a call to the reader's own phone adds to each price, nothing where the plan leaves it to the
    operator. None for strangers."""
    caller = visitor()
    if caller is None:
        return None
    return plan_directions.own_leg(ports(), caller)


def _example() -> Rate | None:
    """Return what strangers' own leg may cost: that of a Russian mobile phone."""
    try:
        return ports().rates.table(PUBLIC_DECK).find(MOBILE)
    except (NoDeck, NoRate):
        return None


def _found(query: str, after: str | None) -> TariffPage:
    """Return the rows of the reader's price list, or the direction groups of a plan that prices by them."""
    caller, deck = visitor(), _deck()
    if caller is None or deck:
        return price_list.search(ports(), deck, query, after)
    return plan_directions.search(ports(), caller, PUBLIC_DECK, query)


def _deck() -> str:
    """Return the price list of the reader's plan, "" where the plan prices by groups of directions."""
    caller = visitor()
    if caller is None:
        return PUBLIC_DECK
    plan = ports().plans.of(caller)
    deck = plan.deck_in(caller.currency)
    return deck if plan_directions.is_by_list(plan) else ""


def _text(name: str) -> str:
    return request.args.get(name, "").strip()[:LONGEST_QUERY]


def _quote(first: str, second: str) -> tuple[Quote | None, str]:
    """Return the price of a call between two typed numbers, or why there is none."""
    caller = visitor()
    home = caller.home if caller else HOME
    try:
        a, b = Msisdn.parse(first, home), Msisdn.parse(second, home)
        if caller is None:
            return price_list.quote(ports(), PUBLIC_DECK, a, b), ""
        return plan_directions.quote(ports(), caller, a, b), ""
    except K5Error as error:
        return None, words(error)


def _examples() -> list[Quote]:
    try:
        return [price_list.quote(ports(), PUBLIC_DECK, Msisdn(a), Msisdn(b)) for a, b in EXAMPLES]
    except (NoDeck, NoRate):
        return []
