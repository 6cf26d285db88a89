"""Prompts of one's own on the phone, without scripts: uploaded, heard, said, removed. Promises: B7, D2, S16."""

import io
import re
from dataclasses import replace
from html import unescape

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from k5web.domain.pbx.rule import Say
from k5web.domain.prices.number import Msisdn
from k5web.errors import WrongGreeting
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.pbx import greetings, rules
from tests.services.accounts.stock import A
from tests.services.house import House
from tests.services.pbx.test_publishing import rent
from tests.web.conftest import CHROME, PASSWORD, Browser, token_of

PAGE, RULE = "/me/pbx/greetings", f"/me/numbers/{A}/rule"
UPLOAD, MADE = b"RIFF....WAVE", bytes(range(256)) * 125  # four seconds
WHOLE = 58 + len(MADE)


def convert(upload: bytes) -> bytes:
    """As the real one speaks: it made four seconds of this, or it could not."""
    if not upload.startswith(b"RIFF"):
        raise WrongGreeting(reason="too_long")
    return MADE


@pytest.fixture
def k5(k5: House) -> House:
    """The house with a decoder that the test plays."""
    k5.ports = replace(k5.ports, convert=convert)
    return k5


def send(
    browser: Browser, content: bytes = UPLOAD, name: str = "Голос 1.wav", token: str = "", **fields: str
) -> TestResponse:
    """Fill in the form with a file and send it."""
    sent = {
        "csrf_token": token or token_of(browser.get(PAGE)),
        "file": FileStorage(io.BytesIO(content), name),
        **fields,
    }
    boundary, body = encode_multipart(sent)
    kind = f'multipart/form-data; boundary="{boundary}"'
    return browser.client.post(
        PAGE, base_url=browser.site, data=body, content_type=kind, headers={"User-Agent": CHROME}
    )


def uploaded(browser: Browser, k5: House, content: bytes = UPLOAD, **fields: str) -> str:
    """Upload something and let the worker make it ready; return the address of its page."""
    answer = send(browser, content, **fields)
    assert answer.status_code == 303
    greetings.make_ready(k5.ports)
    return str(answer.location)


def read(page: TestResponse) -> str:
    """The page's words, one space between them."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_an_upload_is_heard_before_it_is_used(phone: Browser, k5: House) -> None:
    answer = send(phone, words="Добрый день! Ждите.")
    waiting = phone.get(answer.location)
    assert "Готовим звук" in waiting.text
    assert "<audio" not in waiting.text
    assert f'content="3; url={answer.location}"' in waiting.text  # it looks again without a script
    assert 'http-equiv="refresh"' not in phone.get(f"{answer.location}?auto=0").text
    assert phone.get(f"{answer.location}/sound").status_code == 404
    greetings.make_ready(k5.ports)
    page = phone.get(answer.location)
    assert f'<audio controls preload="none" src="{answer.location}/sound">' in page.text
    assert "Голос 1" in read(page)
    assert "0:04" in read(page)
    assert "«Добрый день! Ждите.»" in read(page)
    assert "Пока нигде не звучит" in read(page)
    assert "Голос 1 0:04" in read(phone.get(PAGE))


def test_the_sound_is_a_wav_file_and_comes_in_parts(phone: Browser, k5: House) -> None:
    sound = f"{uploaded(phone, k5)}/sound"
    whole = phone.get(sound)
    assert (whole.status_code, whole.mimetype, whole.content_length) == (200, "audio/wav", WHOLE)
    assert whole.data[58:] == MADE
    assert whole.headers["Cache-Control"] == "no-store"
    for asked, first, last in (
        ("0-0", 0, 0),
        ("57-58", 57, 58),
        ("100-999999", 100, WHOLE - 1),
        ("-5", WHOLE - 5, WHOLE - 1),
    ):
        part = phone.get(sound, Range=f"bytes={asked}")
        assert part.status_code == 206
        assert part.headers["Content-Range"] == f"bytes {first}-{last}/{WHOLE}"
        assert part.data == whole.data[first : last + 1]
    assert phone.get(sound, Range=f"bytes={WHOLE}-").status_code == 416


def test_a_rule_says_it_by_its_name_and_a_trial_by_its_words(phone: Browser, k5: House) -> None:
    owner_id = rent(k5)
    page = uploaded(phone, k5, title="<b>Наше</b>", words="Добрый день!")
    digest = page.rpartition("/")[2]
    form = phone.get(f"{RULE}/add?kind=say")
    assert f'<option value="{digest}">&lt;b&gt;Наше&lt;/b&gt;</option>' in form.text
    answer = phone.press(RULE, f"{RULE}/add", None, seen="0", kind="say", prompt=digest, then="start")
    assert answer.status_code == 303
    assert rules.show(k5.ports, owner_id, A).rule.steps["start"] == Say(digest, "s3")
    assert "1. Говорим: «<b>Наше</b>»." in read(phone.get(RULE))
    assert "Звонящий слышит: «Добрый день!»" in read(phone.get(f"{RULE}?when=2026-12-01T12:00"))
    assert "Звучит здесь: +7 495" in read(phone.get(page)).replace("\N{NO-BREAK SPACE}", " ")
    asked = phone.get(f"{page}/remove")
    assert "Приветствие звучит в правилах" in asked.text
    assert f'action="{page}/remove"' not in asked.text
    refused = phone.press(page, f"{page}/remove")
    assert refused.status_code == 409
    assert "Сначала измените его правило" in refused.text


def test_a_prompt_that_is_nobodys_is_said_by_no_rule(phone: Browser, k5: House) -> None:
    rent(k5)
    answer = phone.press(RULE, f"{RULE}/add", None, seen="0", kind="say", prompt="0" * 32, then="start")
    assert answer.status_code == 400
    assert "Такого приветствия нет" in answer.text


def test_another_is_put_in_its_place_and_then_it_is_removed(phone: Browser, k5: House) -> None:
    rent(k5)
    old, new = uploaded(phone, k5), uploaded(phone, k5, UPLOAD + b"2", title="Новое")
    digest = old.rpartition("/")[2]
    phone.press(RULE, f"{RULE}/add", None, seen="0", kind="say", prompt=digest, then="start")
    assert f'<option value="{digest}">Голос 1</option>' in phone.get(new).text
    assert phone.press(new, f"{new}/instead", None, old=digest).status_code == 303
    assert "Говорим: «Новое»." in read(phone.get(RULE))
    assert phone.press(f"{old}/remove", f"{old}/remove").location == PAGE
    assert phone.get(old).status_code == 404
    assert phone.get(f"{old}/sound").status_code == 404
    phone.press(RULE, f"{RULE}/back", None, seen="2", version="1")
    assert "Говорим: «Новое»." in read(phone.get(RULE))


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../etc/passwd.wav", "passwd"),
        (".wav", ".wav"),
        ("a\x07b\u202e.wav", "ab"),
        ("я" * 500 + ".wav", "я" * 60),
        ("  .ogg", "Приветствие"),
    ],
    ids=["path", "no stem", "signs", "long", "blank"],
)
def test_the_name_of_a_file_is_a_title_and_no_path(phone: Browser, k5: House, name: str, title: str) -> None:
    page = phone.get(send(phone, name=name).location)
    assert f"<h1>{title}</h1>" in page.text


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "нет звука"), (b"R" * (greetings.LARGEST + 1), "больше 12 МБ")],
    ids=["empty", "large"],
)
def test_a_file_that_is_none_is_refused_on_the_page(phone: Browser, k5: House, content: bytes, said: str) -> None:
    answer = send(phone, content)
    assert answer.status_code == 400
    assert said in answer.text
    assert 'type="file"' in answer.text
    assert greetings.mine(k5.ports, k5.caller.id) == []


def test_a_request_that_is_larger_than_any_prompt_is_not_read(phone: Browser, k5: House) -> None:
    facts = {"CONTENT_TYPE": "multipart/form-data; boundary=x", "CONTENT_LENGTH": str(1 << 30)}
    answer = phone.client.post(PAGE, base_url=phone.site, headers={"User-Agent": CHROME}, environ_overrides=facts)
    assert answer.status_code == 413
    assert "больше 12 МБ" in answer.text
    assert 'type="file"' in answer.text


def test_what_the_worker_cannot_read_says_why_on_its_page(phone: Browser, k5: House) -> None:
    page = uploaded(phone, k5, b"ten hours")
    assert "Запись длиннее минуты" in phone.get(page).text
    assert "не подошло" in phone.get(PAGE).text
    assert phone.press(f"{page}/remove", f"{page}/remove").location == PAGE


def test_wrong_words_are_said_at_their_field(phone: Browser, k5: House) -> None:
    page = uploaded(phone, k5)
    for fields, said in (({"title": "", "words": ""}, "title"), ({"title": "Наше", "words": "я" * 501}, "words")):
        answer = phone.press(page, page, None, **fields)
        assert answer.status_code == 400
        assert f'id="{said}-error"' in answer.text
    assert phone.press(page, page, None, title="Наше", words="Слова").status_code == 303
    assert "«Слова»" in read(phone.get(page))


def test_no_file_no_token_and_no_login_change_nothing(phone: Browser, browser: Browser, k5: House) -> None:
    token = token_of(phone.get(PAGE))
    no_file = phone.press(PAGE, PAGE, None, title="Наше")
    assert (no_file.status_code, "нет звука" in no_file.text) == (400, True)
    assert send(phone, token="x" * 90).status_code == 400
    stranger = Browser(phone.client.application.test_client())
    assert send(stranger, token=token).status_code in {303, 400}
    assert send(stranger, b"R" * 100_000, token=token).status_code == 413  # not even read
    assert greetings.mine(k5.ports, k5.caller.id) == []


def test_nobody_else_sees_or_changes_it(phone: Browser, k5: House) -> None:
    page = uploaded(phone, k5)
    add_subscriber(k5.ports, Msisdn("79270000001"), PASSWORD, "Ольга")
    other = Browser(phone.client.application.test_client())
    other.log_in("+79270000001")
    for address in (page, f"{page}/sound", f"{page}/remove"):
        assert other.get(address).status_code == 404
    for address in (page, f"{page}/remove", f"{page}/instead"):
        assert other.press(PAGE, address, None, title="Моё", old=page.rpartition("/")[2]).status_code == 404
    assert "Голос 1" in phone.get(page).text
