"""In which language a page speaks: link > account > cookie > a browser that prefers ky or kk > Russian."""

from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from flask import Flask, Response, g, request
from flask_babel import Babel, get_locale, refresh

from k5web.config.settings import Settings
from k5web.web.context import cookie_name, settings, visitor

NAMES: Final = {"ru": "Русский", "ky": "Кыргызча", "kk": "Қазақша", "en": "English"}
# A language is offered when its catalogue is complete: Russian words under another name help nobody
OFFERED: tuple[str, ...] = ("ru",)
# English in a cheap phone's settings means only a cheap phone
FROM_BROWSER: Final = ("ky", "kk")
TRANSLATIONS: Final = Path(__file__).parents[1] / "translations"
COOKIE_AGE_S: Final = 365 * 86_400


def choose() -> str:
    """Return the language of this answer."""
    linked = request.args.get("lang", "")
    if linked in OFFERED:
        return linked
    if not g.get("is_without_database"):
        subscriber = visitor()
        if subscriber is not None and subscriber.language in OFFERED:
            return subscriber.language
    kept = request.cookies.get(cookie_name(settings(), "l"), "")
    if kept in OFFERED:
        return kept
    preferred = (request.accept_languages.best or "").lower().split("-")[0]
    return preferred if preferred in FROM_BROWSER and preferred in OFFERED else "ru"


def language() -> str:
    """Return the language this answer is written in, for `lang` and `Content-Language`."""
    return str(get_locale() or "ru")


def without_database() -> None:
    """Forget the account's language for the rest of this request, and keep none: an error page must not need the
    database, and a program gets no cookie."""
    g.is_without_database = True
    refresh()


def names() -> dict[str, str]:
    """Return the offered languages, each by its own name."""
    return {code: NAMES[code] for code in OFFERED}


def links() -> list[tuple[str, str, str]]:
    """Return code, own name and address of this page in each language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return [(code, name, _address([*kept, ("lang", code)])) for code, name in names().items()]


def register(app: Flask, house: Settings) -> None:
    """Attach Babel, the choice and its cookie."""
    app.config["BABEL_DEFAULT_LOCALE"] = "ru"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=choose)
    name = cookie_name(house, "l")

    def keep(answer: Response) -> Response:
        linked = request.args.get("lang", "")
        is_page = answer.status_code == 200 and answer.mimetype == "text/html"
        if linked in OFFERED and is_page and not g.get("is_without_database"):
            answer.set_cookie(
                name, linked, max_age=COOKIE_AGE_S, path="/", secure=house.is_https, httponly=True, samesite="Lax"
            )
        return answer

    app.after_request(keep)


def _address(query: list[tuple[str, str]]) -> str:
    return f"?{urlencode(query)}"
