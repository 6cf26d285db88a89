"""Price lists on the desk: versions, drafts with what they would do, both decided by two persons."""

import io
import secrets
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from k5web.domain.desk.action import Action
from k5web.domain.desk.proposal import Proposal, ProposalState, person
from k5web.domain.money import CURRENCIES, Money
from k5web.domain.prices.deck import DECK_NAME
from k5web.domain.prices.deck_difference import DeckDifference
from k5web.domain.prices.price_draft import DraftState, Priced, PriceDraft
from k5web.errors import K5Error, NoDeck, NotFound, WrongFile
from k5web.services.desk import price_proposals, proposals
from k5web.services.desk.price_checks import answers, deck_options, told
from k5web.services.prices import deck_drafts, drafts, ratedecks
from k5web.services.prices.deck_publishing import ImportOptions
from k5web.web.context import ports
from k5web.web.converters import whole
from k5web.web.desk import jobs
from k5web.web.desk.days import day
from k5web.web.desk.door import bp, current_staff, staff_may
from k5web.web.desk.price_refusals import file_words
from k5web.web.desk.uploads import Upload, nothing, read_upload, sent_text
from k5web.web.errors import words
from k5web.web.texts import _
from k5web.web.words import money

ROWS = 50  # of one kind of change on a page


@bp.get("/prices")
@staff_may(Action.SEE_PRICES)
def price_lists() -> ResponseReturnValue:
    """Show the versions of price lists, those taken back, and the drafts."""
    return _lists()


@bp.post("/prices/drafts")
@staff_may(Action.PUBLISH_PRICES)
def deck_upload() -> ResponseReturnValue:
    """Give a file to the worker, who checks it and keeps it as a draft, or names what is wrong with its lines."""
    try:
        return jobs.begin("deck", *_wish())
    except K5Error as error:
        return _lists(why_not_taken(error)), error.status


@bp.get("/prices/drafts/<int:draft_id>")
@staff_may(Action.SEE_PRICES)
def deck_draft(draft_id: int) -> ResponseReturnValue:
    """Show a draft: what it changes, what it would have done, and who decides."""
    return _draft(draft_of("deck", draft_id))


@bp.post("/prices/drafts/<int:draft_id>/check")
@staff_may(Action.PUBLISH_PRICES)
def deck_check(draft_id: int) -> ResponseReturnValue:
    """Have a draft checked again, with other answers."""
    draft = draft_of("deck", draft_id)
    return jobs.begin("deck", nothing(draft.file), {"draft": draft_id, "answers": answers(_options())})


@bp.post("/prices/drafts/<int:draft_id>/drop")
@staff_may(Action.PUBLISH_PRICES)
def price_draft_drop(draft_id: int) -> ResponseReturnValue:
    """Give a draft up."""
    draft = drafts.find(ports(), draft_id)
    drafts.drop(ports(), draft_id, current_staff().actor)
    return redirect(url_for("desk.price_lists" if draft.subject == "deck" else "desk.plan_list"), 303)


@bp.post("/prices/drafts/<int:draft_id>/propose")
@staff_may(Action.PUBLISH_PRICES)
def price_draft_propose(draft_id: int) -> ResponseReturnValue:
    """Ask a second person to publish a draft as it stands here."""
    key, reason = request.form.get("form_key", ""), request.form.get("reason", "")
    price_proposals.propose_draft(ports(), draft_id, current_staff().actor, key, reason)
    return redirect(address_of(drafts.find(ports(), draft_id)), 303)


@bp.post("/prices/drafts/<int:draft_id>/approve")
@staff_may(Action.APPROVE_PRICES)
def price_draft_approve(draft_id: int) -> ResponseReturnValue:
    """Publish what another one proposed; a list is published by the worker."""
    draft = drafts.find(ports(), draft_id)
    waiting = NotFound.unless(waiting_for(f"{draft.subject}.publish", "draft", draft_id), "such proposal")
    if draft.subject == "deck":
        return jobs.begin_publishing(waiting)
    proposals.approve(ports(), waiting.id, current_staff().actor)
    return redirect(address_of(draft), 303)


@bp.get("/prices/versions/<int:version_id>")
@staff_may(Action.SEE_PRICES)
def deck_version(version_id: int) -> ResponseReturnValue:
    """Show a version: what it changes of another one, and how it is taken back."""
    version = ratedecks.one(ports(), version_id)
    listed = [each for each in ratedecks.versions(ports()) if each[0].name == version.name]
    usual = version.name if any(in_force for _other, in_force in listed) else str(version_id)  # a list yet to begin
    against = request.args.get("against", usual)
    changes = _compared(against, version_id)
    waiting = waiting_for("deck.withdraw", "version", version_id)
    return render_template(
        "desk/deck_version.html",
        version=version,
        withdrawal=ratedecks.withdrawal(ports(), version_id),
        against=against,
        listed=[other for other, _in_force in listed],
        counts={kind: len(getattr(changes, kind)) for kind in deck_drafts.KINDS},
        rows={
            kind: [deck_drafts.row(change) for change in getattr(changes, kind)[:ROWS]] for kind in deck_drafts.KINDS
        },
        kind_words=kind_words,
        is_coming=version.effective_from > ports().clock(),
        **deciding(waiting),
    )


@bp.get("/prices/versions/<int:version_id>/list.csv")
@staff_may(Action.SEE_PRICES)
def deck_table(version_id: int) -> ResponseReturnValue:
    """Send a version as the command writes it."""
    written = io.StringIO()
    ratedecks.export_deck(ports(), str(version_id), written)
    head = {"Content-Disposition": f"attachment; filename=deck-{version_id}.csv"}
    return Response(written.getvalue(), mimetype="text/csv", headers=head)


@bp.post("/prices/<any(deck, plan):subject>/<int:version_id>/withdraw")
@staff_may(Action.PUBLISH_PRICES)
def price_withdraw(subject: str, version_id: int) -> ResponseReturnValue:
    """Ask a second person to take a version back before its day."""
    of: Priced = "deck" if subject == "deck" else "plan"
    key, reason = request.form.get("form_key", ""), request.form.get("reason", "")
    price_proposals.propose_withdrawal(ports(), of, version_id, current_staff().actor, key, reason)
    return redirect(_address_of_version(subject, version_id), 303)


@bp.post("/prices/<any(deck, plan):subject>/<int:version_id>/withdraw/approve")
@staff_may(Action.APPROVE_PRICES)
def price_withdraw_approve(subject: str, version_id: int) -> ResponseReturnValue:
    """Take back what another one proposed to."""
    waiting = NotFound.unless(waiting_for(f"{subject}.withdraw", "version", version_id), "such proposal")
    proposals.approve(ports(), waiting.id, current_staff().actor)
    return redirect(_address_of_version(subject, version_id), 303)


def waiting_for(kind: str, name: str, value: int) -> Proposal | None:
    """Return the proposal that waits about a draft or a version."""
    found = proposals.page(ports(), ProposalState.WAITING, kinds=[kind])
    return next((each for each in found if each.wish.payload.get(name) == value), None)


def deciding(waiting: Proposal | None) -> dict[str, object]:
    """Return what a page says about who decides."""
    is_mine = waiting is not None and waiting.proposed_by == person(current_staff().actor)
    return {"waiting": waiting, "is_mine": is_mine, "form_key": secrets.token_urlsafe(12)}


def draft_of(subject: Priced, draft_id: int) -> PriceDraft:
    """Return a draft of a list, or of a plan. Raises: NotFound."""
    draft = drafts.find(ports(), draft_id)
    return NotFound.unless(draft if draft.subject == subject else None, f"draft {draft_id}")


def address_of(draft: PriceDraft) -> str:
    """Return the page of a draft."""
    return url_for("desk.deck_draft" if draft.subject == "deck" else "desk.plan_draft", draft_id=draft.id)


def state_words(state: DraftState) -> str:
    """Return what became of a draft."""
    return {
        DraftState.OPEN: _("ждёт"), DraftState.PUBLISHED: _("опубликован"), DraftState.DROPPED: _("отброшен"),
    }[state]  # fmt: skip


def kind_words(kind: str) -> str:
    """Return a kind of change."""
    return {
        "dearer": _("Дороже"),
        "cheaper": _("Дешевле"),
        "new": _("Новые"),
        "gone": _("Исчезают"),
        "changed": _("Другие условия"),
        "overlaps": _("Внутри другого направления"),
    }[kind]


def ask_words(answer: str) -> str:
    """Return what a draft's check asks."""
    return {
        "replace": _("Исчезает или дорожает много цен. Если так и задумано, отметьте это и проверьте снова."),
        "currency": _("Валюта не названа, а цены далеки от обычных. Выберите валюту и проверьте снова."),
        "without_notice": _(
            "Часть цен дорожает раньше, чем через 10 дней. Загрузите список на более поздний день или напишите, "
            "почему предупреждать не нужно."
        ),
    }[answer]


def why_not_taken(error: K5Error) -> str:
    """Return why a form with a file was not taken."""
    return file_words(error.code, told(error)) or words(error)


def _lists(said: str = "") -> str:
    return render_template(
        "desk/prices.html",
        versions=ratedecks.versions(ports())[::-1],
        withdrawn=ratedecks.withdrawn(ports()),
        drafts=drafts.listed(ports(), "deck", whole(request.args.get("before", ""))),
        page=drafts.PAGE,
        state_words=state_words,
        currencies=sorted(CURRENCIES),
        now=ports().clock(),
        said=said,
        form_key=secrets.token_urlsafe(12),
    )


def _draft(draft: PriceDraft) -> str:
    effect = deck_drafts.effect_of(draft.shown["effect"])
    return render_template(
        "desk/deck_draft.html",
        draft=draft,
        shown=draft.shown,
        effect=effect,
        directions=[effect.total, *effect.directions[:ROWS]],
        month=day(draft.shown["month"]),
        kinds=[kind for kind in deck_drafts.KINDS if draft.shown["counts"][kind]],
        kind_words=kind_words,
        ask_words=ask_words,
        state_words=state_words,
        asks=list(dict.fromkeys(answer for answer, _told in draft.shown["asks"])),
        currencies=sorted(CURRENCIES),
        rows=ROWS,
        sum_of=lambda minor: money(Money(minor, draft.shown["currency"])),
        **deciding(waiting_for("deck.publish", "draft", draft.id)),
    )


def _wish() -> tuple[Upload, dict[str, Any]]:
    """Return a list that was handed in, and what its check is told. Raises: WrongFile, WrongUpload."""
    name, effective = request.form.get("name", "").strip(), day(request.form.get("effective", ""))
    if effective is None or not DECK_NAME.fullmatch(name):
        raise WrongFile(file="", reason=_("нужны название (маленькие латинские буквы, цифры, дефис), день и файл"))
    return read_upload(), deck_options(name, effective, sent_text("mapping"), _options())


def _options() -> ImportOptions:
    form = request.form
    currency = form.get("currency", "")
    return ImportOptions(
        currency=currency if currency in CURRENCIES else None,
        replace="replace" in form,
        changes="changes" in form,
        allow_free="allow_free" in form,
        without_notice=form.get("without_notice", "").strip()[:200],
    )


def _compared(against: str, version_id: int) -> DeckDifference:
    """Return what a version changes of a list or of another version. Raises: NotFound for a list that is none."""
    try:
        return ratedecks.compare(ports(), against, str(version_id))
    except NoDeck as unknown:
        raise NotFound(what=f"price list {against[:40]}") from unknown


def _address_of_version(subject: str, version_id: int) -> str:
    return url_for("desk.deck_version" if subject == "deck" else "desk.plan_version", version_id=version_id)
