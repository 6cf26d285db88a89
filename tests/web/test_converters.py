"""Whatever is written like a number is one, in a path too; no other address is taken for one."""

from datetime import UTC, datetime

from k5web.web.converters import moment
from tests.web.calls.call_page import plain
from tests.web.conftest import Browser

SPELLINGS = (
    "+7 495 123-45-67",
    "8 495 123-45-67",
    "007 495 1234567",
    "+74951234567",
    "8 (495) 123-45-67",
    "(495) 123-45-67",
    "tel:+7-495-123-45-67",
    "tel:4951234567;phone-context=+7",
    "＋７（４９５）１２３－４５－６７",
    "+٧٤٩٥١٢٣٤٥٦٧",
    "+7.495.123.45.67.",
    "+74951234567;",
    "\u202d+7 495 123-45-67\u202c",
    "8~10 7 495 123-45-67",
)


def test_any_spelling_in_the_path_is_the_same_number(phone: Browser) -> None:
    for typed in SPELLINGS:
        assert "+7 495 123-45-67" in plain(phone.get(f"/{typed}")), typed


def test_other_addresses_are_no_numbers(phone: Browser) -> None:
    for path in ("/wp-login.php", "/x1", "/me2", "/backup-2026.zip", "/2026.zip", "/.env1", "/1/2", "/v1"):
        assert phone.get(path).status_code == 404, path


def test_a_whole_number_longer_than_a_database_holds_is_not_found(phone: Browser) -> None:
    for digits in ("1" + "0" * 18, "9" * 400, "9" * 5000):
        for path in (f"/me/statement/{digits}", f"/me/claims/{digits}"):
            assert phone.get(path).status_code == 404, path


def test_a_moment_is_one_that_a_database_holds() -> None:
    assert moment("2026-12-01T12:00:00.000007+03:00") == datetime(2026, 12, 1, 9, 0, 0, 7, tzinfo=UTC)
    for wrong in ("", "x", "2026-12-01T12:00:00", "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00"):
        assert moment(wrong) is None
