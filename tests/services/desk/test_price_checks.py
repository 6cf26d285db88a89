"""Price lists and plans as jobs: checked once by the worker, refused with what is wrong of them. Promises: S26."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest

from k5web.domain.desk.job import LEASE, Job, JobState, JobWish
from k5web.services.desk import jobs
from k5web.services.desk.price_checks import answers, deck_options, plan_options
from k5web.services.prices import deck_drafts, drafts, effects
from k5web.services.prices.deck_publishing import AS_IT_IS, ImportOptions
from tests.fakes.doors import SHIPPED
from tests.services.house import PRICES, House

DAY = date(2027, 1, 20)
LIST = "".join(f"{prefix},{title},{price},RUB\n" for prefix, (title, price) in PRICES.items())
START = SHIPPED.text("start").plan


class Killed(BaseException):
    """The worker dies here: nothing after it runs."""


def hand_in(k5: House, kind: str, content: bytes, options: dict[str, Any]) -> int:
    wish = JobWish(kind, "new.csv" if kind == "deck" else "start.toml", f"form {len(jobs.page(k5.ports))}", options)
    return jobs.begin(k5.ports, "staff:anna", wish, BytesIO(content)).id


def done(k5: House, kind: str, content: bytes, options: dict[str, Any]) -> Job:
    number = hand_in(k5, kind, content, options)
    assert jobs.run_due(k5.ports) == 1
    return jobs.find(k5.ports, number)


def test_a_list_becomes_a_draft_and_is_checked_again_with_other_answers(k5: House) -> None:
    job = done(k5, "deck", LIST.replace("0.45", "0.50").encode(), deck_options("k5", DAY, None, AS_IT_IS))
    [draft] = drafts.listed(k5.ports, "deck")
    assert (job.state, job.result) == (JobState.DONE, {"draft": draft.id})
    assert (draft.name, draft.effective, draft.drafted_by) == ("k5", DAY, "staff:anna")
    assert job.doing == "past_month"
    said = ImportOptions(without_notice="так решено")
    again = done(k5, "deck", b"", {"draft": draft.id, "answers": answers(said)})
    assert again.result == {"draft": draft.id}
    assert deck_drafts.options_of(drafts.find(k5.ports, draft.id)) == said


def test_a_plan_becomes_a_draft_and_is_checked_again(k5: House) -> None:
    job = done(k5, "plan", START.replace("5.00 RUB/min", "6.00 RUB/min").encode(), plan_options(DAY, None))
    [draft] = drafts.listed(k5.ports, "plan")
    assert (job.state, job.result, draft.drafted_by) == (JobState.DONE, {"draft": draft.id}, "staff:anna")
    assert done(k5, "plan", b"", {"draft": draft.id}).result == {"draft": draft.id}


@pytest.mark.parametrize(
    ("kind", "content", "day", "code", "facts"),
    [
        ("deck", "7495,Москва,x\n", DAY, "wrong_deck", {"rows": 1}),
        ("deck", LIST, date(2026, 11, 1), "past_day", {"day": "2026-11-01", "today": "2026-12-01"}),
        ("plan", START.replace("5.00 RUB/min", "6.00 RUB/min"), date(2026, 12, 5), "notice_too_short",
         {"earliest": "2026-12-11"}),
        ("plan", START.replace("RUB/min", "RUB/sms"), DAY, "wrong_plan", {}),
    ],
)  # fmt: skip
def test_a_refusal_keeps_what_a_page_says_of_it(
    k5: House, kind: str, content: str, day: date, code: str, facts: dict[str, Any]
) -> None:
    options = deck_options("k5", day, None, AS_IT_IS) if kind == "deck" else plan_options(day, None)
    job = done(k5, kind, content.encode(), options)
    assert job.result is not None
    assert (job.state, job.result["code"]) == (JobState.REFUSED, code)
    assert job.result["facts"].items() >= facts.items()
    assert drafts.listed(k5.ports, "deck") == drafts.listed(k5.ports, "plan") == []


def test_the_first_faults_of_a_file_are_kept_and_all_are_counted(k5: House) -> None:
    wrong = "".join(f"7{n},Город,x\n" for n in range(1000, 1300))
    job = done(k5, "deck", wrong.encode(), deck_options("k5", DAY, None, AS_IT_IS))
    assert job.result is not None
    rejected = job.result["facts"]["rejected"]
    assert (job.result["facts"]["rows"], len(rejected), rejected[0][0], rejected[-1][0]) == (300, 200, 1, 200)


def test_a_check_that_was_killed_is_begun_anew_and_keeps_one_draft(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies after the draft was kept and before it said so; another finds the draft."""
    number = hand_in(k5, "deck", LIST.replace("0.45", "0.50").encode(), deck_options("k5", DAY, None, AS_IT_IS))

    def die(*args: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "_end", die)
        with pytest.raises(Killed):
            jobs.run_due(k5.ports)
    k5.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert jobs.run_due(k5.ports) == 1
    [draft] = drafts.listed(k5.ports, "deck")
    assert jobs.find(k5.ports, number).result == {"draft": draft.id}


def test_every_day_of_the_past_month_tells_of_the_progress(k5: House) -> None:
    """A long month renews the lease thirty times, so that nobody else begins it anew."""
    told: list[tuple[str, int, int]] = []
    table = k5.ports.rates.table("k5")
    effects.deck_effect(k5.ports, table, table, lambda *step: told.append(step))
    assert told == [("past_month", n, 30) for n in range(31)]
