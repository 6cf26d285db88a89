"""Calls of the virtual PBX on a real Asterisk: what a forward, a menu and a recorded forward take of its processor,
each against a plain callback on the same switch in the same minute.

Sound goes to the caller and back, the other leg is a silent phone of the town: what is compared is the setting up and
the ending of calls of a second. K5's side is played, so that nothing but the switch is measured.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import requests

from bench import Measure
from bench.calls import cpu_ms
from tests.processes import wait_for
from tests.telephony import real
from tests.telephony.pbx import lab as labs
from tests.telephony.pbx.lab import Lab
from tests.telephony.pbx.phone import Phone

FORWARD_TO = "79160000200"  # it answers at once and talks on
TALK_MS = 1000
CALLS, WARM, AT_ONCE = 40, 5, 5

Make = Callable[[int], None]  # one call, whole; the number makes it another one than the last


def run(calls: int = CALLS) -> list[Measure]:
    """Return the ratios to the plain callback. Units: milliseconds of Asterisk's processor time a call."""
    if lacks := real.missing():
        print(f"    no {lacks} here: {real.INSTALL}")
        return []
    with labs.opened() as lab:
        return measures(lab, calls)


def measures(lab: Lab, calls: int) -> list[Measure]:
    """Return the same at a switch that runs."""
    lab.side.talk_ms, lab.side.trunks = TALK_MS, "trunk-a"
    kinds: dict[str, Make] = {
        "a forward": _incoming(lab, "free|", start=f"forward|{FORWARD_TO}|30|||"),
        "a recorded forward": _incoming(lab, "free|rec", start=f"forward|{FORWARD_TO}|30|||"),
        "a menu that nobody presses": _incoming(lab, "free|", start="menu|no-money|1|1|over", over="hang|16"),
    }
    plain = _cpu_of(lab, _callback(lab), calls)
    return [Measure(name, _cpu_of(lab, make, calls), "a plain callback", plain, "ms") for name, make in kinds.items()]


def _cpu_of(lab: Lab, make: Make, calls: int) -> float:
    """Return the processor time that Asterisk takes for one call. Units: milliseconds."""
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        list(crowd.map(make, range(WARM)))
        lab.told()
        before = cpu_ms([lab.switch.pid])
        list(crowd.map(make, range(WARM, WARM + calls)))
        lab.told()
        return (cpu_ms([lab.switch.pid]) - before) / calls


def _incoming(lab: Lab, flags: str, **nodes: str) -> Make:
    organisation = lab.organisation()
    organisation.rule(flags=flags, **nodes)

    def ring(n: int) -> None:
        caller = Phone(lab.switch.sip_address, name=f"7916{n:07d}")
        assert caller.call(organisation.number) == 200
        caller.wait("over")
        caller.close()

    return ring


def _callback(lab: Lab) -> Make:
    settings, numbers = lab.switch.settings, count(1)

    def originate(n: int) -> None:
        call = f"9999-{next(numbers)}"
        order = {
            "endpoint": f"PJSIP/7916{n:04d}200@trunk-a",
            "context": "k5-callback",
            "extension": FORWARD_TO,
            "priority": 1,
            "timeout": 40,
            "variables": {
                "CHANNEL(accountcode)": call,
                "K5_ORDER": call,
                "K5_RING_B": "45",
                "K5_TALK_MS": str(TALK_MS),
                "K5_LEG_S": "100",
                "K5_TRUNKS_B": "trunk-b",
            },
        }
        auth = (settings.ari_user, settings.ari_password)
        channel = f"{settings.ari_url}/channels/k5-{call}-a"
        requests.post(channel, json=order, auth=auth, timeout=30).raise_for_status()
        wait_for(lambda: _is_over(lab, f"k5-{call}-a"), "the callback is over")

    return originate


def _is_over(lab: Lab, linked_id: str) -> bool:
    """Return so by the records, for a question to the switch would cost it time."""
    return any(one["linkedid"] == linked_id and one["eventtype"] == "LINKEDID_END" for one in lab.records())
