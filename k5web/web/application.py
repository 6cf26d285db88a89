"""The web put together: what every answer goes through, and the pages."""

from datetime import timedelta

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from k5web.config.settings import Settings
from k5web.services.ports import Ports
from k5web.web import (
    api,
    assets,
    context,
    converters,
    door,
    errors,
    headers,
    inline,
    installing,
    language,
    monitoring,
    request_figures,
    vocabulary,
)
from k5web.web.accounts import accounts, applications, contract, invitations, numbers, phones, profile, recovery, tokens
from k5web.web.bank import invoices, receipts
from k5web.web.books import (
    cabinet,
    claims,
    exports,
    papers,
    promised_payments,
    reconciliation_acts,
    spending,
    transfers,
)
from k5web.web.calls import calls, missed, visitors, widgets
from k5web.web.contacts import address_book, favourites, share
from k5web.web.desk import pages as desk
from k5web.web.messaging import hook, notices
from k5web.web.payments import cards, hooks, topups
from k5web.web.pbx import browser_phone, greetings, people, recordings, rules, switch_hook, webhooks
from k5web.web.prices import pages, plans, ussd

LARGEST_BODY = 64 * 1024  # bytes; the longest form is a page of text
SESSION_LIFE = timedelta(days=365)

BLUEPRINTS = (
    pages.bp,
    calls.bp,
    cabinet.bp,
    papers.bp,
    spending.bp,
    exports.bp,
    applications.bp,
    claims.bp,
    reconciliation_acts.bp,
    transfers.bp,
    promised_payments.bp,
    accounts.bp,
    profile.bp,
    recovery.bp,
    invitations.bp,
    contract.bp,
    phones.bp,
    numbers.bp,
    people.bp,
    browser_phone.bp,
    missed.bp,
    favourites.bp,
    share.bp,
    installing.bp,
    address_book.bp,
    recordings.bp,
    webhooks.bp,
    rules.bp,
    greetings.bp,
    tokens.bp,
    receipts.bp,
    invoices.bp,
    topups.bp,
    cards.bp,
    api.bp,
    hooks.bp,
    switch_hook.bp,
    widgets.bp,
    visitors.bp,
    plans.bp,
    ussd.bp,
    hook.bp,
    notices.bp,
    desk.bp,
    monitoring.bp,
)


def register(app: Flask, ports: Ports, settings: Settings, requests: request_figures.RequestFigures) -> None:
    """Put the web together: figures, settings, headers, login, forms, vocabulary, errors, pages. The order of the first
    four matters: whatever is answered is counted, a foreign form is refused before its token is looked at, and every
    answer gets its headers last."""
    request_figures.register(app, requests)
    _configure(app, settings)
    hops = settings.trusted_proxies
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    app.wsgi_app = monitoring.ByAddress(app.wsgi_app, settings)  # type: ignore[method-assign]
    door.register(app, settings)
    constants = inline.read(app)
    headers.register(app, settings, constants)
    context.register(app, ports, settings)
    _protect_forms(app)
    language.register(app, settings)
    converters.register(app)
    vocabulary.register(app, assets.register(app), constants)
    errors.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        TRUSTED_HOSTS=headers.trusted_hosts(settings.public_url),
        K5_USSD_SECRET=settings.ussd_secret,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=50,
        # Anonymous reading makes no session; a form's token lives as long as it, and is not sent again each time
        SESSION_COOKIE_NAME=context.cookie_name(settings, "s"),
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFE,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # phones and proxies strip Referer; headers.py looks at Origin instead
        REMEMBER_COOKIE_NAME="",  # Flask-Login's own cookie is never read
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def _protect_forms(app: Flask) -> None:
    csrf = CSRFProtect(app)
    csrf.exempt(ussd.bp)  # the gateway proves itself by the address, which is secret
    csrf.exempt(hooks.bp)  # providers prove themselves by address and signature
    csrf.exempt(switch_hook.bp)  # a switch proves itself by its secret and its address
    csrf.exempt(visitors.bp)  # nobody is logged in there, and a form may stand on the owner's own site
    csrf.exempt(api.bp)  # a bearer token is sent by a program's own will, never by a browser
