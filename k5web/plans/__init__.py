"""The plans and direction groups that K5 comes with, as files a person can read; docs/plans.md explains them."""

from pathlib import Path

HERE = Path(__file__).parent
GROUPS = HERE / "groups"
