"""NOTICE: whose works K5 comes with and stands on. `python -m tests.notice` writes it anew after the locks changed."""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOTICE = ROOT / "NOTICE"
SHIPPED = """\
K5 comes with works of others and stands on libraries of others. Their licences are theirs and stay in force.
The owner has chosen no licence for K5 itself.

Works in this repository

  K5 Sans (k5web/paper/fonts)        PT Sans of ParaType under another name, as its licence asks: LICENSE-K5Sans there;
                                     what it lacks is of DejaVu Sans: LICENSE-DejaVu
  phone.js (static)                  made of deploy/phone/phone.js, JsSIP and what that stands on (debug, ms, events,
                                     sdp-transform): MIT, their texts stand at the head of the file
  press-1.wav (deploy/asterisk)      of the Russian sounds for Asterisk by Maxim Topal, ivrvoice.ru; CC BY 3.0, joined

The wheels of av bring FFmpeg with x264 and x265 (GPL) and others; K5 runs it as a program of its own, on greetings.
Sounds that deploy/asterisk/fetch brings from Debian: asterisk-core-sounds-ru-wav, Maxim Topal, ivrvoice.ru, CC BY 3.0;
asterisk-moh-opsound-wav, opsound.org, CC BY-SA 3.0. K5's own prompts (deploy/asterisk/sounds) are spoken by espeak-ng.
"""
LONGEST = 60  # characters; some packages put their licence's whole text where its name belongs


def locked(name: str) -> list[str]:
    """Return the packages of a lock, in its order."""
    return re.findall(r"^([a-z0-9][a-z0-9.-]*)==", (ROOT / "deploy" / name).read_text(), re.MULTILINE)


def licence(package: str) -> str | None:
    """Return what the installed package says its licence is; nothing where this platform does without it."""
    try:
        found = distribution(package)
    except PackageNotFoundError:
        return None
    said = _said(found, "License-Expression") or _by_classifier(found) or _said(found, "License")
    return said.splitlines()[0][:LONGEST] if said else "says none"


def _said(found: Distribution, name: str) -> str:
    return "".join(found.metadata.get_all(name) or []).strip()


def _by_classifier(found: Distribution) -> str:
    classifiers = found.metadata.get_all("Classifier") or []
    return ", ".join(one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License :: ") and "::" in one)


def listing(packages: list[str], known: dict[str, str]) -> str:
    """Return a line for each package; of one that is not installed here, what was known of it stays."""
    return "".join(f"  {name:33}  {licence(name) or known.get(name, 'not on this platform')}\n" for name in packages)


def read() -> dict[str, str]:
    """Return what NOTICE says of each library."""
    return dict(re.findall(r"^  ([a-z0-9][a-z0-9.-]*) {2,}(\S.*)$", NOTICE.read_text(), re.MULTILINE))


def write() -> None:
    """Write it anew."""
    known = read() if NOTICE.exists() else {}
    running = locked("requirements.lock")
    tools = [name for name in locked("requirements-test.lock") if name not in running]
    NOTICE.write_text(
        f"{SHIPPED}\nLibraries that K5 runs with (deploy/requirements.lock)\n\n{listing(running, known)}"
        f"\nTools of its tests (deploy/requirements-test.lock); nothing of them is needed to run K5\n\n"
        f"{listing(tools, known)}"
    )


if __name__ == "__main__":
    write()
