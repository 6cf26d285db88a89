"""The registry of the ways to pay: one folder and one entry each."""

from collections.abc import Mapping

from k5web.domain.sandbox import Sandbox
from k5web.domain.topup import Opener

OPENERS: Mapping[str, Opener] = {}

SANDBOXES: Mapping[str, Sandbox] = {}  # the same providers simulated, for ./run and `k5 sandbox`
