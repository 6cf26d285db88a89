"""Ringing an access number of the simulated switch, which hears no real caller: for trials on one machine."""

from k5web.config.switches import SwitchSettings
from k5web.errors import SwitchRefused, SwitchSilent
from k5web.outgoing.request import Remote

MISSED = "/simulator/missed"  # below the address of the REST interface; no real switch has it
TIMEOUT_S = 5.0


def miss_a_call(settings: SwitchSettings, caller: str, access: str) -> None:
    """Let this phone ring that access number and hear that it is busy. Raises: SwitchRefused, SwitchSilent."""
    remote = Remote(settings.name, (TIMEOUT_S, TIMEOUT_S), never_sent=SwitchSilent, unknown=SwitchSilent)
    auth = (settings.ari_user, settings.ari_password)
    answer = remote.request("POST", settings.ari_url + MISSED, json={"caller": caller, "access": access}, auth=auth)
    if not answer.is_success:
        raise SwitchRefused(reason=f"status {answer.status}")
