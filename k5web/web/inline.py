"""Inline style and script: constants read once at start, so that their hashes stand in the policy header.

Pages that must be one request carry them; nonces would make every answer a different text.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from markupsafe import Markup

_COMMENT = re.compile(r"/\*(?:[^*]|\*(?!/))*+(?:\*/)?")
_AROUND = re.compile(r"(?<!\s)\s*+([{};,>])\s*+")


@dataclass(frozen=True, slots=True)
class Inline:
    """What may stand inside a page, by name, without the tags."""

    styles: dict[str, str]
    scripts: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> "Inline":
        """Return the folder's `*.css` (squeezed) and `*.js` (as they are)."""
        return cls(
            styles={path.stem: squeeze(path.read_text("utf-8")) for path in sorted(folder.glob("*.css"))},
            scripts={path.stem: path.read_text("utf-8").strip() for path in sorted(folder.glob("*.js"))},
        )

    def style(self, name: str) -> Markup:
        """Return the style element, for a template."""
        return Markup("<style>{}</style>").format(Markup(self.styles[name]))  # noqa: S704 - our own constant

    def script(self, name: str) -> Markup:
        """Return the script element, for a template."""
        return Markup("<script>{}</script>").format(Markup(self.scripts[name]))  # noqa: S704 - our own constant

    @property
    def style_hashes(self) -> list[str]:
        """CSP sources of all inline styles."""
        return [csp_hash(text) for text in self.styles.values()]

    @property
    def script_hashes(self) -> list[str]:
        """CSP sources of all inline scripts."""
        return [csp_hash(text) for text in self.scripts.values()]


def squeeze(css: str) -> str:
    """Return the style without comments and needless spaces."""
    return _AROUND.sub(r"\1", _COMMENT.sub("", css)).replace(": ", ":").replace("\n", " ").strip()


def csp_hash(text: str) -> str:
    """Return the CSP source that allows exactly this inline text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def read(app: Flask) -> Inline:
    """Return the program's inline constants."""
    return Inline.read(Path(app.root_path) / "static" / "inline")
