"""In which language a page speaks: link > account > cookie > a browser that prefers ky or kk > Russian."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, request
from flask_babel import Babel, force_locale, refresh

from k5web.config.settings import Settings
from k5web.domain.languages import FIRST, NAMES
from k5web.web.context import cookie_name, known_visit, settings, visitor
from k5web.web.headers import SAFE_METHODS
from k5web.web.texts import TRANSLATIONS as TRANSLATIONS
from k5web.web.texts import catalogue, forget_catalogue

# A language is offered when its catalogue is complete: Russian words under another name help nobody
OFFERED: tuple[str, ...] = tuple(NAMES)
# English in a cheap phone's settings means only a cheap phone
FROM_BROWSER: Final = ("ky", "kk")
COOKIE_AGE_S: Final = 365 * 86_400
_FIRST: Final = {"desk": "/desk/"}  # pages of these parts of the house


def choose() -> str:
    """Return the language of this answer."""
    linked = request.args.get("lang", "")
    if linked in OFFERED:
        return linked
    if not g.get("is_without_account"):
        visit = known_visit()  # whatever else keeps them from the page: it is told in their language
        if visit is not None and visit.subscriber.language in OFFERED:
            return visit.subscriber.language
    kept = request.cookies.get(cookie_name(settings(), "l"), "")
    if kept in OFFERED:
        return kept
    preferred = (request.accept_languages.best or "").lower().split("-")[0]
    return preferred if preferred in FROM_BROWSER and preferred in OFFERED else FIRST


def language() -> str:
    """Return the language this answer is written in, for `lang` and `Content-Language`."""
    return catalogue().language


@contextmanager
def speaking(code: str | None) -> Iterator[None]:
    """Speak this language in the block; Russian where it is none that is offered. Papers for banks and the tax office
    are Russian whoever reads the page."""
    with force_locale(code if code in OFFERED else FIRST):
        forget_catalogue()
        try:
            yield
        finally:
            forget_catalogue()


def without_account() -> None:
    """Forget the account's language for the rest of this request: the desk is read by staff, whoever else uses the
    browser."""
    g.is_without_account = True
    refresh()
    forget_catalogue()


def without_database() -> None:
    """Forget the account's language for the rest of this request, and keep none: an error page must not need the
    database, and a program gets no cookie."""
    g.keeps_no_language = True
    without_account()


def may_be_kept() -> bool:
    """Return whether the reader's account has another language than this answer, and may get this one."""
    if g.get("is_without_account"):
        return False
    reader = visitor()
    return reader is not None and reader.language not in {None, language()}


def names() -> dict[str, str]:
    """Return the offered languages, each by its own name."""
    return {code: NAMES[code] for code in OFFERED}


def links() -> list[tuple[str, str, str]]:
    """Return code, own name and address of this page in each language.

    What only a form leads to cannot be read again: there it is the first page.
    """
    place = "" if _is_readable() else _FIRST.get(request.blueprint or "", "/")
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return [(code, name, f"{place}?{urlencode([*kept, ('lang', code)])}") for code, name in names().items()]


def register(app: Flask, house: Settings) -> None:
    """Attach Babel, the choice and its cookie."""
    app.config["BABEL_DEFAULT_LOCALE"] = FIRST
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=choose)
    name = cookie_name(house, "l")

    def keep(answer: Response) -> Response:
        linked = request.args.get("lang", "")
        is_page = answer.mimetype == "text/html"
        if is_page:
            answer.content_language.add(language())
        if linked in OFFERED and is_page and answer.status_code == 200 and not g.get("keeps_no_language"):
            answer.set_cookie(
                name, linked, max_age=COOKIE_AGE_S, path="/", secure=house.is_https, httponly=True, samesite="Lax"
            )
        return answer

    app.after_request(keep)


def _is_readable() -> bool:
    if request.method in SAFE_METHODS:
        return True
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and "GET" in adapter.allowed_methods(request.path)
