"""What every answer carries: policy headers, honest caching, compression; and what is refused before any view."""

import gzip
from collections.abc import Collection
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request
from flask.typing import ResponseReturnValue

from k5web.config.settings import Settings
from k5web.web.inline import Inline

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ASK_THEMSELVES = frozenset({"visitors.press"})  # forms that may stand on other sites: the view knows on which
LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"]

# Answers that are no pages carry fewer headers, because a status answer may have 600 bytes in all
PAGES_ONLY = ("Referrer-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy")
NO_PAGE_POLICY = "default-src 'none';frame-ancestors 'none'"
HSTS = "max-age=63072000; includeSubDomains"
NO_STORE = "no-store"

# A packet carries some 1400 bytes: squeezing less than a few hundred saves nothing
LEAST_TO_COMPRESS = 200
COMPRESSED_KINDS = ("text/", "application/json", "application/javascript", "application/manifest+json", "image/svg+xml")


def register(app: Flask, settings: Settings, inline: Inline) -> None:
    """Attach the refusals before a request and the headers after it."""
    page = constant_headers(settings, inline)
    no_page = {name: value for name, value in page.items() if name not in PAGES_ONLY}
    no_page["Content-Security-Policy"] = NO_PAGE_POLICY
    own_origin = origin_of(settings.public_url)

    def refuse() -> ResponseReturnValue | None:
        if is_prefetch():
            # No page: a page is in the reader's language, and to ask who reads would renew a token nobody receives
            return Response(status=503, mimetype="text/plain", headers={"Cache-Control": NO_STORE})
        if (
            request.method not in SAFE_METHODS
            and request.endpoint not in ASK_THEMSELVES
            and is_foreign_post(own_origin)
        ):
            abort(403)
        return None

    def add(answer: Response) -> Response:
        if answer.mimetype == "text/html":
            answer.headers.update(page)
            if "uses_microphone" in g:
                answer.headers["Permissions-Policy"] = policy_with_microphone(page["Permissions-Policy"])
            answer.vary.update(["Cookie", "Accept-Language"])
        else:
            answer.headers.update(no_page)
            if "may_connect" in g:
                answer.headers["Content-Security-Policy"] = f"{NO_PAGE_POLICY};connect-src 'self'"
        if answer.mimetype != "application/json":  # which no search engine shows; a status answer is short
            answer.headers.setdefault("X-Robots-Tag", "noindex")
        if "Cache-Control" not in answer.headers:
            answer.headers["Cache-Control"] = NO_STORE
        if "open_to_sites" in g:
            _open(answer, g.open_to_sites)
        return compress(answer)

    app.before_request(refuse)
    app.after_request(add)


def constant_headers(settings: Settings, inline: Inline) -> dict[str, str]:
    """Return the headers that are the same on all pages."""
    policy = (
        "default-src 'none'",
        " ".join(["style-src 'self'", *inline.style_hashes]),
        " ".join(["script-src 'self'", *inline.script_hashes]),
        "img-src 'self' data:",
        "connect-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), browsing-topics=()",
    }
    if settings.is_https:
        headers["Strict-Transport-Security"] = HSTS
    return headers


def trusted_hosts(public_url: str) -> list[str]:
    """Return the names K5 answers to: its public one, and loopback's for the machines that watch it."""
    parts = urlsplit(public_url)
    name = parts.hostname or ""
    name = f"[{name}]" if ":" in name else name
    return LOOPBACK_NAMES if name in LOOPBACK_NAMES else [name, *LOOPBACK_NAMES]


def origin_of(address: str) -> str:
    """Return scheme, host and port of an address, as browsers write an origin."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_prefetch() -> bool:
    """Return whether the browser only guesses that this page will be wanted."""
    told = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return any("prefetch" in value.lower() for value in told)


def is_foreign_post(own_origin: str, sites: Collection[str] = ()) -> bool:
    """Return whether a browser says that this form stands on another site than ours or these origins.

    Silence is fine: old phones say nothing.
    """
    origin = request.headers.get("Origin")
    if origin is not None and origin.lower() in sites:
        return False
    if request.headers.get("Sec-Fetch-Site", "").lower() == "cross-site":
        return True
    return origin is not None and origin.lower() not in {own_origin, f"{request.scheme}://{request.host}"}


def open_to_sites(sites: Collection[str] = ()) -> None:
    """Let other sites use this answer, and these origins show it in a frame."""
    g.open_to_sites = sites


def use_microphone() -> None:
    """Let this page ask for the microphone: the page of the browser as a phone, and no other."""
    g.uses_microphone = True


def let_connect() -> None:
    """Let this script ask K5 for pages: a worker of the browser has the policy of its own file."""
    g.may_connect = True


def policy_with_microphone(policy: str) -> str:
    """Return a policy that lets our own page ask for the microphone, and nobody else's within it."""
    return policy.replace("microphone=()", "microphone=(self)")


def _open(answer: Response, sites: Collection[str]) -> None:
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if sites:
        policy = answer.headers["Content-Security-Policy"]
        shown = f"frame-ancestors {' '.join(sites)}"
        answer.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", shown)


def compress(answer: Response) -> Response:
    """Squeeze a text answer for browsers that take gzip."""
    if answer.direct_passthrough or answer.is_streamed or not (answer.mimetype or "").startswith(COMPRESSED_KINDS):
        return answer
    answer.vary.add("Accept-Encoding")
    if "Content-Encoding" in answer.headers or not request.accept_encodings["gzip"]:
        return answer
    body = answer.get_data()
    if len(body) >= LEAST_TO_COMPRESS:
        answer.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        answer.headers["Content-Encoding"] = "gzip"
    return answer
