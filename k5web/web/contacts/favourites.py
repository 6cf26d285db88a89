"""«Мой список»: the numbers a subscriber keeps here, with names and prices; as cards, and as codes to print."""

from http import HTTPStatus

from flask import (
    Blueprint,
    Response,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from k5web.domain.contacts import card, favourite
from k5web.domain.prices.number import Msisdn
from k5web.errors import K5Error, NotFound, TooMany, WrongName, WrongNumber
from k5web.paper import contact_codes, svg
from k5web.services.contacts import favourites
from k5web.web import converters
from k5web.web.context import current_subscriber, in_one_look, login_required, ports, settings
from k5web.web.errors import words
from k5web.web.language import language
from k5web.web.texts import _

bp = Blueprint("favourites", __name__, url_prefix="/me")

SHEETS = 3  # of one page: a code takes some 20 ms to draw
LONGEST_TYPED = 64  # characters of a number that the page shows again


@bp.get("/favourites")
@in_one_look
@login_required
def show() -> ResponseReturnValue:
    """Show the list, the most used first, or what was searched for in it."""
    query = request.args.get("q", "").strip()[: favourite.LONGEST_QUERY]
    page = max(converters.whole(request.args.get("page", "")) or 1, 1)
    return render_template(
        "favourites/list.html",
        found=favourites.show(ports(), current_subscriber(), query, page),
        query=query,
        is_editing="edit" in request.args,
        notes=get_flashed_messages(),
    )


@bp.get("/favourites/new")
@in_one_look
@login_required
def new() -> ResponseReturnValue:
    """Show the form for one more number; the call page names it."""
    return _form(typed=request.args.get("number", "")[:LONGEST_TYPED])


@bp.post("/favourites")
@login_required
def keep() -> ResponseReturnValue:
    """Put a number into the list, and show the list: the call page might ring it at once, which nobody wished."""
    typed, name = request.form.get("number", ""), request.form.get("name", "")
    try:
        number = Msisdn.parse(typed, current_subscriber().home)
        favourites.keep(ports(), current_subscriber().id, number, name)
    except (WrongNumber, WrongName, TooMany) as refusal:
        return _form(refusal, typed[:LONGEST_TYPED], name)
    return redirect(url_for("favourites.show"), 303)


@bp.get("/favourites/<digits>")
@in_one_look
@login_required
def edit(digits: str) -> ResponseReturnValue:
    """Show the form of an entry: its name, and how it is removed."""
    return _entry(_number(digits))


@bp.post("/favourites/<digits>")
@login_required
def rename(digits: str) -> ResponseReturnValue:
    """Give an entry another name."""
    number, name = _number(digits), request.form.get("name", "")
    try:
        favourites.rename(ports(), current_subscriber().id, number, name)
    except WrongName as refusal:
        return _entry(number, refusal, name)
    flash("renamed")
    return redirect(url_for(".show"), 303)


@bp.post("/favourites/<digits>/remove")
@login_required
def remove(digits: str) -> ResponseReturnValue:
    """Take a number out of the list; one that is gone stays gone."""
    favourites.remove(ports(), current_subscriber().id, _number(digits))
    flash("removed")
    return redirect(url_for(".show"), 303)


@bp.get("/favourites.vcf")
@login_required
def cards() -> ResponseReturnValue:
    """Answer the whole list as contact cards, each with its call link."""
    listed = favourites.all_of(ports(), current_subscriber().id)
    made = "".join(card.card(each.name, each.number, _link(each.number)) for each in listed)
    answer = Response(made, mimetype="text/vcard")
    answer.headers["Content-Disposition"] = 'attachment; filename="k5.vcf"'
    return answer


@bp.get("/favourites/sheet")
@login_required
def sheet() -> ResponseReturnValue:
    """Show the whole list as codes on sheets of A4, to be printed and cut."""
    listed = favourites.all_of(ports(), current_subscriber().id)
    page = max(converters.whole(request.args.get("page", "")) or 1, 1)
    since, until = SHEETS * contact_codes.ON_ONE * (page - 1), SHEETS * contact_codes.ON_ONE * page
    codes = [contact_codes.ContactCode(each.name, each.number.grouped, _link(each.number)) for each in listed]
    drawn = contact_codes.sheets(codes[since:until], _("Мой список"))
    return render_template(
        "favourites/sheet.html",
        sheets=[svg.draw(each, language=language()) for each in drawn],
        further=page + 1 if until < len(codes) else None,
    )


def _number(digits: str) -> Msisdn:
    if not (digits.isascii() and digits.isdigit()):
        raise NotFound(what="favourite")
    return Msisdn(digits[:LONGEST_TYPED])


def _link(number: Msisdn) -> str:
    return f"{settings().public_url}/{number}"


def _form(refusal: K5Error | None = None, typed: str = "", name: str = "") -> Response:
    page = render_template(
        "favourites/new.html",
        typed=typed,
        name=name,
        said=words(refusal) if refusal else None,
        at="number" if isinstance(refusal, WrongNumber) else "name",
    )
    return make_response(page, refusal.status if refusal else HTTPStatus.OK)


def _entry(number: Msisdn, refusal: K5Error | None = None, name: str | None = None) -> Response:
    kept = favourites.get(ports(), current_subscriber().id, number)
    page = render_template(
        "favourites/entry.html",
        entry=kept,
        name=kept.name if name is None else name,
        said=words(refusal) if refusal else None,
    )
    return make_response(page, refusal.status if refusal else HTTPStatus.OK)
