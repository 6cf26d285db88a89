"""«Ссылки в контакты»: the whole address book of a phone, given back with call links. Nothing of it is kept here."""

from http import HTTPStatus
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from k5web.domain.contacts.links import Fate, Rewritten
from k5web.domain.contacts.raw_text import LARGEST_MB
from k5web.errors import K5Error, TooOften, WrongAddressBook, WrongUpload
from k5web.services.contacts import address_books
from k5web.web.context import current_subscriber, in_one_look, known_visit, login_required, ports, settings
from k5web.web.errors import again, words

bp = Blueprint("contacts", __name__)

LARGEST: Final = LARGEST_MB * 1024 * 1024  # bytes
BUFFERED: Final = 512 * 1024  # bytes of a request that are read ahead, its fields among them
SHOWN: Final = 200  # numbers of each list
TYPES: Final = {"vcf": "text/vcard", "csv": "text/csv"}


@bp.url_value_preprocessor
def _allow_file(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let a book through before the form is read; a stranger's form stays as small as everywhere."""
    if request.method == "POST" and known_visit() is not None:
        request.max_content_length = LARGEST
        request.max_form_memory_size = BUFFERED


@bp.get("/me/contacts")
@in_one_look
@login_required
def show() -> ResponseReturnValue:
    """Say how it is done, with the form."""
    return _page()


@bp.post("/me/contacts")
@login_required
def rewrite() -> ResponseReturnValue:
    """Answer the book with its links as a file, or show what would change."""
    sent = request.files.get("book")
    try:
        if sent is None or not sent.filename:
            raise WrongUpload(why="none")
        rewritten = address_books.rewrite(ports(), current_subscriber(), sent.read(), settings().public_url)
    except (TooOften, WrongAddressBook, WrongUpload) as refusal:
        return _page(refusal=refusal)
    if request.form.get("step") != "look":
        return _file(rewritten)
    return _page(rewritten)


@bp.errorhandler(RequestEntityTooLarge)
@again
def too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say with the form how large a book may be; a stranger's request is refused as everywhere."""
    if known_visit() is None:
        raise error
    return _page(refusal=WrongAddressBook.at(0, "too_large", most_mb=LARGEST_MB), status=RequestEntityTooLarge.code)


def _file(rewritten: Rewritten) -> Response:
    answer = Response(rewritten.content, mimetype=TYPES[rewritten.kind])
    answer.headers["Content-Disposition"] = f'attachment; filename="contacts-k5.{rewritten.kind}"'
    return answer


def _page(rewritten: Rewritten | None = None, refusal: K5Error | None = None, status: int | None = None) -> Response:
    page = render_template(
        "contacts/contacts.html",
        book=rewritten,
        added=rewritten.of(Fate.ADDED) if rewritten else [],
        there=rewritten.of(Fate.THERE) if rewritten else [],
        left=rewritten.of(Fate.UNCLEAR, Fate.NO_NUMBER) if rewritten else [],
        shown=SHOWN,
        said=words(refusal) if refusal else None,
    )
    return make_response(page, status or (refusal.status if refusal else HTTPStatus.OK))
