"""Plans as they are written, read from a folder; and what they mean."""

from collections.abc import Collection
from pathlib import Path

from k5web.domain.prices.plan import GroupSet, Plan
from k5web.domain.prices.plan_version import PlanText
from k5web.services.in_force.planfiles import groups_named, parse_groups, parse_plan, read_text


class PlanFolder:
    """A folder with a file for each plan and a folder of direction groups; each file is read once."""

    def __init__(self, folder: Path) -> None:
        self._groups = folder / "groups"
        self._paths = {path.stem: path for path in sorted(folder.glob("*.toml"))}
        self._texts: dict[str, PlanText] = {}

    @property
    def codes(self) -> Collection[str]:
        """The codes of the plans: the names of their files."""
        return self._paths.keys()

    def text(self, code: str) -> PlanText:
        """Return a plan as it is written. Raises: KeyError where there is none, WrongFile."""
        if code not in self._texts:
            self._texts[code] = read_plan(self._paths[code], self._groups)
        return self._texts[code]

    def completed(self, file: str, text: str) -> PlanText:
        """Return a plan's text with that of the direction groups of this folder which it names. Raises: WrongFile."""
        return _with_groups(file, text, self._groups)


def read_plan(path: Path, groups: Path) -> PlanText:
    """Return a plan file with the file of its direction groups out of a folder. Raises: WrongFile."""
    return _with_groups(path.name, read_text(path), groups)


def _with_groups(file: str, text: str, groups: Path) -> PlanText:
    named = groups / f"{groups_named(file, text)}.toml"
    return PlanText(file, text, read_text(named) if named.is_file() else "")


def parse(text: PlanText, plans: Collection[str] | None = None) -> Plan:
    """Return the plan that the files describe; a new one is held against the other plans there are.

    Raises: WrongPlan (facts: file, faults, found), WrongFile.
    """

    def find_groups(code: str) -> GroupSet | None:
        return parse_groups(f"{code}.toml", text.groups) if text.groups else None

    return parse_plan(text.file, text.plan, find_groups, plans)
