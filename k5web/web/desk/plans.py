"""Plans on the desk: versions, drafts with what subscribers would have paid, both decided by two persons."""

import secrets

from flask import render_template, request
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.domain.money import Money
from k5web.domain.prices.price_draft import PriceDraft
from k5web.errors import K5Error, WrongFile
from k5web.services.desk.price_checks import plan_options
from k5web.services.prices import drafts, plan_publishing
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk import jobs
from k5web.web.desk.days import day
from k5web.web.desk.door import bp, staff_may
from k5web.web.desk.prices import deciding, draft_of, state_words, waiting_for, why_not_taken
from k5web.web.desk.uploads import nothing, read_upload, sent_text
from k5web.web.texts import _
from k5web.web.words import money


@bp.get("/plans")
@staff_may(Action.SEE_PRICES)
def plan_list() -> ResponseReturnValue:
    """Show the versions of plans, those taken back, and the drafts."""
    return _lists()


@bp.post("/plans/drafts")
@staff_may(Action.PUBLISH_PRICES)
def plan_upload() -> ResponseReturnValue:
    """Give a file to the worker, who checks it and keeps it as a draft, or names each fault with its line."""
    try:
        effective = day(request.form.get("effective", ""))
        if effective is None:
            raise WrongFile(file="", reason=_("нужны день и файл"))
        return jobs.begin("plan", read_upload(), plan_options(effective, sent_text("groups")))
    except K5Error as error:
        return _lists(why_not_taken(error)), error.status


@bp.get("/plans/drafts/<int:draft_id>")
@staff_may(Action.SEE_PRICES)
def plan_draft(draft_id: int) -> ResponseReturnValue:
    """Show a draft: what it changes, what subscribers would have paid, and who decides."""
    return _draft(draft_of("plan", draft_id))


@bp.post("/plans/drafts/<int:draft_id>/check")
@staff_may(Action.PUBLISH_PRICES)
def plan_check(draft_id: int) -> ResponseReturnValue:
    """Have a draft checked again."""
    return jobs.begin("plan", nothing(draft_of("plan", draft_id).file), {"draft": draft_id})


@bp.get("/plans/versions/<int:version_id>")
@staff_may(Action.SEE_PRICES)
def plan_version(version_id: int) -> ResponseReturnValue:
    """Show a version: what it changes, and how it is taken back."""
    shown = plan_publishing.shown(ports(), version_id)
    return render_template(
        "desk/plan_version.html",
        version=shown.version,
        withdrawal=shown.withdrawal,
        difference=shown.difference,
        text=shown.text,
        is_coming=shown.version.effective_from > ports().clock(),
        **deciding(waiting_for("plan.withdraw", "version", version_id)),
    )


def _lists(said: str = "") -> str:
    return render_template(
        "desk/plans.html",
        versions=plan_publishing.listed(ports()),
        withdrawn=plan_publishing.withdrawn(ports()),
        drafts=drafts.listed(ports(), "plan", whole(request.args.get("before", ""))),
        page=drafts.PAGE,
        state_words=state_words,
        now=ports().clock(),
        said=said,
        form_key=secrets.token_urlsafe(12),
    )


def _draft(draft: PriceDraft) -> str:
    return render_template(
        "desk/plan_draft.html",
        draft=draft,
        shown=draft.shown,
        month=day(draft.shown["month"]),
        sum_of=lambda minor, currency: money(Money(minor, currency)),
        state_words=state_words,
        **deciding(waiting_for("plan.publish", "draft", draft.id)),
    )
