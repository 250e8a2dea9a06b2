"""Locks: the exact closure of what `pyproject.toml` names, without any registry's address."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from infra.building.sources import INFRA

ROOT = INFRA.parent
RUNTIME_LOCK = ROOT / "requirements.txt"
TOOLS_LOCK = INFRA / "requirements" / "tools.txt"
EMULATOR_LOCK = INFRA / "requirements" / "ministack.txt"
# The emulator lives in an environment of its own; the last two are its SAM transform and KMS.
EMULATOR = ("ministack==1.5.33", "aws-sam-translator==1.115.0", "cryptography==50.0.2")
# Part of every Lambda Python runtime, hence not in the zip.
PROVIDED = frozenset({"boto3", "botocore", "s3transfer", "python-dateutil", "six", "urllib3"})
HEADER = "# Generated from {source} by `python3 infra/dev.py lock`; do not edit.\n"


class LockError(Exception):
    """The lock and what it is made from disagree, or pip could not resolve them."""


def canonical(name: str) -> str:
    """A distribution name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(extra: str | None = None) -> list[str]:
    """The requirements pyproject.toml names, at run time or under an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = project["dependencies"] if extra is None else project["optional-dependencies"][extra]
    return [str(name) for name in names]


def read_lock(path: Path) -> dict[str, str]:
    """Canonical name -> version. Raises LockError for a line that is not an exact pin."""
    pins = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.split("#")[0].strip()
        if not text:
            continue
        match = re.fullmatch(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!+_]+)", text)
        if match is None:
            raise LockError(f"{path.name}: not an exact pin: {text}")
        pins[canonical(match[1])] = match[2]
    return pins


def packed() -> list[str]:
    """The pins that go into the zip."""
    pins = read_lock(RUNTIME_LOCK)
    return [f"{name}=={version}" for name, version in pins.items() if name not in PROVIDED]


def write_locks() -> None:
    """Resolves anew and writes the three lock files. Needs a package index; raises LockError."""
    TOOLS_LOCK.parent.mkdir(exist_ok=True)
    runtime = resolve(declared())
    tools = resolve([*declared(), *declared("dev")])
    _write(RUNTIME_LOCK, "pyproject.toml", runtime)
    extra = {name: version for name, version in tools.items() if name not in runtime}
    _write(TOOLS_LOCK, "pyproject.toml [dev]", extra)
    _write(EMULATOR_LOCK, "infra/building/lock.py", resolve(list(EMULATOR)))


def resolve(requirements: list[str]) -> dict[str, str]:
    """The closure pip would install for the requirements, by canonical name."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
        command += ["--ignore-installed", "--report", str(report), *requirements]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LockError(done.stderr.strip())
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    pins = {canonical(e["metadata"]["name"]): e["metadata"]["version"] for e in installed}
    return dict(sorted(pins.items()))


def _write(path: Path, source: str, pins: dict[str, str]) -> None:
    lines = [f"{name}=={version}\n" for name, version in pins.items()]
    path.write_text(HEADER.format(source=source) + "".join(lines), encoding="utf-8")
