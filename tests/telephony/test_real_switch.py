"""A real Asterisk keeps the contract of the switch: the same list of checks as the simulated one."""

import pytest

from k5web.config.switches import SwitchSettings
from tests.telephony.contract import SwitchContract
from tests.telephony.real import Telephony

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk")]


class TestContract(SwitchContract):
    @pytest.fixture(scope="class")
    @classmethod
    def settings(cls, real_telephony: Telephony) -> SwitchSettings:
        return real_telephony.switch.settings
