"""How a notice is told where nothing, or something impossible, was chosen."""

import pytest

from k5web.domain.messaging.notice import NoticeKind, Way


@pytest.mark.parametrize(
    ("kind", "chosen", "has_email", "way"),
    [
        (NoticeKind("sms"), None, False, "sms"),
        (NoticeKind("sms"), "off", True, "off"),
        (NoticeKind("email"), None, False, "off"),
        (NoticeKind("email"), None, True, "email"),
        (NoticeKind("email", may_be_off=False), None, False, "sms"),
        (NoticeKind("email", may_be_off=False), "off", True, "sms"),
    ],
)
def test_what_must_be_told_is_told(kind: NoticeKind, chosen: Way | None, has_email: bool, way: Way) -> None:
    """B2."""
    assert kind.way(chosen, has_email=has_email) == way
