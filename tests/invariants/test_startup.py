"""Loading the code reads no environment, opens no connection and makes no client: a cold start is
quick, packaging needs no account, and a test never meets what another has set."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.invariants.source import ROOT

PROBE = """
import json, os, sys

ROOT = {root!r}
def is_ours(path):
    # The interpreter's own environment may lie inside the project.
    return path.startswith(ROOT) and not path.startswith(sys.prefix)


read, opened = [], []

def ours():
    # Whoever asks, os.getenv aside; libraries may look at what is theirs.
    frame = sys._getframe(3)
    while frame.f_globals.get("__name__") == "os":
        frame = frame.f_back
    name = frame.f_code.co_filename
    if name.startswith(ROOT + "/chalicelib") or name == ROOT + "/app.py":
        return f"{{name[len(ROOT) + 1:]}}:{{frame.f_lineno}}"
    return None

class Watched(dict):
    def _note(self, name):
        place = ours()
        if place:
            read.append([place, str(name)])
    def __getitem__(self, name):
        self._note(name); return super().__getitem__(name)
    def get(self, name, default=None):
        self._note(name); return super().get(name, default)
    def __contains__(self, name):
        self._note(name); return super().__contains__(name)

def hook(event, arguments):
    if event.startswith("socket.") and event != "socket.__new__":
        opened.append([event, ""])
    elif event == "open" and isinstance(arguments[0], str) and is_ours(arguments[0]):
        if not arguments[0].endswith((".py", ".pyc")) and "__pycache__" not in arguments[0]:
            opened.append([event, arguments[0]])

sys.path.insert(0, ROOT)
sys.addaudithook(hook)
os.environ = Watched()
import app
import chalicelib.aws.calls as calls
print(json.dumps({{
    "read": read, "opened": opened, "clients": list(calls._clients),
    "loaded": sorted(sys.modules),
    "platforms": sys.modules["chalicelib.aws.platform"].current_platform.cache_info().currsize,
}}))
"""


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What happened while `app` was imported in a process without environment."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROBE.format(root=str(ROOT))],
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_no_environment_is_read(told: dict[str, Any]) -> None:
    assert told["read"] == []


def test_no_client_no_connection_no_file(told: dict[str, Any]) -> None:
    assert (told["clients"], told["platforms"]) == ([], 0)
    assert told["opened"] == []


def test_what_is_heavy_waits_until_it_is_needed(told: dict[str, Any]) -> None:
    heavy = {"boto3", "botocore.session", "cryptography", "jwt", "yaml", "jsonschema", "tests"}
    assert not heavy & set(told["loaded"])
    assert not [name for name in told["loaded"] if name.startswith("infra")]
