"""The rule of a number on the phone, without scripts: read, changed, tried, taken back. Promises: B7, D6."""

import re
from html import unescape

import pytest
from werkzeug.test import TestResponse

from k5web.domain.pbx.rule import Forward, Hours, Menu, Ring, Say
from k5web.services.pbx import people, rules
from tests.services.accounts.stock import A, B
from tests.services.house import House
from tests.services.pbx.test_publishing import rent
from tests.web.conftest import Browser

PAGE = f"/me/numbers/{A}/rule"


@pytest.fixture
def owner_id(k5: House) -> int:
    """The house's subscriber, who rents a number and has two people."""
    owner_id = rent(k5)
    for title in ("Анна", "<b>Борис</b>"):
        people.add_person(k5.ports, owner_id, title)
    return owner_id


def read(page: TestResponse) -> str:
    """The page's words, one space between them."""
    text = unescape(re.sub(r"<[^>]+>", " ", page.text)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(text.replace("\N{NON-BREAKING HYPHEN}", "-").split())


def form_of(page: TestResponse) -> dict[str, str]:
    """The hidden fields of a step's form, and what its selects and fields hold."""
    hidden = dict(re.findall(r'<input type="hidden" name="(seen|kind|at|way)" value="([^"]*)"', page.text))
    chosen = re.findall(r'<select id="(\w+)" name="\w+">(.*?)</select>', page.text, re.DOTALL)
    for name, options in chosen:
        found = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)', options)
        hidden[name] = "" if found is None else (found[1] if found[1] is not None else found[2])
    hidden.pop("before", None)
    return hidden


def send(phone: Browser, page: str, action: str, **fields: str) -> TestResponse:
    """Fill in the form of a page and send it."""
    return phone.press(page, action, None, **(form_of(phone.get(page)) | fields))


def test_the_rule_is_read_in_words_and_as_a_tree(phone: Browser, owner_id: int) -> None:
    page = phone.get(PAGE)
    text = read(page)
    assert "1. Звоним: все телефоны, 25 секунд." in text
    assert "не ответили, занято, телефоны недоступны → шаг 2" in text
    assert "2. Переадресуем на +7 916 123-45-67, ждём 25 секунд. Это платно." in text
    assert "3. Записываем сообщение, не длиннее чем на 120 секунд." in text
    assert "<svg" in page.text
    assert "1. Позвонить сотрудникам" in text
    assert A in phone.get("/me/rules").text
    assert PAGE in phone.get(f"/me/numbers/{A}").text
    assert "/me/rules" in phone.get("/me").text


def test_a_step_is_put_in_changed_moved_and_taken_out(phone: Browser, k5: House, owner_id: int) -> None:
    assert "Голосовое меню" in phone.get(f"{PAGE}/add").text
    assert "Новый шаг станет первым." in read(phone.get(f"{PAGE}/add?kind=say"))
    assert "Новый шаг: после шага 1, путь «занято»." in read(phone.get(f"{PAGE}/add?at=start&way=busy"))
    added = send(phone, f"{PAGE}/add?kind=say", f"{PAGE}/add", prompt="not-now")
    assert (added.status_code, added.headers["Location"]) == (303, PAGE)
    rule = rules.show(k5.ports, owner_id, A).rule
    assert isinstance(rule.steps["start"], Say)
    behind = f"{PAGE}/add?at=start&way=then&kind=hours"
    send(phone, behind, f"{PAGE}/add", days0="0", opens0="9:00", closes0="18:00")
    rule = rules.show(k5.ports, owner_id, A).rule
    name = rule.order()[1]
    assert isinstance(rule.steps[name], Hours)
    page = rules.show(k5.ports, owner_id, A)
    moved = phone.press(PAGE, f"{PAGE}/steps/{name}/move", None, seen=str(page.version), before="start")
    assert moved.status_code == 303
    assert isinstance(rules.show(k5.ports, owner_id, A).rule.steps["start"], Hours)
    phone.press(PAGE, f"{PAGE}/steps/start/remove", None, seen=str(page.version + 1))
    assert isinstance(rules.show(k5.ports, owner_id, A).rule.steps["start"], Say)


def test_every_kind_of_step_has_its_form(phone: Browser, k5: House, owner_id: int) -> None:
    fields = {
        "ring": {"people": "201", "is_together": "no"},
        "forward": {"number": "8 495 123-45-67"},
        "menu": {"key1": "vm"},
        "hours": {"days0": "0", "opens0": "9:00", "closes0": "18:00"},
        "say": {},
        "queue": {"people": "202"},
    }
    for kind, typed in fields.items():
        page = f"{PAGE}/add?kind={kind}"
        form = form_of(phone.get(page)) | typed
        assert phone.press(page, f"{PAGE}/add", None, **form).status_code == 303, kind
    kinds = [type(step).__name__ for step in rules.show(k5.ports, owner_id, A).rule.steps.values()]
    assert {"Ring", "Forward", "Menu", "Hours", "Say", "Wait", "Voicemail"} == {*kinds}
    rule = rules.show(k5.ports, owner_id, A).rule
    assert any(isinstance(step, Forward) and step.number == "74951234567" for step in rule.steps.values())
    assert any(isinstance(step, Ring) and not step.is_together for step in rule.steps.values())
    for name in rule.steps:
        assert phone.get(f"{PAGE}/steps/{name}").status_code == 200
    assert any(isinstance(step, Menu) and step.keys == {"1": "vm"} for step in rule.steps.values())


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("ring", {}, "Не выбрано, кому звонить"),
        ("ring", {"people": "299"}, "номером 299 нет"),
        ("forward", {"number": "привет"}, "номер"),
        ("forward", {"number": "+7 495 000-01-02"}, "номер K5"),
        ("hours", {"days0": "0", "opens0": "утром", "closes0": "18:00"}, "Часы не поняты"),
        ("hours", {"opens0": "9:00", "closes0": "18:00"}, "Часы не поняты"),
        ("say", {"prompt": "../../etc/passwd"}, "осталось прежним"),
        ("say", {"then": "s2|hang"}, "осталось прежним"),
        ("system", {}, "осталось прежним"),
    ],
)
def test_what_could_not_work_is_said_and_nothing_changes(
    phone: Browser, k5: House, owner_id: int, kind: str, typed: dict[str, str], said: str
) -> None:
    known = form_of(phone.get(f"{PAGE}/add?kind={kind}"))
    fields = {"seen": "0", "kind": kind} | {name: value for name, value in known.items() if name != "prompt"}
    fields |= {"prompt": "greeting"} if kind == "say" else {}
    answer = phone.press(PAGE, f"{PAGE}/add", None, **(fields | typed))
    assert answer.status_code == 400
    assert said in read(answer)
    assert rules.show(k5.ports, owner_id, A).version == 0


def test_a_form_that_is_refused_keeps_everything_that_was_typed(phone: Browser, owner_id: int) -> None:
    typed = {
        "hours": ({"days1": "6", "opens1": "утром", "closes1": "18:00", "closed": "vm"}, "hours-error"),
        "forward": ({"number": "8 (495) 12", "seconds": "90", "refused": "vm", "busy": "out"}, "number-error"),
        "queue": ({"seconds": "1800", "then": "vm"}, "people-error"),
        "ring": ({"people": "299", "is_together": "no", "seconds": "45", "busy": "vm"}, "people-error"),
    }
    for kind, (fields, place) in typed.items():
        answer = phone.press(PAGE, f"{PAGE}/add", None, seen="0", kind=kind, **fields)
        assert answer.status_code == 400, kind
        assert f'id="{place}"' in answer.text, kind
        known = form_of(answer)
        assert all(known[name] == value for name, value in fields.items() if name in known), kind
    assert 'name="is_together" value="no" checked' in answer.text
    hours = phone.press(PAGE, f"{PAGE}/add", None, seen="0", kind="hours", **typed["hours"][0]).text
    assert 'name="days1" value="6" checked' in hours
    assert 'name="opens1" autocomplete="off" maxlength="5" value="утром"' in hours


def test_a_form_of_yesterday_is_shown_again_as_it_was_filled_in(phone: Browser, k5: House, owner_id: int) -> None:
    old = {"seen": "0", "kind": "forward", "number": "8 495 123-45-67", "csrf_token": "old"}
    answer = phone.post(f"{PAGE}/add", None, at="s99", way="<b>", **old)
    assert answer.status_code == 400
    assert 'value="8 495 123-45-67"' in answer.text
    assert rules.show(k5.ports, owner_id, A).version == 0


def test_somebody_who_is_gone_is_named_and_stops_no_other_change(phone: Browser, k5: House, owner_id: int) -> None:
    """They were rung by two steps, neither of which could be changed without the other."""
    phone.press(PAGE, f"{PAGE}/template", None, seen="0", template="office")
    people.remove_person(k5.ports, owner_id, 1)
    assert read(phone.get(PAGE)).count("Сотрудника с номером 201 нет.") == 2
    assert send(phone, f"{PAGE}/steps/start", f"{PAGE}/steps/start", key1="s3", tries="2").status_code == 303
    assert send(phone, f"{PAGE}/steps/s2", f"{PAGE}/steps/s2", people="202").status_code == 303
    assert read(phone.get(PAGE)).count("Сотрудника с номером 201 нет.") == 1


def test_a_rule_that_changed_meanwhile_is_shown_anew(phone: Browser, k5: House, owner_id: int) -> None:
    send(phone, f"{PAGE}/add?kind=say", f"{PAGE}/add")
    late = phone.press(PAGE, f"{PAGE}/add", None, seen="0", kind="say", prompt="greeting", then="start")
    assert late.status_code == 409
    assert "уже изменили" in read(late)


def test_a_template_is_taken_and_the_old_rule_comes_back(phone: Browser, k5: House, owner_id: int) -> None:
    phone.press(PAGE, f"{PAGE}/template", None, seen="0", template="office")
    text = read(phone.get(PAGE))
    assert "Меню: «Здравствуйте, наберите добавочный номер»" in text
    phone.press(PAGE, f"{PAGE}/template", None, seen="1", template="centre")
    assert "Вернуть № 1" in read(phone.get(PAGE))
    phone.press(PAGE, f"{PAGE}/back", None, seen="2", version="1")
    assert isinstance(rules.show(k5.ports, owner_id, A).rule.steps["start"], Menu)
    phone.press(PAGE, f"{PAGE}/back", None, seen="3", version="0")
    assert rules.show(k5.ports, owner_id, A).is_default


def test_a_call_is_tried_in_words(phone: Browser, k5: House, owner_id: int) -> None:
    phone.press(PAGE, f"{PAGE}/template", None, seen="0", template="shop")
    early = read(phone.get(f"{PAGE}?when=2026-11-30T09:59&caller=&people=no_answer&forward=no_answer"))
    assert "Сейчас не рабочее время." in early
    open_ = read(phone.get(f"{PAGE}?when=2026-11-30T10:00&people=busy&forward=answer&keys="))
    assert "Звоним: 201, 202 – занято." in open_
    assert "Переадресуем на +7 916 123-45-67 – ответили, разговор начался." in open_
    assert "Время не понято" in read(phone.get(f"{PAGE}?when=завтра"))


def test_a_caller_is_refused_and_taken_again(phone: Browser, k5: House, owner_id: int) -> None:
    phone.press(PAGE, f"{PAGE}/black", None, caller="8 903 123-45-67")
    assert "+7 903 123-45-67" in read(phone.get(PAGE))
    tried = phone.get(f"{PAGE}?when=2026-11-30T12:00&caller=%2B79031234567")
    assert "Номер в чёрном списке" in read(tried)
    phone.press(PAGE, f"{PAGE}/black/remove", None, caller="79031234567")
    assert rules.show(k5.ports, owner_id, A).black == []
    assert phone.press(PAGE, f"{PAGE}/black", None, caller="кто-то").status_code == 400


def test_nobody_sees_the_rule_of_a_number_that_is_not_theirs(phone: Browser, owner_id: int) -> None:
    wrong = [f"{PAGE}/steps/s9", f"{PAGE}/add?at=start&way=9&kind=say", f"{PAGE}/add?at=s9&way=then"]
    for path in (f"/me/numbers/{B}/rule", "/me/pbx/rule", *wrong):
        assert phone.get(path).status_code == 404, path


def test_a_title_is_text_on_the_page_whatever_it_holds(phone: Browser, owner_id: int) -> None:
    page = phone.get(f"{PAGE}/add?kind=ring").text
    assert "<b>Борис" not in page
    assert "&lt;b&gt;Борис" in page
