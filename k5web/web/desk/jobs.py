"""Files that were handed in: given to the worker, how far it is with each, and what came of it."""

from collections.abc import Mapping
from typing import Any, Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.domain.desk.job import Job, JobState, JobWish
from k5web.domain.desk.proposal import Proposal, check_decider, checked_key
from k5web.domain.money import Money
from k5web.errors import NotFound
from k5web.services.desk import jobs
from k5web.services.desk.job_kinds import KINDS
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk.door import allowed, bp, current_staff, staff_may
from k5web.web.desk.price_refusals import file_words
from k5web.web.desk.register_words import bank_why, kind_word, state_word, step_word, verdict_word
from k5web.web.desk.uploads import Upload, nothing
from k5web.web.texts import _

TALLIES = ("credited", "suspended", "late", "doubtful")
# The page of a draft, by the kind of work on it
DRAFTS: Final = {"deck": "desk.deck_draft", "approval": "desk.deck_draft", "plan": "desk.plan_draft"}


@bp.get("/jobs")
@staff_may(Action.SEE_DESK)
def job_list() -> ResponseReturnValue:
    """Show the newest files of the kinds that whoever is here works with."""
    mine = [name for name, kind in KINDS.items() if allowed(kind.action)]
    found = jobs.page(ports(), whole(request.args.get("before", "")), mine)
    further = found[-1].id if len(found) == jobs.A_PAGE else None
    return render_template("desk/jobs.html", jobs=found, further=further, kind_word=kind_word, state_word=state_word)


@bp.get("/jobs/<int:n>")
@staff_may(Action.SEE_DESK)
def job(n: int) -> ResponseReturnValue:
    """Show one: its progress while it is worked on, then its result. A check of prices leads on to its draft."""
    found = _seen(n)
    if found.kind in DRAFTS and found.state is JobState.DONE and found.result:
        return redirect(url_for(DRAFTS[found.kind], draft_id=found.result["draft"]), 303)
    return render_template(
        "desk/price_job.html" if found.kind in DRAFTS else "desk/job.html",
        job=found,
        is_still="still" in request.args,
        kind_word=kind_word,
        state_word=state_word,
        step_word=step_word,
        verdict_word=verdict_word,
        bank_why=bank_why,
        sum_of=sum_of,
        file_words=file_words,
        drafts=DRAFTS,
        tallies=_tallies(found.result or {}) if found.kind == "statement" else [],
    )


@bp.post("/jobs/<int:n>/sure")
@staff_may(Action.LOAD_FILES)
def job_sure(n: int) -> ResponseReturnValue:
    """Let a file go on whose large sum somebody has compared with the bank."""
    jobs.say_right(ports(), _seen(n).id)
    return redirect(url_for("desk.job", n=n), 303)


@bp.post("/jobs/<int:n>/drop")
@staff_may(Action.LOAD_FILES)
def job_drop(n: int) -> ResponseReturnValue:
    """Give up a file that asks; nothing of it is done."""
    jobs.give_up(ports(), _seen(n).id)
    return redirect(url_for("desk.job", n=n), 303)


def begin(kind: str, upload: Upload, options: Mapping[str, Any]) -> ResponseReturnValue:
    """Give a file to the worker and lead to the page that tells how far it is. Raises: WrongForm."""
    wish = JobWish(kind, upload.name, checked_key(request.form.get("form_key", "")), options)
    begun = jobs.begin(ports(), current_staff().actor, wish, upload.file)
    return redirect(url_for("desk.job", n=begun.id), 303)


def begin_publishing(waiting: Proposal) -> ResponseReturnValue:
    """Give a price list to the worker that a second person approves. Raises: OwnProposal, NotWaiting, WrongForm."""
    check_decider(waiting, current_staff().actor)
    options = {"proposal": waiting.id, "draft": waiting.wish.payload["draft"]}
    return begin("approval", nothing(str(waiting.wish.shown["file"])), options)


def sum_of(facts: list[Any] | None) -> Money | None:
    """Return a sum that a job's result has as minor units and a currency."""
    return Money(int(facts[0]), str(facts[1])) if facts else None


def _seen(n: int) -> Job:
    """Return a job of a kind that whoever is here works with. Raises: NotFound."""
    found = jobs.find(ports(), n)
    return NotFound.unless(found if _may_see(found) else None, f"job {n}")


def _may_see(found: Job) -> bool:
    kind = KINDS.get(found.kind)
    return kind is not None and allowed(kind.action)


def _tallies(result: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return the kinds of a statement's payments with their words, those that there are."""
    titles = {
        "credited": _("Зачислено"),
        "suspended": _("Не нашлось, чьё: на невыясненных"),
        "late": _("Из зачисленного – позже трёх рабочих дней"),
        "doubtful": _("Похоже на уже известные: не зачислено"),
    }
    return [(titles[name], result[name]) for name in TALLIES if name in result]
