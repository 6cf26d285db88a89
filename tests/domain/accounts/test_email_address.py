"""E-mail addresses as people type them."""

import pytest

from k5web.domain.accounts.email_address import EmailAddress
from k5web.errors import WrongEmail


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna.K+k5@Mail.RU ", "Anna.K+k5@mail.ru"),
        ("a@b.co", "a@b.co"),
        ("anna@почта.рф", "anna@xn--80a1acny.xn--p1ai"),
    ],
)
def test_what_a_mail_server_takes_is_taken(typed: str, kept: str) -> None:
    assert EmailAddress.parse(typed).text == kept


@pytest.mark.parametrize(
    "typed",
    ["", "anna", "@mail.ru", "anna@", "anna@mail", "a b@mail.ru", "a@mail.ru\r\nBcc: b@c.ru", "a@b@c.ru", "a@-b.ru",
     ".a@mail.ru", "a..b@mail.ru", "анна@mail.ru", f"{'a' * 65}@mail.ru", f"a@{'b' * 64}.ru", "<a@mail.ru>", "a@b..ru"],
)  # fmt: skip
def test_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(WrongEmail):
        EmailAddress.parse(typed)


def test_a_log_shows_no_whole_address() -> None:
    assert EmailAddress("anna@mail.ru").masked == "a***@mail.ru"
