"""`k5 bench`: the benchmarks of the checkout, as ratios, with the machine described."""

import importlib
import importlib.util
import os
import pkgutil
import platform
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from k5web.cli import late
from k5web.cli.terminal import echo, echo_json

PACKAGE = "bench"  # beside k5web in a checkout; not part of the wheel, so it is looked up when asked for


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the figures come from: only ratios travel."""

    processor: str
    cores: int
    memory_mb: int
    system: str
    python: str


@click.command()
@click.argument("name", required=False)
@click.option("--full", is_flag=True, help="At the full size, where NAME has one; it may take an hour.")
@click.option("--json", "as_json", is_flag=True, help="Print the machine and the figures as JSON.")
def bench(name: str | None, full: bool, as_json: bool) -> None:
    """Run the benchmark NAME, or all: each compares K5 with a plain rival on this machine in the same minute."""
    late.load_all()  # garbage is collected from here on, as where K5 serves
    names = _names("run_full" if full else "run")
    if name is not None and name not in names:
        raise click.BadParameter(f"there is no '{name}'; there are {', '.join(names)}", param_hint="NAME")
    machine = describe_machine()
    if not as_json:
        echo(f"{machine.processor}, {machine.cores} cores, {machine.memory_mb} MB")
        echo(f"{machine.system}, Python {machine.python}")
    measures = []
    for one in [name] if name else names:
        if not as_json:
            echo()
            echo(one)
        module = importlib.import_module(f"{PACKAGE}.{one}")
        found = list(module.run_full() if full else module.run())
        if not as_json:
            _print(found)
        measures += [{"benchmark": one, **asdict(measure), "ratio": round(measure.ratio, 3)} for measure in found]
    if as_json:
        echo_json({"machine": asdict(machine), "measures": measures})


def _names(work: str) -> list[str]:
    """Return the benchmarks: modules of `bench` that have `run`, or `run_full`."""
    package = importlib.util.find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise click.ClickException("the benchmarks are part of the checkout, not of the installed program")
    places = list(package.submodule_search_locations)
    modules = (f"{PACKAGE}.{module.name}" for module in pkgutil.iter_modules(places))
    return [name.removeprefix(f"{PACKAGE}.") for name in modules if hasattr(importlib.import_module(name), work)]


def describe_machine() -> Machine:
    """Return what this machine is, as far as its system tells."""
    return Machine(
        processor=_line("/proc/cpuinfo", "model name") or platform.machine(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_mb=int((_line("/proc/meminfo", "MemTotal") or "0").split()[0]) // 1024,
        system=f"{platform.system()} {platform.release()}",
        python=sys.version.split()[0],
    )


def _line(path: str, name: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _print(measures: Iterable[Any]) -> None:
    for measure in measures:
        echo(f"  {measure.name:<52} {_figure(measure.ours):>12} {measure.unit}")
        echo(f"    against {measure.rival:<42} {_figure(measure.theirs):>12} {measure.unit}")
        if measure.cpu_ms is not None:
            our_ms, their_ms = (_figure(each) for each in measure.cpu_ms)
            echo(f"    processor time of one {our_ms:>30} against {their_ms} ms")
        verdict = ""
        if measure.aim is not None:
            verdict = f"   aim {measure.aim:.2f}: {'reached' if measure.ratio >= measure.aim else 'MISSED'}"
        echo(f"    ratio {measure.ratio:>6.2f}{verdict}")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"
