"""Commands by name, loaded when asked for; the rooms behind them when one runs, so that help waits for nothing."""

import gc
import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import click

ROOMS = ("app.", "k5web.services.", "k5web.storage.", "k5web.config.", "k5web.paper.", "k5web.cli.web_process.")
_waiting: dict[str, ModuleType] = {}  # modules that were named and not loaded yet


class _Putter(MetaPathFinder):
    """Finds what the others find, and lets a module of those rooms be loaded at the first use of what is in it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not f"{fullname}.".startswith(ROOMS):
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None and spec.submodule_search_locations is None:
                    spec.loader = _Noting(spec.loader)
                return spec
        return None


class _Noting(importlib.util.LazyLoader):
    def exec_module(self, module: ModuleType) -> None:
        _waiting[module.__name__] = module  # asked of it before: any question afterwards loads it
        super().exec_module(module)


@contextmanager
def put_off() -> Iterator[None]:
    """Let what is imported meanwhile from the rooms behind the commands be loaded when it is used."""
    putter = _Putter()
    sys.meta_path.insert(0, putter)
    try:
        yield
    finally:
        sys.meta_path.remove(putter)


def load_all() -> None:
    """Load what was put off: before the first thread, for two that use a module at once may find half of it.

    From then on garbage is collected, and what is loaded, which stays, is never looked through for it: not by processes
    that part from this one either, so they go on sharing its memory.
    """
    while _waiting:
        _, module = _waiting.popitem()
        _ = module.__doc__
    if not gc.isenabled():  # as start.py begins
        gc.freeze()
        gc.enable()


class Shelf(MutableMapping[str, click.Command]):
    """Commands by name, each loaded from its place, like "k5web.cli.call:call", when it is taken."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._taken: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._taken:
            module, _, attribute = self._places[name].partition(":")
            with put_off():
                found = getattr(importlib.import_module(module), attribute)
            assert isinstance(found, click.Command)
            self._taken[name] = found
        return self._taken[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._places[name], self._taken[name] = "", command

    def __delitem__(self, name: str) -> None:
        del self._places[name]
        self._taken.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
