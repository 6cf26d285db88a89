"""Every page that somebody can open, and who opens it; the map of addresses says whether one is missing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from werkzeug.routing import Rule

from tests.browser.layout.furnished import Furnished

# Views whose GET answers no page, or another one's, and what they answer instead
NO_PAGE: Mapping[str, tuple[str, ...]] = {
    "for programs": (
        *("api.account", "api.describe", "api.list_calls", "api.list_conversations", "api.list_numbers", "api.quote"),
        *("api.show", "hooks.notice", "monitoring.alive", "monitoring.metrics", "monitoring.ready", "sms.receive"),
        "sms.report",
    ),
    "for scripts and browsers": (
        *("browser_phone.price_of", "calls.status", "installing.manifest", "installing.worker", "static"),
        "visitors.script",
    ),
    "a file to keep": (
        *("applications.ending_file", "applications.refund_blank_file", "applications.refund_file", "calls.card"),
        *("cabinet.calls_csv", "cabinet.statement_csv", "desk.audit_table", "desk.deck_table", "exports.file"),
        *("favourites.cards", "invoices.file", "papers.act_file", "profile.export", "receipts.file"),
        "reconciliation_acts.file",
    ),
    "a picture or a sound": ("calls.code", "greetings.listen", "recordings.listen"),
    "leads on": ("topups.come_back",),
}
# Views whose page is another reader's, has another object, or has several faces
OTHERWISE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "accounts.login": (("stranger", "/login"),),
    "applications.refund": (("refunded", "/me/documents/refund/1"),),
    "applications.refund_blank": (("ended", "/me/documents/refund"),),
    "cabinet.call": (("member", "/me/calls/{call_id}"), ("member", "/me/calls/{unanswered}")),
    "cabinet.calls": (("member", "/me/calls"), ("member", "/me/calls?number=4951234567"), ("poor", "/me/calls")),
    "cabinet.home": (("member", "/me"), ("poor", "/me"), ("ended", "/me")),
    "cabinet.line": (("member", "/me/statement/1"), ("member", "/me/statement/2")),
    "calls.follow": (("member", "/c/{call_id}"), ("talking", "/c/{live}"), ("member", "/c/{unanswered}")),
    "calls.show": (
        *((reader, "/+74951234567") for reader in ("stranger", "member", "plain", "poor", "talking", "ended")),
        ("plain", "/+99912345678"),
        ("plain", "/4951234200"),
        ("plain", "/112"),
    ),
    "claims.ask": (("member", "/me/claims/new/{charge}"),),
    "claims.show_all": (("member", "/me/claims"), ("poor", "/me/claims")),
    "desk.job": (("staff", "/desk/jobs/{job}"),),
    "desk.login": (("stranger", "/desk/login"),),
    "desk.money_form": (
        *(
            ("staff", f"/desk/money/{kind}?owner={{owner_id}}")
            for kind in ("correction", "refund", "assign", "join_doubt")
        ),
    ),
    "desk.named_payment": (("staff", "/desk/payments/named?origin=test:bank&key=lost-1"),),
    "desk.plan_draft": (("staff", "/desk/plans/drafts/{plan_draft}"),),
    "desk.plan_version": (("staff", "/desk/plans/versions/{plan_version}"),),
    "desk.search": (("staff", "/desk/search?q=K5"), ("staff", "/desk/search?q=zzz")),
    "desk.step": (*(("staff", f"/desk/subscribers/{{owner_id}}/steps/{step}") for step in ("block", "end")),),
    "favourites.edit": (("member", "/me/favourites/74951234567"),),
    "invitations.details": (("new", "/join/{invitation}/details"),),
    "invitations.welcome": (("stranger", "/join/{invitation}"), ("stranger", "/join/nobody")),
    "pages.home": (("stranger", "/"), ("member", "/"), ("plain", "/"), ("plain", "/?number=%D0%B0%D0%B1%D0%B2")),
    "pages.tariffs": (
        ("stranger", "/tariffs"),
        ("plain", "/tariffs?q=%D0%A0%D0%BE%D1%81%D1%81%D0%B8%D1%8F&to=%D0%B0%D0%B1%D0%B2"),
        ("stranger", "/tariffs?q=89161234567&to=84951234567"),
        ("plain", "/tariffs?q=+7495"),
    ),
    "pages.tariff": (("stranger", "/tariffs/7495"), ("plain", "/tariffs/7495")),
    "plans.compare": (("stranger", "/plans"), ("plain", "/plans?to=%2B74951234567")),
    "plans.month": (("member", "/me/plan/k5/month"),),
    "plans.step": (("plain", "/me/services/plan/start"), ("member", "/me/services/plan/go-100")),
    "recovery.code": (("new", "/password/code"),),
    "recovery.new": (("recovered", "/password/new"),),
    "rules.choose": (("member", "/me/numbers/{digits}/rule/add"),),
    "rules.show": (("member", "/me/numbers/{digits}/rule"),),
    "rules.step": (("member", "/me/numbers/{digits}/rule/steps/{step}"),),
    "share.receive": (("plain", "/share?text=%D0%BF%D1%83%D1%81%D1%82%D0%BE"),),
    "spending.show": (("member", "/me/spending"), ("poor", "/me/spending")),
    "topups.one_way": (("plain", "/pay/fake-bank"), ("plain", "/pay/fake-som"), ("stranger", "/pay/fake-bank")),
    "topups.show": (("member", "{paid}"),),
    "topups.ways": (("stranger", "/pay"), ("member", "/pay"), ("plain", "/pay?sum=100.00&next=/%2B74951234567")),
}
FACES = (("stranger", "/nowhere"), ("plain", "/me/statement/999"), ("staff", "/desk/nowhere"))  # of no view: errors


@dataclass(frozen=True)
class Place:
    """One page: the view that shows it, who reads it, where."""

    view: str
    reader: str
    path: str

    def __str__(self) -> str:
        return f"{self.reader} at {self.path}"


def places(house: Furnished) -> list[Place]:
    """Return every page of every view of this house."""
    rules = sorted(house.app.url_map.iter_rules(), key=lambda rule: rule.endpoint)
    left_out = {view for views in NO_PAGE.values() for view in views}
    return [
        *(place for rule in rules if "GET" in (rule.methods or ()) for place in _of(house, rule, left_out)),
        *(Place("", reader, path) for reader, path in FACES),
    ]


def _of(house: Furnished, rule: Rule, left_out: set[str]) -> Iterator[Place]:
    view, known = rule.endpoint, house.values
    if view in OTHERWISE:
        for reader, path in OTHERWISE[view]:
            yield Place(view, reader, re.sub(r"{(\w+)}", lambda name: known[name[1]], path))
    elif view not in left_out:
        is_desk = view.startswith("desk.")
        values = known | (house.desk_values if is_desk else {})
        path = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda name: values[name[1]], rule.rule)
        yield Place(view, "staff" if is_desk else "member", path)
