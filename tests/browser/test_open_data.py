"""What the pages tell others to type works as it stands, against the site that tells it."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.browser.city import BREACH, ENDED, GONE
from tests.browser.site import Site
from tests.portal.pages import Page
from tests.support.world import NOON

ELSEWHERE = "https://本站"
PATIENCE_SECONDS = 60
COMMANDS = {"checkpoint", "prefix", "document", "audit"}


def got(site: Site, path: str) -> bytes:
    with urllib.request.urlopen(site.base_url + path) as answer:
        return bytes(answer.read())


def text_of(site: Site, path: str) -> str:
    return "\n".join(Page(got(site, path).decode()).words).replace(ELSEWHERE, site.base_url)


def commands(text: str) -> list[list[str]]:
    """The calls of the verifier a page shows, in order."""
    found = re.findall(r"python3 (verify\.pyz [^，\n]+)", text)
    return [shlex.split(line, comments=True) for line in found]


@pytest.mark.requirement("R-21")
def test_the_verifier_is_downloaded_and_called_as_the_pages_say(site: Site, tmp_path: Path) -> None:
    (key,) = json.loads(got(site, "/public/v1/keys"))["log_keys"]
    (tmp_path / "verify.pyz").write_bytes(got(site, "/public/v1/log/verify.pyz"))
    (tmp_path / "proof.json").write_bytes(got(site, f"/public/v1/records/{BREACH}/proof"))
    called = set()
    for path in ("/site/guide/verify", "/site/open-data", f"/site/records/{BREACH}"):
        told = commands(text_of(site, path))
        assert told, path
        for command in told:
            typed = [key["verifier_key"] if one in ("$KEY", "公钥") else one for one in command]
            done = subprocess.run(
                [sys.executable, *typed],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=PATIENCE_SECONDS,
                check=False,
            )
            assert done.returncode == 0, (path, command, done.stdout, done.stderr)
            assert done.stdout.startswith("已证实："), (path, command)
            called.add(command[1])
    assert called == COMMANDS


_UNTIL_IT_WAITS = """import json, sys, time
def told(seconds):
    json.dump(public(), sys.stdout)
    sys.exit()
time.sleep = told
"""


def mirrored(sample: str, now: datetime) -> dict[str, Any]:
    """What the sample shows at `now`, when there is nothing more to read."""
    clock = "datetime.now(timezone.utc)"
    assert clock in sample
    sample = sample.replace(clock, f'datetime.fromisoformat("{now.isoformat()}")')
    done = subprocess.run(
        [sys.executable, "-c", _UNTIL_IT_WAITS + sample],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.requirement("R-21")
def test_the_sample_of_the_page_is_a_mirror(site: Site) -> None:
    html = got(site, "/site/open-data").decode()
    block = html.partition('<code id="mirror">')[2].partition("</code>")[0]
    sample = "".join(Page(block).words).replace(ELSEWHERE, site.base_url)
    shown = mirrored(sample, NOON)
    document = json.loads(got(site, f"/public/v1/records/{BREACH}"))
    document.pop("log")
    assert shown[BREACH] == document, "as it was annotated after the snapshot"
    assert GONE not in shown and ENDED not in shown
    late = mirrored(sample, NOON.replace(year=2099))
    assert BREACH not in late and set(late) < set(shown), "what has ended is not shown"
