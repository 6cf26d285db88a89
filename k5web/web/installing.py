"""K5 on the home screen of a phone: the manifest that browsers read, and a worker that keeps no page at all.

The worker answers the start page and the own list, and only where there is no network: with words of ours in place of
the browser's own. It has no cache, so no price and no page of somebody logged in can come from one; and the page of a
number never passes through it, so what «Звонить сразу» asks of a navigation stays what the browser said.
"""

import json
from typing import Any

from flask import Blueprint, Response, current_app, render_template, url_for

from k5web.web import headers, inline
from k5web.web.assets import Assets
from k5web.web.language import language
from k5web.web.texts import _

bp = Blueprint("installing", __name__)

GREEN, WHITE = "#00562f", "#ffffff"
ICONS = (("icons/any-192.png", "192x192", "any"), ("icons/any-512.png", "512x512", "any"))
MASKABLE = ("icons/maskable-512.png", "512x512", "maskable")
SHARED = {"title": "title", "text": "text", "url": "url"}


@bp.get("/app.webmanifest")
def manifest() -> Response:
    """Answer what a browser must know to put K5 on the home screen."""
    assets: Assets = current_app.extensions["k5.assets"]
    icons = [_icon(assets, *icon) for icon in (*ICONS, MASKABLE)]
    facts: dict[str, Any] = {
        "id": "/",
        "name": _("K5: звонки"),
        "short_name": "K5",
        "description": _("Звонки за рубеж и по России: цена минуты видна до звонка."),
        "lang": language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": WHITE,
        "theme_color": GREEN,
        "icons": icons,
        "shortcuts": [
            {"name": _("Позвонить"), "url": url_for("pages.home"), "icons": icons[:1]},
            {"name": _("Мой список"), "url": url_for("favourites.show"), "icons": icons[:1]},
        ],
        "share_target": {"action": url_for("share.receive"), "method": "GET", "params": SHARED},
        "protocol_handlers": [{"protocol": "tel", "url": f"{url_for('share.receive')}?url=%s"}],
    }
    answer = Response(json.dumps(facts, ensure_ascii=False), mimetype="application/manifest+json")
    answer.vary.update(["Cookie", "Accept-Language"])
    return answer


@bp.get("/worker.js")
def worker() -> Response:
    """Answer the worker, with its words in the reader's language."""
    style = current_app.jinja_env.globals["inline_style"]("error")  # type: ignore[operator]
    page = render_template("installing/offline.html", style=style)
    css = str(style).removeprefix("<style>").removesuffix("</style>")
    policy = f"default-src 'none'; style-src {inline.csp_hash(css)}"
    paths = [url_for("pages.home"), url_for("favourites.show")]
    text = render_template("installing/worker.js", page=page, policy=policy, paths=paths)
    headers.let_connect()
    return Response(text, mimetype="application/javascript")


def _icon(assets: Assets, name: str, sizes: str, purpose: str) -> dict[str, str]:
    return {"src": assets.address(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
