"""A text that is put into the reader's language when it is shown, made where nobody knows the reader."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrase:
    """A whole sentence or name in Russian, as the catalogues know it, and what stands in its places.

    The extraction finds `phrase` by its name; a place is written `%(name)s`.
    """

    text: str
    facts: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it in Russian."""
        return self.text % self.facts if self.facts else self.text


def phrase(text: str, **facts: str) -> Phrase:
    """Return a text for the catalogues; its places are filled when it is shown."""
    return Phrase(text, facts)
