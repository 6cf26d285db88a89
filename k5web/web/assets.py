"""Static files under names that hold their hash: kept by browsers for a year, changed by changing the name."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, abort, current_app
from markupsafe import Markup

IMMUTABLE = "public, max-age=31536000, immutable"
HASH_DIGITS = 10
_HERE = "k5.assets"


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file in memory, with the name that browsers ask for."""

    hashed_name: str
    content: bytes
    kind: str


class Assets:
    """All static files except the inline ones: few and small, read once."""

    def __init__(self, folder: Path) -> None:
        self._by_name = {
            path.relative_to(folder).as_posix(): _read(folder, path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.relative_to(folder).parts[0] != "inline"
        }
        self._by_hashed_name = {asset.hashed_name: asset for asset in self._by_name.values()}

    def address(self, name: str) -> str:
        """Return the path a page links: `base.css` becomes `/static/base.3f2a91c0de.css`."""
        return f"/static/{self._by_name[name].hashed_name}"

    def script(self, name: str) -> Markup:
        """Return the element of a script that is its own file, for a template."""
        return Markup('<script src="{}" defer></script>').format(self.address(name))

    def named(self, name: str) -> Asset:
        """Return the file under its own name."""
        return self._by_name[name]

    def find(self, hashed_name: str) -> Asset | None:
        """Return the file under its hashed name."""
        return self._by_hashed_name.get(hashed_name)


def _read(folder: Path, path: Path) -> Asset:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:HASH_DIGITS]
    relative = path.relative_to(folder)
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(relative.with_name(f"{path.stem}.{digest}{path.suffix}").as_posix(), content, kind)


def content(name: str) -> bytes:
    """Return a static file under its plain name, for an address that must never change."""
    assets: Assets = current_app.extensions[_HERE]
    return assets.named(name).content


def serve(name: str) -> Response:
    """Answer a static file; an old hash is gone, not something else."""
    assets: Assets = current_app.extensions[_HERE]
    asset = assets.find(name)
    if asset is None:
        abort(404)
    answer = Response(asset.content, content_type=asset.kind)
    if asset.kind.startswith("text/") or asset.kind == "application/javascript":
        answer.mimetype_params["charset"] = "utf-8"
    answer.headers["Cache-Control"] = IMMUTABLE
    return answer


def register(app: Flask) -> Assets:
    """Serve `static/`."""
    assets = Assets(Path(app.root_path) / "static")
    app.extensions[_HERE] = assets
    app.add_url_rule("/static/<path:name>", "static", serve)
    return assets
