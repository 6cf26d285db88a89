"""The page of recordings: what recording means is said first, sound comes in parts, nobody else hears it. B7, S16."""

import struct

import pytest

from k5web.domain.pbx.recording import SoundKind
from k5web.domain.prices.number import Msisdn
from k5web.services.accounts.accounts import add_subscriber
from k5web.services.pbx import recordings
from tests.fakes.recorded import RecordedFiles
from tests.services.house import House
from tests.services.pbx.talks import A_LAW, converse, record, with_files
from tests.web.conftest import PASSWORD, Browser

WHOLE = 58 + len(A_LAW)


@pytest.fixture
def k5(k5: House) -> House:
    """The house with the recorded files of its switch on this machine."""
    with_files(k5)
    return k5


@pytest.fixture
def files(k5: House) -> RecordedFiles:
    """The recorded files."""
    found = k5.ports.switch_tables["k5"]
    assert isinstance(found, RecordedFiles)
    return found


def test_what_it_means_is_said_before_it_is_ordered(files: RecordedFiles, phone: Browser, k5: House) -> None:
    page = phone.get("/me/recordings").text
    assert page.index("обоим скажем") < page.index("8-800") < page.index("30 дней") < page.index("Записывать разговоры")
    assert phone.press("/me/recordings", "/me/recordings/order", record="on").status_code == 303
    page = phone.get("/me/recordings").text
    assert "Запись включена" in page
    assert "Больше не записывать" in page
    assert "01.12.2026" in page
    assert recordings.standing(k5.ports, k5.caller.id).is_recorded
    phone.press("/me/recordings", "/me/recordings/order", record="off")
    assert not recordings.standing(k5.ports, k5.caller.id).is_recorded


def test_an_order_needs_the_password_typed_lately(files: RecordedFiles, phone: Browser, k5: House) -> None:
    k5.clock.forward(minutes=16)
    page = phone.get("/me/recordings").text
    assert "Ввести пароль" in page
    assert "Записывать разговоры</button>" not in page
    phone.press("/me", "/me/recordings/order", record="on")
    assert not recordings.standing(k5.ports, k5.caller.id).is_recorded


def test_a_talk_is_listed_with_its_parties_and_length(files: RecordedFiles, phone: Browser, k5: House) -> None:
    talk = record(k5, files)
    converse(k5, talk)
    page = phone.get("/me/recordings").text
    assert "916" in page
    assert "0:04" in page
    assert f'src="/me/recordings/k5/{talk.file}"' in page
    assert "media-src 'self'" in phone.get("/me/recordings").headers["Content-Security-Policy"]


def test_a_talk_still_being_written_says_so(files: RecordedFiles, phone: Browser, k5: House) -> None:
    talk = record(k5, files, is_measured=False)
    page = phone.get("/me/recordings").text
    assert "ещё сохраняется" in page
    assert "<audio" not in page
    assert phone.get(f"/me/recordings/k5/{talk.file}").status_code == 404


def test_a_caller_without_a_number_is_said_to_have_none(files: RecordedFiles, phone: Browser, k5: House) -> None:
    for n, (caller, kind) in enumerate([("", SoundKind.VOICEMAIL), ("", SoundKind.TALK), ("u8841-2", SoundKind.TALK)]):
        converse(k5, record(k5, files, n, kind), caller)
    assert "Входящий: номер скрыт" in phone.get("/me/recordings").text
    assert "u8841-2" in phone.get("/me/recordings").text
    assert "Сообщение: номер скрыт" in phone.get("/me/recordings?kind=voicemail").text


def test_the_whole_sound_is_a_wav_file(files: RecordedFiles, phone: Browser, k5: House) -> None:
    talk = record(k5, files)
    answer = phone.get(f"/me/recordings/k5/{talk.file}")
    assert (answer.status_code, answer.mimetype, answer.content_length) == (200, "audio/wav", WHOLE)
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data[58:] == A_LAW
    assert struct.unpack_from("<4sI", answer.data, 50) == (b"data", len(A_LAW))


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, WHOLE - 1),
        ("bytes=0-0", 0, 0),
        ("bytes=10-99", 10, 99),
        ("bytes=57-58", 57, 58),
        ("bytes=58-", 58, WHOLE - 1),
        ("bytes=100-999999999", 100, WHOLE - 1),
        ("bytes=-1", WHOLE - 1, WHOLE - 1),
        ("bytes=-500", WHOLE - 500, WHOLE - 1),
        (f"bytes={WHOLE - 1}-", WHOLE - 1, WHOLE - 1),
    ],
)
def test_a_part_of_the_sound(
    files: RecordedFiles, phone: Browser, k5: House, asked: str, first: int, last: int
) -> None:
    talk = record(k5, files)
    whole = phone.get(f"/me/recordings/k5/{talk.file}").data
    answer = phone.get(f"/me/recordings/k5/{talk.file}", Range=asked)
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{WHOLE}"
    assert answer.content_length == last - first + 1
    assert answer.data == whole[first : last + 1]


def test_a_short_part_reads_no_whole_talk(files: RecordedFiles, phone: Browser, k5: House) -> None:
    talk = record(k5, files, sound=b"\xd5" * 50_000_000)
    answer = phone.get(f"/me/recordings/k5/{talk.file}", Range="bytes=40000000-40000999")
    assert len(answer.data) == 1000
    assert sum(length for _file, _start, length in files.reads) < 1_000_000


@pytest.mark.parametrize("asked", [f"bytes={WHOLE}-", "bytes=999999999-", f"bytes={WHOLE}-{WHOLE + 5}"])
def test_a_part_that_is_not_there(files: RecordedFiles, phone: Browser, k5: House, asked: str) -> None:
    talk = record(k5, files)
    answer = phone.get(f"/me/recordings/k5/{talk.file}", Range=asked)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{WHOLE}"


def test_nobody_else_hears_it(files: RecordedFiles, phone: Browser, browser: Browser, k5: House) -> None:
    other = add_subscriber(k5.ports, Msisdn("79270000001"), PASSWORD, "Ольга")
    theirs = record(k5, files, owner_id=other.id)
    mine = record(k5, files)
    for path in (f"k5/{theirs.file}", f"far/{mine.file}", "k5/..%2F..%2Fetc%2Fpasswd", f"k5/..%2F{mine.file}", "k5/x"):
        for page in ("", "/delete"):
            assert phone.get(f"/me/recordings/{path}{page}").status_code == 404, path
        assert phone.press("/me", f"/me/recordings/{path}/delete").status_code == 404, path
    stranger = Browser(phone.client.application.test_client())
    assert stranger.get(f"/me/recordings/k5/{mine.file}").status_code == 303
    assert files.files.keys() == {theirs.file, mine.file}


def test_deleting_is_asked_about_and_done(files: RecordedFiles, phone: Browser, k5: House) -> None:
    talk = record(k5, files)
    path = f"/me/recordings/k5/{talk.file}/delete"
    assert "Вернуть её будет нельзя" in phone.get(path).text
    assert files.files
    assert phone.press(path, path).headers["Location"] == "/me/recordings?kind=talk"
    assert "Запись удалена" in phone.get("/me/recordings").text
    assert files.files == {}
    assert phone.get(f"/me/recordings/k5/{talk.file}").status_code == 404


def test_a_message_is_new_until_its_owner_says_that_it_was_heard(
    files: RecordedFiles, phone: Browser, k5: House
) -> None:
    message = record(k5, files, kind=SoundKind.VOICEMAIL)
    page = "/me/recordings?kind=voicemail"
    assert "(1)" in phone.get("/me/recordings").text
    phone.get(f"/me/recordings/k5/{message.file}")
    assert "новое" in phone.get(page).text
    assert phone.press(page, f"/me/recordings/k5/{message.file}/heard").headers["Location"] == page
    assert "новое" not in phone.get(page).text
    assert "(1)" not in phone.get("/me/recordings").text


def test_a_switch_that_cannot_be_had_is_our_trouble(files: RecordedFiles, phone: Browser, k5: House) -> None:
    talk = record(k5, files)
    files.is_broken = True
    assert phone.get(f"/me/recordings/k5/{talk.file}").status_code == 503


def test_a_file_that_is_gone_is_not_found(files: RecordedFiles, phone: Browser, k5: House) -> None:
    talk = record(k5, files)
    files.files.clear()
    assert phone.get(f"/me/recordings/k5/{talk.file}").status_code == 404


@pytest.mark.parametrize(
    "before",
    [
        *("", "x", "2026-12-01", "2026-12-01T00:00:00 f", "99999-01-01T00:00:00%2B00:00 f"),
        "9999-12-31T23:59:59-23:00 f",
    ],
)
def test_what_is_no_key_of_a_page_is_the_first_page(
    files: RecordedFiles, phone: Browser, k5: House, before: str
) -> None:
    record(k5, files)
    assert "<audio" in phone.get(f"/me/recordings?before={before}").text


def test_pages_follow_each_other(files: RecordedFiles, phone: Browser, k5: House) -> None:
    for n in range(recordings.PAGE + 1):
        record(k5, files, n)
        k5.clock.forward(seconds=1)
    page = phone.get("/me/recordings").text
    assert page.count("<audio") == recordings.PAGE
    link = page.split('rel="next"')[0].rpartition('href="')[2].rstrip('" ').replace("&amp;", "&")
    assert phone.get(link).text.count("<audio") == 1
