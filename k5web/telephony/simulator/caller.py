"""Ringing an access number of the simulated switch, which hears no real caller: for trials on one machine."""

import requests

from k5web.errors import SwitchRefused, SwitchSilent
from k5web.switches import SwitchSettings

MISSED = "/simulator/missed"  # below the address of the REST interface; no real switch has it
TIMEOUT_S = 5.0


def miss_a_call(settings: SwitchSettings, caller: str, access: str) -> None:
    """Let this phone ring that access number and hear that it is busy. Raises: SwitchRefused, SwitchSilent."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(
                settings.ari_url + MISSED,
                json={"caller": caller, "access": access},
                auth=(settings.ari_user, settings.ari_password),
                timeout=TIMEOUT_S,
            )
        except requests.RequestException as error:
            raise SwitchSilent(reason=type(error).__name__) from error
    if not answer.ok:
        raise SwitchRefused(reason=f"status {answer.status_code}")
