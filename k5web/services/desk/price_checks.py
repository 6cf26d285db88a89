"""Price lists and plans as jobs of the desk: each file is checked and becomes a draft, or is refused with its faults.

A job with a `draft` among its options checks that draft again. A check that is begun anew finds the draft it made. A
list that a second person approves is published as a job, too: it is read once more and written.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

from k5web.domain.desk.audit import Deed
from k5web.domain.desk.job import Job
from k5web.domain.prices.deck import RejectedRow
from k5web.errors import K5Error
from k5web.services.desk import audit, proposals
from k5web.services.ports import Ports
from k5web.services.prices import deck_drafts, plan_drafts
from k5web.services.prices.deck_drafts import DraftWish
from k5web.services.prices.deck_publishing import ImportOptions, Progress
from k5web.services.prices.plan_drafts import PlanFile
from k5web.services.prices.ratedecks import DeckFile

SHOWN: Final = 200  # faults of a file that are kept to be looked at; the others are counted


def deck_options(name: str, effective: date, mapping: tuple[str, str] | None, options: ImportOptions) -> dict[str, Any]:
    """Return what a check is told about a list. `mapping`: name and text of the file of its columns."""
    return {
        "name": name,
        "effective": effective.isoformat(),
        "answers": answers(options),
        "mapping": mapping[1] if mapping else None,
        "mapping_name": mapping[0] if mapping else "",
    }


def plan_options(effective: date, groups: tuple[str, str] | None) -> dict[str, Any]:
    """Return what a check is told about a plan; `groups`: name and text of a file of direction groups."""
    return {"effective": effective.isoformat(), "groups": groups[1] if groups else None}


def answers(options: ImportOptions) -> dict[str, Any]:
    """Return what a person said about a list, as plain values."""
    return {name: value for name, value in asdict(options).items() if name != "mapping"}


def check_deck(ports: Ports, job: Job, path: Path, progress: Progress) -> Mapping[str, Any]:
    """Check a price list. Options: those of `deck_options`, or draft and answers.

    Raises: as `deck_drafts.upload` and `deck_drafts.check_again`: then no draft was kept or changed.
    """
    options = job.options
    said = ImportOptions(**options["answers"])
    if "draft" in options:
        return {"draft": deck_drafts.check_again(ports, options["draft"], said, progress).id}
    mapping = None if options["mapping"] is None else options["mapping"].encode()
    file = DeckFile(job.file_name, path.read_bytes(), mapping, options["mapping_name"])
    wish = DraftWish(options["name"], date.fromisoformat(options["effective"]), file, said)
    return {"draft": deck_drafts.upload(ports, wish, job.began_by, progress).id}


def check_plan(ports: Ports, job: Job, path: Path, progress: Progress) -> Mapping[str, Any]:
    """Check a plan. Options: those of `plan_options`, or draft.

    Raises: as `plan_drafts.upload` and `plan_drafts.check_again`: then no draft was kept or changed.
    """
    options = job.options
    if "draft" in options:
        return {"draft": plan_drafts.check_again(ports, options["draft"], job.began_by, progress).id}
    groups = None if options["groups"] is None else options["groups"].encode()
    file = PlanFile(job.file_name, path.read_bytes(), groups)
    effective = date.fromisoformat(options["effective"])
    return {"draft": plan_drafts.upload(ports, file, effective, job.began_by, progress).id}


def publish(ports: Ports, job: Job, _path: Path, progress: Progress) -> Mapping[str, Any]:
    """Carry out what a second person approved. Options: proposal, draft. What became of it stands in the audit.

    Raises: as `proposals.approve`: then nothing was published.
    """
    progress("publishing", 0, 1)
    facts = {name: str(job.options[name]) for name in ("proposal", "draft")}
    with audit.recorded(ports, Deed(job.began_by, "desk.job", facts=facts | {"job": str(job.id)})):
        proposals.approve(ports, job.options["proposal"], job.began_by)
    return {"draft": job.options["draft"]}


def told(refusal: K5Error) -> Mapping[str, Any]:
    """Return the facts of a refusal as plain values: days as ISO text, of the faults of a file the first ones."""
    return {name: plain for name, value in refusal.facts.items() if (plain := _plain(value)) is not None}


def _plain(value: object) -> Any:
    match value:
        case str() | int():
            return value
        case date():
            return value.isoformat()
        case RejectedRow():
            return [value.line, value.reason]
        case tuple() | list():
            return [_plain(one) or str(one) for one in value[:SHOWN]]
    return None
