"""The rule of a number: read in words and as a tree, changed by plain forms, tried without a call, taken back.

A rule is of a rented number (`/me/numbers/<digits>/rule`) or of the callers of the shared number (`/me/pbx/rule`). Each
form carries the version that was shown: what was changed elsewhere meanwhile is not overwritten.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from k5web.domain.pbx import rule_edits
from k5web.domain.pbx.hours import DAYS, MOST_SPANS
from k5web.domain.pbx.image import BY_ID
from k5web.domain.pbx.rule import END, EVERYBODY, KEYS, KINDS, PROMPTS, START, Rule
from k5web.domain.pbx.rule_templates import TEMPLATES
from k5web.domain.pbx.rule_walk import Reached
from k5web.domain.prices.number import Msisdn
from k5web.errors import NotFound, StaleRule, TooMany, WrongHours, WrongNumber, WrongRule
from k5web.services.pbx import rules
from k5web.services.pbx.rules import RulePage, Trial
from k5web.services.ports import OPERATOR_ZONE
from k5web.web.context import current_subscriber, login_required, ports
from k5web.web.errors import again, words
from k5web.web.pbx import rule_forms, rule_words
from k5web.web.pbx.rule_refusals import field_of, gone_words
from k5web.web.pbx.rule_tree import tree_of
from k5web.web.texts import _

bp = Blueprint("rules", __name__, url_prefix="/me")

NUMBER: Final = "/numbers/<int(fixed_digits=11):digits>/rule"
ID: Final = "/pbx/rule"
REFUSALS: Final = (WrongRule, WrongHours, WrongNumber, StaleRule, TooMany)
View = Callable[..., ResponseReturnValue]
FormAgain = Callable[[int, str, str], str]


def at(rest: str, method: str = "GET") -> Callable[[View], View]:
    """Return what serves a page below both addresses of a rule."""

    def both(view: View) -> View:
        bp.add_url_rule(ID + rest, view_func=view, methods=[method], defaults={"digits": 0})
        bp.add_url_rule(NUMBER + rest, view_func=view, methods=[method])
        return view

    return both


@bp.get("/rules")
@login_required
def list_all() -> ResponseReturnValue:
    """Whose callers may have a rule: rented numbers, an organisation's id."""
    listed = [(0 if number == BY_ID else int(number), rule_words.number_name(number)) for number in _led_here()]
    return render_template("rules/list.html", listed=listed)


@at("")
@login_required
def show(digits: int) -> ResponseReturnValue:
    """The rule in words, its tree, what may be done with it; with a time given, what a call would do then."""
    return _page(digits)


@at("/add")
@login_required
def choose(digits: int) -> ResponseReturnValue:
    """Choose what step to put in, then its form."""
    kind, page = request.args.get("kind", ""), _found(digits)
    place, way = request.args.get("at", ""), request.args.get("way", "")
    target = _target(page.rule, place, way)
    if kind not in KINDS:
        where = rule_words.place_words(page.rule, place, way)
        return render_template("rules/kinds.html", digits=digits, place=place, way=way, where=where, kinds=_kinds())
    return _form(page, digits, rule_forms.fresh_facts(kind, target), place, way)


@at("/add", "POST")
@login_required
def add(digits: int) -> ResponseReturnValue:
    """Put a step in."""
    kind, place, way = (request.form.get(name, "") for name in ("kind", "at", "way"))
    return _change(digits, lambda rule: rule_edits.add(rule, place, way, _typed(kind)), _same_form)


@at("/steps/<name>")
@login_required
def step(digits: int, name: str) -> ResponseReturnValue:
    """One step's form."""
    page = _found(digits)
    return _form(page, digits, rule_forms.facts_of_step(rule_edits.get(page.rule, name)), name=name)


@at("/steps/<name>", "POST")
@login_required
def change(digits: int, name: str) -> ResponseReturnValue:
    """Change a step."""
    kind = request.form.get("kind", "")
    return _change(digits, lambda rule: rule_edits.change(rule, name, _typed(kind)), _same_form)


@at("/steps/<name>/remove", "POST")
@login_required
def remove(digits: int, name: str) -> ResponseReturnValue:
    """Take a step out."""
    return _change(digits, lambda rule: rule_edits.remove(rule, name))


@at("/steps/<name>/move", "POST")
@login_required
def move(digits: int, name: str) -> ResponseReturnValue:
    """Put a step before another one."""
    return _change(digits, lambda rule: rule_edits.move(rule, name, request.form.get("before", "")))


@at("/template", "POST")
@login_required
def take_template(digits: int) -> ResponseReturnValue:
    """Begin anew with a rule that is ready."""
    code = request.form.get("template", "")
    return _done(digits, lambda who, seen: rules.take_template(ports(), who, _number(digits), seen, code, _actor()))


@at("/back", "POST")
@login_required
def go_back(digits: int) -> ResponseReturnValue:
    """Put an older version in force once more."""
    version = _whole(request.form.get("version", ""))
    return _done(digits, lambda who, seen: rules.go_back(ports(), who, _number(digits), seen, version, _actor()))


@at("/black", "POST")
@login_required
def refuse_caller(digits: int) -> ResponseReturnValue:
    """Take no more calls from somebody."""
    home = current_subscriber().home
    return _done(
        digits, lambda who, _seen: rules.refuse_caller(ports(), who, Msisdn.parse(request.form.get("caller", ""), home))
    )


@at("/black/remove", "POST")
@login_required
def take_caller(digits: int) -> ResponseReturnValue:
    """Take somebody's calls again."""
    return _done(digits, lambda who, _seen: rules.take_caller(ports(), who, request.form.get("caller", "")))


@bp.errorhandler(CSRFError)
@again
@login_required
def stale(error: CSRFError) -> ResponseReturnValue:
    """An old form: a step's as it was filled in, else the rule again."""
    assert request.view_args is not None
    digits, said = request.view_args["digits"], _("Страница была открыта давно. Нажмите ещё раз.")
    if "kind" in request.form:
        return _same_form(digits, said, "step"), 400
    return _page(digits, said, 400)


def _led_here() -> list[str]:
    return rules.led_here(ports(), current_subscriber().id)


def _kinds() -> list[tuple[str, str]]:
    return [(kind, said()) for kind, said in rule_words.KIND_WORDS.items()]


def _number(digits: int) -> str:
    return str(digits) if digits else BY_ID


def _actor() -> str:
    return f"subscriber:{current_subscriber().id}"


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else -1


def _found(digits: int) -> RulePage:
    return rules.show(ports(), current_subscriber().id, _number(digits))


def _typed(kind: str) -> Any:
    if kind not in KINDS:
        raise WrongRule(problems=())
    return rule_forms.read(kind, request.form, current_subscriber().home)


def _target(rule: Rule, place: str, way: str) -> str:
    """Return where a way leads now, before which a step is to be put."""
    if not place:
        return START
    found = rule_edits.get(rule, place)
    if way not in rule_edits.way_names(found):
        raise NotFound(what="such way")
    return str(found.keys[way] if way in KEYS else getattr(found, way))  # type: ignore[union-attr]


def _change(digits: int, edit: Callable[[Rule], Rule], form: FormAgain | None = None) -> ResponseReturnValue:
    """Change the rule and show it; what is refused is said where it was typed."""

    def put(owner_id: int, seen: int) -> object:
        return rules.change(ports(), owner_id, _number(digits), seen, edit, _actor())

    return _done(digits, put, form)


def _done(digits: int, deed: Callable[[int, int], object], form: FormAgain | None = None) -> ResponseReturnValue:
    seen = _whole(request.form.get("seen", "0"))
    try:
        deed(current_subscriber().id, seen)
    except REFUSALS as error:
        if form is None or isinstance(error, StaleRule):
            return _page(digits, words(error), error.status)
        return form(digits, words(error), field_of(error)), error.status
    return redirect(url_for("rules.show", digits=digits), 303)


def _same_form(digits: int, said: str, field: str) -> str:
    """Return the form of a step that was sent, with everything as it was typed and what is wrong with it."""
    kind, place, way = (request.form.get(name, "") for name in ("kind", "at", "way"))
    facts = rule_forms.facts_of_form(kind if kind in KINDS else "say", request.form)
    name = (request.view_args or {}).get("name", "")
    return _form(_found(digits), digits, facts, place, way, name, said, field)


def _page(digits: int, said: str | None = None, status: int = 200) -> ResponseReturnValue:
    page = _found(digits)
    own = {"digits": digits, "said": said, "owner_id": current_subscriber().id, "shared": ports().shared_number}
    text = render_template("rules/rule.html", page=page, **own, **page_facts(page))
    return text, status


def page_facts(page: RulePage) -> dict[str, Any]:
    """Return what the page of a rule shows, of the desk too."""
    numbers = rule_words.numbered(page.rule)
    steps = [(name, numbers[name], page.rule.steps[name]) for name in page.rule.order()]
    titles = _titles(page)
    listed = [
        (
            number,
            name,
            rule_words.step_words(each, titles),
            gone_words(page.gone(each)),
            rule_words.ways_words(each, numbers),
        )
        for name, number, each in steps
    ]
    tried, wrong = _trial()
    said = {one.digest: one.words or one.title for one in page.greetings}
    return {
        "title": rule_words.number_name(page.number),
        "steps": listed,
        "tree": tree_of(page.rule),
        "templates": [(code, rule_words.TEMPLATE_WORDS[code]()) for code in TEMPLATES],
        "reached": [(one.value, rule_words.REACHED_WORDS[one]()) for one in Reached],
        "tried": tried,
        "wrong": wrong,
        "stages": [rule_words.stage_words(one, said) for one in rules.trial(page, tried)] if tried else [],
        "now": ports().clock().astimezone(OPERATOR_ZONE),
    }


def _titles(page: RulePage) -> dict[str, str]:
    return {one.digest: one.title for one in page.greetings}


def _trial() -> tuple[Trial | None, str]:
    """Return the call that the address makes up, or what is wrong with it."""
    if "when" not in request.args:
        return None, ""
    try:
        moment = datetime.strptime(request.args["when"], "%Y-%m-%dT%H:%M").replace(tzinfo=OPERATOR_ZONE)
    except ValueError:
        return None, _("Время не понято. Напишите так: 2026-12-31T09:00.")
    typed = request.args.get("caller", "").strip()
    try:
        caller = Msisdn.parse(typed).digits if typed else ""
    except WrongNumber as error:
        return None, words(error)
    keys = tuple(re.findall(r"[0-9]+", request.args.get("keys", "")[:40]))
    people, forward = (_reached(request.args.get(name, "")) for name in ("people", "forward"))
    return Trial(moment, caller, keys, people, forward), ""


def _reached(text: str) -> Reached:
    return Reached(text) if text in {*Reached} else Reached.NO_ANSWER


def _form(
    page: RulePage,
    digits: int,
    facts: dict[str, Any],
    place: str = "",
    way: str = "",
    name: str = "",
    said: str = "",
    field: str = "",
) -> str:
    """Return the page of one step, new or there already; `field`: where what was refused was typed."""
    numbers, titles = rule_words.numbered(page.rule), _titles(page)
    targets = [(END, _("конец звонка"))] + [
        (one, f"{rule_words.target_words(numbers, one)}: {rule_words.step_words(page.rule.steps[one], titles)}")
        for one in page.rule.order()
        if one != name
    ]
    kind = facts["kind"]
    return render_template(
        "rules/step.html",
        page=page,
        digits=digits,
        said=said,
        field=field,
        facts=facts,
        kind=kind,
        name=name,
        place=place,
        way=way,
        targets=targets,
        ways=[(one, rule_words.way_words(one)) for one in KINDS[kind].WAYS],
        keys=[(key, facts.get("keys", {}).get(key, rule_forms.UNUSED)) for key in KEYS],
        people=[(EVERYBODY, _("Все телефоны")), *((one.extension, one.title) for one in page.people)],
        prompts=[(prompt, rule_words.prompt_name(prompt, titles)) for prompt in (*PROMPTS, *titles)],
        seconds=rule_forms.seconds_of(kind, facts["seconds"]) if "seconds" in facts else [],
        spans=range(min(len(facts.get("spans", ())) + 1, MOST_SPANS)),
        days=[(at_, rule_words.DAY_WORDS[at_]()) for at_ in range(len(DAYS))],
        heading=rule_words.KIND_WORDS[kind](),
        where="" if name else rule_words.place_words(page.rule, place, way),
        movable=[(one, said) for one, said in targets if one] if name and KINDS[kind].WAYS else [],
    )
