"""Ringing numbers of the simulated switch, which hears no real caller: for trials on one machine."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from k5web.config.switches import SwitchSettings
from k5web.errors import NotFound, SwitchRefused, SwitchSilent
from k5web.outgoing.request import Answer, Remote
from k5web.telephony.simulator.pbx_call import Step
from k5web.telephony.simulator.pbx_face import INCOMING

MISSED = "/simulator/missed"  # below the address of the REST interface; no real switch has it
TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever rings by this switch. Every method raises SwitchSilent where it does not answer."""

    settings: SwitchSettings

    def miss(self, caller: str, access: str) -> None:
        """Ring an access number and hear that it is busy. Raises: SwitchRefused."""
        self._ask("POST", MISSED, {"caller": caller, "access": access})

    def ring(self, caller: str, called: str, keys: str = "", seconds: int = 60) -> str:
        """Ring a rented number; of a PBX user, by the login, whatever is dialled. Return the switch's name of it.

        `caller`: "" hides it; `keys`: what is pressed at each prompt, comma separated. The caller hangs up after so
        many seconds. Raises: SwitchRefused.
        """
        told = {"caller": caller, "called": called, "keys": keys, "seconds": seconds}
        return str(json.loads(self._ask("POST", INCOMING, told).body)["id"])

    def story(self, name: str) -> tuple[Sequence[Step], bool]:
        """Return what happened so far, and whether it is over. Raises: NotFound."""
        told: dict[str, Any] = json.loads(self._ask("GET", f"{INCOMING}/{name}").body)
        return [Step(**step) for step in told["steps"]], bool(told["is_over"])

    def hang_up(self, name: str) -> None:
        """End it. Raises: NotFound (it is over)."""
        self._ask("DELETE", f"{INCOMING}/{name}")

    def _ask(self, method: str, path: str, content: object = None) -> Answer:
        remote = Remote(self.settings.name, (TIMEOUT_S, TIMEOUT_S), never_sent=SwitchSilent, unknown=SwitchSilent)
        auth = (self.settings.ari_user, self.settings.ari_password)
        answer = remote.request(method, self.settings.ari_url + path, json=content, auth=auth)
        if answer.status == 404:
            raise NotFound(what="call")
        if not answer.is_success:
            raise SwitchRefused(reason=f"status {answer.status}")
        return answer
