"""How the test processes share the work: a file is done by one of them, and so is a group of files (`xdist_group`).

What a file's tests stand on is then made once, and the process that hands the tests out counts files: counting single
tests took a third of a core, the more the longer the run.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling


class FilesAndGroups(LoadGroupScheduling):  # type: ignore[misc]  # xdist says no types
    """Hands out files and groups, those with the most tests first."""

    def _split_scope(self, nodeid: str) -> str:
        scope: str = super()._split_scope(nodeid)
        return scope.partition("::")[0]


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesAndGroups | None:
    """Take the place of `--dist loadgroup`."""
    return FilesAndGroups(config, log) if config.getoption("dist") == "loadgroup" else None
