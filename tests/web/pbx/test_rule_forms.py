"""Forms of steps: what is shown comes back as it was; a form that is none of ours is refused."""

import pytest
from werkzeug.datastructures import MultiDict

from k5web.domain.pbx.rule import KINDS, SECONDS
from k5web.errors import WrongHours, WrongRule
from k5web.web.pbx import rule_forms
from tests.domain.pbx.rules import one_of_each


def form_of(facts: dict[str, object]) -> MultiDict[str, str]:
    """Fill in a form as the page shows it."""
    form: MultiDict[str, str] = MultiDict()
    for name, value in facts.items():
        if name == "people":
            form.setlist("people", list(value))  # type: ignore[call-overload]
        elif name == "keys":
            for key, to in value.items():  # type: ignore[attr-defined]
                form[f"key{key}"] = to
        elif name == "spans":
            for at, span in enumerate(value):  # type: ignore[arg-type, var-annotated]
                form.setlist(f"days{at}", [str(day) for day in span["days"]])
                form |= {f"{edge}{at}": span[edge] for edge in ("opens", "closes")}
        elif isinstance(value, bool):
            form[name] = "yes" if value else "no"
        else:
            form[name] = str(value)
    return form


@pytest.mark.parametrize("name", [*one_of_each().steps])
def test_a_form_that_is_sent_as_shown_changes_nothing(name: str) -> None:
    step = one_of_each().steps[name]
    assert rule_forms.read(step.KIND, form_of(rule_forms.facts_of_step(step)), "RU") == step


@pytest.mark.parametrize("name", [*one_of_each().steps])
def test_a_form_that_is_refused_is_shown_as_it_was_sent(name: str) -> None:
    facts = rule_forms.facts_of_step(one_of_each().steps[name])
    assert rule_forms.facts_of_form(facts["kind"], form_of(facts)) == facts


def test_what_was_typed_wrong_is_shown_again() -> None:
    hours = MultiDict({"days1": "6", "opens1": "утром", "closes1": "18:00", "opens0": "9:00", "open": "s2"})
    assert rule_forms.facts_of_form("hours", hours) == {
        "kind": "hours",
        "spans": [
            {"days": [], "opens": "9:00", "closes": ""},
            {"days": [6], "opens": "утром", "closes": "18:00"},
        ],
        "open": "s2",
        "closed": "",
    }
    typed = rule_forms.facts_of_form("forward", MultiDict({"number": "8 (495", "seconds": "9999"}))
    assert (typed["number"], typed["seconds"]) == ("8 (495", 25)


def test_a_new_step_leads_to_what_it_is_put_before() -> None:
    for kind, steps in KINDS.items():
        facts = rule_forms.fresh_facts(kind, "vm")
        assert all(facts[way] == "vm" for way in steps.WAYS)
        if "seconds" in facts:
            assert {*rule_forms.seconds_of(kind, facts["seconds"])} <= {*SECONDS[steps]}


@pytest.mark.parametrize(
    "typed",
    [
        {"seconds": "25", "people": "201", "no_answer": "s2|vm"},
        {"seconds": "9999", "people": "201"},
        {"seconds": "٢٥", "people": "201"},
        {"seconds": "25", "people": "u8841-1"},
    ],
)
def test_what_no_page_of_ours_sends_is_refused(typed: dict[str, str]) -> None:
    with pytest.raises(WrongRule):
        rule_forms.read("ring", MultiDict(typed), "RU")


def test_working_hours_without_days_are_none() -> None:
    with pytest.raises(WrongHours):
        rule_forms.read("hours", MultiDict({"opens0": "9:00", "closes0": "18:00"}), "RU")
