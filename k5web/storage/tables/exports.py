"""Mapped classes of files that subscribers have made: what was asked for, and what the file holds."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from k5web.domain.books.export import OPEN_STATES, ExportState, Format, Paper
from k5web.domain.books.period import Movements
from k5web.storage.tables.base import STRICT, Base, quoted

OPEN = quoted(OPEN_STATES)


class ExportRow(Base):
    """A statement or call detail asked for as a file: the queue of whoever makes them, and what is fetched later."""

    __tablename__ = "export"
    __table_args__ = (
        UniqueConstraint("owner_id", "form_key"),
        CheckConstraint(f"paper IN ({quoted(Paper)})", name="paper"),
        CheckConstraint(f"movements IN ({quoted(Movements)})", name="movements"),
        CheckConstraint(f"format IN ({quoted(Format)})", name="format"),
        CheckConstraint(f"state IN ({quoted(ExportState)})", name="state"),
        CheckConstraint(f"(state IN ({OPEN})) = (expires_at IS NULL)", name="expires"),
        CheckConstraint("first_day <= last_day", name="days"),
        Index(
            "ix_export_open",
            "asked_at",
            postgresql_where=text(f"state IN ({OPEN})"),
            sqlite_where=text(f"state IN ({OPEN})"),
        ),
        Index("ix_export_expires_at", "expires_at"),
        STRICT,
    )
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(primary_key=True)  # the last part of its address
    form_key: Mapped[str]
    paper: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    movements: Mapped[str]
    other: Mapped[str] = mapped_column(server_default=text("''"))  # only calls with this number; '': all
    format: Mapped[str]
    state: Mapped[str]
    asked_at: Mapped[datetime]
    lines: Mapped[int]
    lines_done: Mapped[int]
    size: Mapped[int]  # bytes
    attempts: Mapped[int]
    maker: Mapped[str]  # who makes it now; a name of its own for each try
    made_until: Mapped[datetime | None]  # when another may begin anew, unless the maker tells of it
    expires_at: Mapped[datetime | None]
    letter_link: Mapped[str]  # the beginning of the link that a letter about it holds; '': no letter


class ExportPartRow(Base):
    """A part of a file that is made."""

    __tablename__ = "export_part"
    __table_args__ = (ForeignKeyConstraint(["owner_id", "token"], ["export.owner_id", "export.token"]), STRICT)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0, 1, 2 …
    content: Mapped[bytes]  # compressed
