"""An organisation's PBX as a whole: whoever rents a number, or has people with phones, has one."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Organisation:
    """What is chosen for all of an organisation's PBX, and how often the switch had to hear of a change."""

    owner_id: int
    version: int  # 1, 2, 3 …
    changed_at: datetime
    switch: str = ""  # where it lives; "": at the first switch of the settings
    is_recorded: bool = False
    holds_ahead: bool = True
