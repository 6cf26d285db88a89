"""Mapped classes of contacts: the numbers that subscribers keep here."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from k5web.storage.tables.base import STRICT, Base


class FavouriteRow(Base):
    """One number of a subscriber's own list, with its name."""

    __tablename__ = "favourite"
    __table_args__ = (STRICT,)
    owner_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[str] = mapped_column(primary_key=True)  # E.164 digits
    name: Mapped[str]
    added_at: Mapped[datetime]
