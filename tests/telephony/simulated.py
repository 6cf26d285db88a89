"""The simulated switch as a process of its own, for tests."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

from k5web.config.switches import SwitchSettings
from k5web.domain.calls.trunk import Trunk
from k5web.errors import SwitchSilent
from k5web.telephony.asterisk import AsteriskSwitch
from tests.processes import PATIENCE_S, bare_environ, wait_for
from tests.telephony.orders import TRUNK

START = """
import os, sys
from k5web.config.settings import Settings
from k5web.telephony.simulator.server import serve
serve(Settings.from_env(os.environ).switches[0], sys.argv[1])
"""  # what `k5 simulator` does, without waiting for the rest of the house


class SimulatorProcess:
    """Start, kill, start again: the address and the files stay the same."""

    def __init__(self, var: Path, speed: int, k5_url: str = "http://127.0.0.1:9") -> None:
        self._k5_url = k5_url  # port 9: nobody is there
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.cel_file = var / "switch" / "cel.json"
        self.settings = SwitchSettings(
            name="simulator",
            kind="simulator",
            ari_url=f"http://127.0.0.1:{port}/ari",
            ari_user="k5",
            ari_password="simulator",
            cel_file=self.cel_file,
            caller_id="74950000000",
            calls_at_once=1000,
            trunks=(Trunk(TRUNK, 2000),),
            speed=speed,
            directory=self.cel_file.parent,
        )
        self._environment = bare_environ() | {
            "K5_SECRET_KEY": "0123456789abcdef" * 2,
            "K5_VAR": str(var),
            "K5_ARI_URL": self.settings.ari_url,
            "K5_SWITCH_SPEED": str(speed),
            "K5_TRUNK": TRUNK,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        self._process = subprocess.Popen([sys.executable, "-c", START, self._k5_url], env=self._environment)
        wait_for(self._answers, "the simulated switch answers", PATIENCE_S)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "the simulated switch ended at once"
        try:
            AsteriskSwitch(self.settings).started_at()
        except SwitchSilent:
            return False
        return True

    def end(self, number: signal.Signals) -> int:
        """Send the signal; return the exit code."""
        assert self._process is not None
        self._process.send_signal(number)
        return self._process.wait(PATIENCE_S)
