"""Plans as they are written in a folder: each with the direction groups that it names, read once."""

from pathlib import Path

import pytest

from k5web.domain.prices.plan_version import PlanText
from k5web.errors import WrongFile, WrongPlan
from k5web.services.in_force.plan_folder import PlanFolder, parse, read_plan
from tests.plan_samples import SMALL_GROUPS, SMALL_PLAN


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "groups").mkdir()
    (tmp_path / "groups" / "two.toml").write_text(SMALL_GROUPS)
    (tmp_path / "small.toml").write_text(SMALL_PLAN)
    return tmp_path


def test_a_plan_comes_with_the_groups_that_it_names(folder: Path) -> None:
    text = read_plan(folder / "small.toml", folder / "groups")
    assert text == PlanText("small.toml", SMALL_PLAN, SMALL_GROUPS)
    assert parse(text).groups.code == "two"


def test_groups_that_are_not_there_are_named(folder: Path) -> None:
    with pytest.raises(WrongPlan, match="there are no direction groups 'two'"):
        parse(read_plan(folder / "small.toml", folder))


@pytest.mark.parametrize("named", ["../groups/two", "/etc/passwd"])
def test_a_plan_names_no_file_outside_the_folder(folder: Path, named: str) -> None:
    (folder / "small.toml").write_text(SMALL_PLAN.replace('groups = "two"', f'groups = "{named}"'))
    assert read_plan(folder / "small.toml", folder / "groups").groups == ""


def test_a_folder_reads_each_plan_once(folder: Path) -> None:
    found = PlanFolder(folder)
    assert list(found.codes) == ["small"]
    first = found.text("small")
    (folder / "small.toml").unlink()
    assert found.text("small") is first


@pytest.mark.parametrize("content", ["code = ", None])
def test_a_file_that_cannot_be_read_is_named(folder: Path, content: str | None) -> None:
    path = folder / "wrong.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(WrongFile, match=r"wrong\.toml"):
        read_plan(path, folder / "groups")
