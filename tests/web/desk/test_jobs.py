"""The page of a job: its progress without a script, its result, what it asks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from k5web.domain.desk.job import Job, JobState
from k5web.domain.money import rub
from k5web.services.desk import jobs
from k5web.services.desk.job_kinds import KINDS
from k5web.storage.desk import job_rows
from tests.bank_files import Came, exchange
from tests.services.house import House
from tests.web.conftest import Browser
from tests.web.desk.test_uploads import hand_in

Staff = Callable[..., Browser]


def paid(k5: House, amount: str) -> bytes:
    return exchange([Came("7", rub(amount), f"K5-{k5.caller.id}", f"{k5.ports.today():%d.%m.%Y}")])


def test_progress_is_shown_without_a_script_and_the_page_comes_again_by_itself(staff: Staff, k5: House) -> None:
    anna = staff("money")
    page = hand_in(anna, "/desk/registers/statement", paid(k5, "500.00")).headers["Location"]
    shown = anna.get(page)
    assert "ждёт своей очереди" in shown.text
    assert '<meta http-equiv="refresh" content="2">' in shown.text
    assert "http-equiv" not in anna.get(f"{page}?still=1").text
    with k5.ports.sessions.begin() as db:
        job = job_rows.claim(db, "w", k5.clock(), k5.clock())
        assert job is not None
        job_rows.note_progress(db, job.id, "w", "reading", 1, 4, k5.clock())
    assert '<progress max="100" value="25">' in anna.get(page).text
    k5.clock.forward(minutes=5)
    jobs.run_due(k5.ports)
    ended = anna.get(page)
    assert "Зачислено: 1, 500.00 ₽" in ended.text
    assert "refresh" not in ended.text
    assert "начата снова" in ended.text
    assert k5.balance() == rub("500.00")


def test_a_large_payment_is_asked_about_on_the_page(staff: Staff, k5: House, app: Flask) -> None:
    k5.ports = replace(k5.ports, bank_asks_above=rub("400.00"))
    anna = staff("money")
    page = hand_in(anna, "/desk/registers/statement", paid(k5, "500.00")).headers["Location"]
    jobs.run_due(k5.ports)
    shown = anna.get(page)
    assert "Сверьте его с банком" in shown.text
    assert "500.00 is above 400.00" in shown.text
    assert anna.press(page, f"{page}/sure", None, reason="сверено с банк-клиентом").status_code == 303
    jobs.run_due(k5.ports)
    assert k5.balance() == rub("500.00")
    other = hand_in(anna, "/desk/registers/statement", paid(k5, "600.00"), form_key="form-0002").headers["Location"]
    jobs.run_due(k5.ports)
    anna.press(other, f"{other}/drop", None)
    assert "не принят" in anna.get(other).text
    assert k5.balance() == rub("500.00")


def test_a_file_that_is_refused_says_why(staff: Staff, k5: House) -> None:
    anna = staff("money")
    page = hand_in(anna, "/desk/registers/statement", b"nothing of a bank").headers["Location"]
    jobs.run_due(k5.ports)
    assert "ничего из него не проведено" in anna.get(page).text


def test_whoever_does_not_work_with_a_kind_does_not_find_it(staff: Staff, k5: House) -> None:
    page = hand_in(staff("money"), "/desk/registers/statement", b"x").headers["Location"]
    boris = staff("engineer", login="boris")
    assert boris.get(page).status_code == 404
    assert "день.csv" not in boris.get("/desk/jobs").text
    assert "день.csv" not in staff("prices", login="gleb").get("/desk/jobs").text
    assert "день.csv" in staff("auditor", login="dina").get("/desk/jobs").text
    assert "день.csv" in staff("money", login="vera").get("/desk/jobs").text


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("state", list(JobState))
def test_every_kind_in_every_state_has_words(
    staff: Staff, k5: House, monkeypatch: pytest.MonkeyPatch, kind: str, state: JobState
) -> None:
    anna = staff("owner")
    page = hand_in(anna, "/desk/registers/statement", b"x").headers["Location"]
    kept = jobs.page(k5.ports)[0]
    result: dict[str, Any] = {
        "lines": 0,
        "counts": {},
        "findings": [],
        "known": 0,
        "left_out": 0,
        "doubts": [],
        "draft": 1,
    }
    monkeypatch.setattr(
        jobs, "find", lambda ports, n: Job(**{**_facts(kept), "kind": kind, "state": state, "result": result})
    )
    leads_on = state is JobState.DONE and kind in {"deck", "plan", "approval"}  # to the draft
    assert anna.get(page).status_code == (303 if leads_on else 200)


def _facts(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in Job.__dataclass_fields__}
