"""What was silent says what is now."""

from tests.cli.conftest import K5


def test_opening_and_limits_say_what_is_now(k5: K5, subscriber: int) -> None:
    assert k5("subscriber", "open-direction", "100001", "satellite").stdout == "100001: opened is satellite\n"
    assert k5("subscriber", "close-direction", "100001", "satellite").stdout == "100001: opened is nothing\n"
    assert "today:       0.00 of 500.00 RUB" in k5("subscriber", "limit", "100001", "--daily", "500.00").stdout
    assert k5("subscriber", "verify", "100001").stdout == "100001: the phone is proved, it may be rung\n"
    assert "come here" in k5("subscriber", "inn", "100001", "7708789018").stdout
    assert "the new password counts" in k5("subscriber", "passwd", "100001", "--password", "better horse").stdout
