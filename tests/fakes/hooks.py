"""The way to subscribers' own programs, played by the test."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from k5web.domain.pbx.webhook import HookAnswer, web_address


@dataclass
class FakeDoor:
    """Satisfies `HookDoor`: keeps what was told, and answers what the test says, or by address."""

    answer: HookAnswer = field(default_factory=lambda: HookAnswer(200))
    answers: dict[str, HookAnswer] = field(default_factory=dict)
    told: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)

    def check(self, url: str) -> str:
        """Return an address as it is kept. Raises: WrongHook."""
        return web_address(url, is_tryout=False)

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> HookAnswer:
        """Keep what is told."""
        self.told.append((url, body, dict(headers)))
        return self.answers.get(url, self.answer)
