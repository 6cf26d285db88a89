"""An error page: our words, no codes, at most 3 KB, no database (docs/pages.md)."""

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from flask import Flask, abort
from sqlalchemy import create_engine

import k5web.errors as refusals
from app import create_app
from k5web.config.settings import Settings
from k5web.domain.money import Price, rub
from k5web.domain.pbx.rule_problems import Problem
from k5web.errors import K5Error, Unavailable
from k5web.logs import OneLine
from k5web.storage.session import Sessions
from k5web.web import language
from k5web.web.errors import words
from tests.services.house import House
from tests.web.conftest import Browser

NBSP = "\N{NO-BREAK SPACE}"
MOMENT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FACTS = {
    "last_day": MOMENT.date(), "n": 1, "outcome": "rejected", "by": "staff:ivan", "at": "2026-12-01",
    "rate": "1.12", "said": "x", "fields": {},
    "kind": "offer", "latest": MOMENT.date(),
    "plan": "go", "code": "go", "faults": 1, "first": "x", "today": MOMENT.date(), "earliest": MOMENT.date(),
    "revision": "0099", "shown": rub("1.00"), "due": rub("2.00"),
    "state": "credited",
    "day": MOMENT.date(), "clock": MOMENT,
    "why": "unknown", "days": 90, "bound": "card", "least": rub("1.00"),
    "fee": Price.parse("1.00"),
    "price": "0.01",
    "reasons": "x",
    "minimum": rub("10.00"),
    "maximum": rub("15000.00"),
    "available": rub("1.20"), "needed": rub("2.20"), "number": "999123456789", "deck": "k5", "attempts_left": 3,
    "wait_s": 30, "live_call_id": "1-2", "live_number": "74951234567", "was": Price.parse("2.20"), "rule": "short",
    "now": Price.parse("2.40"), "reason": "x", "what": "x", "text": "x", "name": "x", "left": rub("1.00"), "right": "x",
    "file": "x", "rows": 1, "ids": "K5-1", "origin": "x", "key": "x", "account_id": 1, "call_id": "1-1", "place": "x",
    "draft": 1, "line": 1, "reference": "x", "owner_id": 1, "sign": "漢",
    "verdict": "missing_here", "how": "credited",
    "where": "x", "site": "x", "limit": 20,
    "used": rub("8.00"), "meant": "+7", "destination": "x",
    "direction": "satellite", "times": 5, "until": MOMENT, "most": rub("9.00"), "is_costly": False,
    "action": "see_desk", "known": "desk",
    "cure": "x",
    "last": "x", "lines": 400_000, "most_lines": 300_000,
    "month": MOMENT.date(),
    "extension": "201", "alarm": "100001-1", "codes": "495", "rejected": (), "most_times": 5, "agreed": rub("1.00"),
    "problems": (Problem("dead_end", "s2", "busy"),),
}  # fmt: skip


def every_refusal() -> list[type[K5Error]]:
    return [found for found in vars(refusals).values() if isinstance(found, type) and issubclass(found, K5Error)]


@pytest.fixture
def broken(app: Flask) -> Browser:
    """A site with pages that fail."""

    def bug() -> str:
        raise ZeroDivisionError("a secret of ours")

    def later() -> str:
        raise Unavailable

    app.add_url_rule("/bug", "bug", bug)
    app.add_url_rule("/later", "later", later)
    for code in (400, 403, 413, 429):
        app.add_url_rule(f"/code/{code}", f"code{code}", lambda code=code: abort(code))
    return Browser(app.test_client())


def test_an_unknown_page_says_so(broken: Browser) -> None:
    page = broken.get("/no-such-page")
    assert page.status_code == 404
    assert "Такой страницы нет." in page.text
    assert 'href="/"' in page.text
    assert "<title>Ошибка" in page.text


def test_a_bug_has_a_name_to_be_told_by_phone_and_keeps_its_secrets(
    broken: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        page = broken.get("/bug")
    assert page.status_code == 500
    name = re.search(r"У нас поломка, номер ([A-Z0-9]{4})\. Деньги в порядке\.", page.text)
    assert name
    assert "secret" not in page.text
    assert any(getattr(record, "fault", "") == name[1] for record in caplog.records)


def test_a_log_line_holds_no_number_and_no_line_break_of_a_stranger(
    broken: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """S28: what was asked for is named by our own view, never by the address typed."""
    with caplog.at_level(logging.DEBUG):
        for path in ("/74959998877", "/bug?+74959998877%0d%0aforged", "/later%0aforged", "/c/74959998877%0d%0aforged"):
            broken.get(path)
        broken.post("/login", csrf_token="+74959998877\r\nforged", login="+74959998877")
    told = [OneLine().format(record) for record in caplog.records if record.name.startswith("k5web")]
    assert told
    assert not [line for line in told if "9998877" in line or "forged" in line]


def test_trouble_of_ours_asks_to_come_back(broken: Browser) -> None:
    page = broken.get("/later")
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "60"
    assert "Деньги в порядке. Попробуйте через минуту." in page.text


def test_an_error_page_is_small_and_one_request(broken: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    languages = ("ru", "ky", "kk", "en")
    monkeypatch.setattr(language, "OFFERED", languages)
    paths = ("/no-such-page", "/bug", "/later", "/code/400", "/code/403", "/code/413", "/code/429", "/logout")
    for path, spoken in product(paths, languages):
        page = broken.get(f"{path}?lang={spoken}")
        assert page.status_code >= 400
        assert f'<html lang="{spoken}">' in page.text
        assert len(page.data) + sum(len(f"{name}: {value}\r\n") for name, value in page.headers) <= 3_000
        assert not re.search(r"src=|stylesheet|@import", page.text)
        assert "Произошла ошибка" not in page.text


def test_a_wrong_method_names_the_right_one(broken: Browser) -> None:
    page = broken.get("/logout")
    assert page.status_code == 405
    assert "POST" in page.headers["Allow"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/no-such-page", 404), ("/me/profile", 503), ("/login", 503), ("/healthz", 200), ("/readyz", 503)],
)
def test_without_the_base_error_pages_still_answer(settings: Settings, k5: House, path: str, status: int) -> None:
    nowhere = create_engine("sqlite:////nonexistent/k5.db")
    ports = replace(k5.ports, sessions=Sessions(nowhere, nowhere))
    client = create_app(settings, ports).test_client()
    client.set_cookie("k5d", f"{'s' * 16}.{'v' * 43}")
    answer = client.get(path)
    assert answer.status_code == status
    assert status != 503 or path == "/readyz" or "Деньги в порядке." in answer.text


def test_every_refusal_has_words_in_russian_and_no_code(app: Flask) -> None:
    for refusal in every_refusal():
        with app.test_request_context():
            said = words(refusal(**FACTS))
        assert re.match(r"[А-ЯЁ]", said), refusal
        assert said.endswith("."), refusal
        assert refusal.code not in said
        assert not re.search(r"[A-Za-z]{4,}", said), refusal


def test_words_are_those_of_the_table(app: Flask) -> None:
    with app.test_request_context():
        assert words(refusals.InsufficientFunds(available=rub("1.20"), needed=rub("2.20"))) == (
            f"На счёте 1,20{NBSP}₽, а нужно 2,20{NBSP}₽. Пополните хотя бы на 1,00{NBSP}₽."
        )
        assert words(refusals.NoRate(number="999123456789", deck="k5")) == (
            "Мы не звоним на номера +9991… Проверьте код страны. Деньги не списаны."
        )
        assert words(refusals.CurrencyMismatch(left="RUB", right="KGS")) == (
            "Для счёта в сомах цен на звонки пока нет. Деньги не списаны."
        )
        assert words(refusals.WrongLogin(attempts_left=3)) == "Номер или пароль не подходят. Осталось попыток: 3."
        assert words(refusals.WrongLogin(attempts_left=0)) == "Номер или пароль не подходят."
