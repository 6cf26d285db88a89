"""The dialplan in small: a call through a compiled rule, as `deploy/asterisk/extensions_pbx.conf` goes through it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from k5web.domain.pbx.rule_walk import Met, Reached, Stage

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ONWARD = {Reached.NO_ANSWER: 2, Reached.BUSY: 3, Reached.UNREACHABLE: 4}


class Table:
    """What lies in the switch's table `k5`, who would answer, what is pressed."""

    def __init__(
        self,
        entries: Mapping[str, str],
        queues: Mapping[str, Sequence[str]],
        login: Callable[[str], Reached],
        forward: Reached,
        keys: Sequence[str],
    ) -> None:
        self.entries = entries
        self.queues = queues
        self.login = login
        self.forward = forward
        self.keys = iter(keys)

    def ring(self, logins: str) -> Reached:
        found = [self.login(one) for one in logins.split("&") if one]
        return next(
            (one for one in (Reached.ANSWER, Reached.NO_ANSWER, Reached.BUSY) if one in found), Reached("unreachable")
        )


def is_in(spans: str, moment: datetime) -> bool:
    """Return what GotoIfTime says: the last minute counts."""
    return any(_is_in(one, moment) for one in spans.split("+"))


def _is_in(span: str, moment: datetime) -> bool:
    days, _, times = span.partition("/")
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in times.split("-"))
    chosen: set[int] = set()
    for part in days.split("&"):
        begin, _, end = part.partition("-")
        chosen |= {*range(DAYS.index(begin), DAYS.index(end or begin) + 1)}
    return moment.weekday() in chosen and first <= moment.hour * 60 + moment.minute <= last


def call(table: Table, owner_id: int, version: str, moment: datetime) -> Iterator[Stage]:
    """Yield what the call meets: like `rule_walk.walk`, but for names of nodes and of logins."""
    node, hops = "start", 0
    while node:
        hops += 1
        line = table.entries.get(f"rule/{version}/{node}", "")
        if not line or hops > 40:
            yield Stage(Met.LOST, node, reached=table.ring(table.entries.get(f"ext/{owner_id}/0", "")))
            break
        node = yield from _node(table, owner_id, version, node, line.split("|"), moment)
    yield Stage(Met.ENDED)


def _node(table: Table, owner_id: int, version: str, node: str, line: Sequence[str], moment: datetime):  # type: ignore[no-untyped-def]
    entries = table.entries
    match line[0]:
        case "ring":
            reached = table.ring(line[1])
            yield Stage(Met.RANG, node, reached=reached)
            return "" if reached is Reached.ANSWER else line[1 + ONWARD[reached]]
        case "forward":
            yield Stage(Met.FORWARDED, node, line[1], table.forward)
            return "" if table.forward is Reached.ANSWER else line[1 + ONWARD[table.forward]]
        case "menu":
            yield Stage(Met.SAID, node, line[1])
            for _try in range(int(line[3])):
                pressed = next(table.keys, "")
                if go := pressed and entries.get(f"rule/{version}/{node}.{pressed}", ""):
                    yield Stage(Met.PRESSED, node, pressed)
                    return go
                if who := pressed and entries.get(f"ext/{owner_id}/{pressed}", ""):
                    reached = table.ring(who)
                    yield Stage(Met.DIALLED, node, pressed, reached)
                    return "" if reached is Reached.ANSWER else line[4]
            yield Stage(Met.NOT_PRESSED, node)
            return line[4]
        case "hours":
            is_open = is_in(entries[f"rule/{version}/{node}.hours"], moment)
            yield Stage(Met.OPEN if is_open else Met.CLOSED, node)
            return line[1] if is_open else line[2]
        case "say":
            yield Stage(Met.SAID, node, line[1])
            return line[2]
        case "queue":
            answered = Reached.ANSWER in [table.login(one) for one in table.queues[line[1]]]
            yield Stage(Met.WAITED, node, reached=Reached.ANSWER if answered else Reached.NO_ANSWER)
            return "" if answered else line[3]
        case "voicemail":
            yield Stage(Met.RECORDED, node)
            return ""
    assert line[0] == "hang"
    yield Stage(Met.HUNG_UP, node, "busy" if line[1] == "17" else "")
    return ""


def bare(stages: Sequence[Stage]) -> list[Stage]:
    """Return what both ways of looking know: not the names of logins and prompts, nor how nodes are named."""
    told = {Met.FORWARDED, Met.PRESSED, Met.DIALLED, Met.HUNG_UP}
    return [
        Stage(one.met, re.sub(r"x[0-9]+$", "", one.step), one.fact if one.met in told else "", one.reached)
        for one in stages
    ]
