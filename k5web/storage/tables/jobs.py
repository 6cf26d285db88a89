"""Mapped classes of files that staff hand in: the queue of whoever works on them, and what they hold until then."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.desk.job import OPEN_STATES, OVER_STATES, JobState
from k5web.storage.tables.base import STRICT, Base, quoted

OPEN = quoted(OPEN_STATES)


class DeskJobRow(Base):
    """Work on a file that was handed in: asked for by a person, done by the worker."""

    __tablename__ = "desk_job"
    __table_args__ = (
        UniqueConstraint("form_key"),
        CheckConstraint(f"state IN ({quoted(JobState)})", name="state"),
        CheckConstraint(f"(state IN ({quoted(OVER_STATES)})) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("done >= 0 AND total >= 0 AND attempts >= 0 AND size >= 0", name="counts"),
        Index(
            "ix_desk_job_open",
            "began_at",
            postgresql_where=text(f"state IN ({OPEN})"),
            sqlite_where=text(f"state IN ({OPEN})"),
        ),
        STRICT,
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    form_key: Mapped[str]
    kind: Mapped[str]
    file_name: Mapped[str]
    size: Mapped[int]  # bytes
    options: Mapped[dict[str, Any]]
    state: Mapped[str]
    doing: Mapped[str]
    done: Mapped[int]
    total: Mapped[int]
    attempts: Mapped[int]
    maker: Mapped[str]  # who works on it now; a name of its own for each try
    lease_until: Mapped[datetime | None]  # when another may begin anew, unless the maker tells of it
    result: Mapped[dict[str, Any] | None]
    began_by: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class DeskJobPartRow(Base):
    """A part of a file that was handed in. It is thrown away when the work is over: it may hold personal data."""

    __tablename__ = "desk_job_part"
    __table_args__ = (STRICT,)
    job_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0, 1, 2 …
    content: Mapped[bytes]  # compressed
