"""K5_FRAUD_ALARMS: what it names is changed, all else stays as it stands in docs/safety.md."""

from pathlib import Path

import pytest

from k5web.config import fraud
from k5web.config.settings import Settings
from k5web.domain.calls.fraud import STANDARD_TERMS, AlarmTerms
from k5web.errors import WrongSetting


def test_the_settings_hold_the_terms(tmp_path: Path) -> None:
    given = {"K5_SECRET_KEY": "s" * 40, "K5_VAR": str(tmp_path)}
    assert Settings.from_env(given).alarm_terms == STANDARD_TERMS
    found = Settings.from_env(given | {"K5_FRAUD_ALARMS": "velocity=20, risk=99.50 ,night=0"}).alarm_terms
    assert found == AlarmTerms(velocity=20, risk_minor=99_50, night=0)


@pytest.mark.parametrize("text", ["velocity", "velocity=-1", "velocity=1.5", "speed=3", "risk=much", "risk_minor=5"])
def test_a_wrong_word_is_named(text: str) -> None:
    with pytest.raises(WrongSetting, match=f"K5_FRAUD_ALARMS: '{text}'"):
        fraud.read(f"short=8, {text}")
