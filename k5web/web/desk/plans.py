"""Plans on the desk: versions, drafts with what subscribers would have paid, both decided by two persons."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.domain.money import Money
from k5web.domain.prices.price_draft import PriceDraft
from k5web.errors import K5Error, NoticeTooShort, PlanDayTaken, WrongFile, WrongPlan
from k5web.services.prices import drafts, plan_drafts, plan_publishing
from k5web.services.prices.plan_drafts import PlanFile
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk.days import day
from k5web.web.desk.door import bp, current_staff, staff_may
from k5web.web.desk.prices import deciding, draft_of, file_words, state_words, waiting_for
from k5web.web.desk.uploads import sent_file
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
    """Check a file and keep it as a draft; each fault is told with its line."""
    try:
        effective, file, groups = day(request.form.get("effective", "")), sent_file("file"), sent_file("groups")
        if file is None or effective is None:
            raise WrongFile(file="", reason=_("нужны день и файл"))
        sent = PlanFile(*file, groups[1] if groups else None)
        draft = plan_drafts.upload(ports(), sent, effective, current_staff().actor)
    except K5Error as error:
        return _lists(_refusal(error), _faults(error)), error.status
    return redirect(url_for("desk.plan_draft", draft_id=draft.id), 303)


@bp.get("/plans/drafts/<int:draft_id>")
@staff_may(Action.SEE_PRICES)
def plan_draft(draft_id: int) -> ResponseReturnValue:
    """Show a draft: what it changes, what subscribers would have paid, and who decides."""
    return _draft(draft_of("plan", draft_id))


@bp.post("/plans/drafts/<int:draft_id>/check")
@staff_may(Action.PUBLISH_PRICES)
def plan_check(draft_id: int) -> ResponseReturnValue:
    """Check a draft again."""
    draft = draft_of("plan", draft_id)
    try:
        plan_drafts.check_again(ports(), draft_id, current_staff().actor)
    except K5Error as error:
        return _draft(draft, _refusal(error)), error.status
    return redirect(url_for("desk.plan_draft", draft_id=draft_id), 303)


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


def _refusal(error: K5Error) -> str:
    if isinstance(error, WrongPlan):
        return _("Тариф не принят: ошибок %(n)s. Исправьте их и загрузите снова.", n=error.facts["faults"])
    if isinstance(error, NoticeTooShort):
        earliest = f"{error.facts['earliest']:%d.%m.%Y}"
        return _("Тариф становится дороже: о нём предупреждают за 10 дней. Выберите %(day)s или позже.", day=earliest)
    if isinstance(error, PlanDayTaken):
        return _("На этот день уже опубликована версия тарифа. Выберите другой день.")
    return file_words(error)


def _faults(error: K5Error) -> list[str]:
    found = (
        error.facts.get("found", error.facts.get("rows", ())) if isinstance(error, WrongPlan | NoticeTooShort) else ()
    )
    return [str(one) for one in found] if isinstance(found, tuple) else []


def _lists(said: str = "", faults: object = ()) -> str:
    return render_template(
        "desk/plans.html",
        versions=plan_publishing.listed(ports()),
        withdrawn=plan_publishing.withdrawn(ports()),
        drafts=drafts.listed(ports(), "plan", whole(request.args.get("before", ""))),
        page=drafts.PAGE,
        state_words=state_words,
        now=ports().clock(),
        said=said,
        faults=faults,
    )


def _draft(draft: PriceDraft, said: str = "") -> str:
    return render_template(
        "desk/plan_draft.html",
        draft=draft,
        shown=draft.shown,
        month=day(draft.shown["month"]),
        sum_of=lambda minor, currency: money(Money(minor, currency)),
        state_words=state_words,
        said=said,
        **deciding(waiting_for("plan.publish", "draft", draft.id)),
    )
