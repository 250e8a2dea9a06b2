"""Mirrors as processes that are killed, for tests of the mirror."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from infra.building.lock import ROOT
from tests.e2e.client import Api
from tests.e2e.mirror import Mirror, parse_verifier_key


def published_keys(public: Api) -> list[str]:
    """The verifier keys of the log, as the platform publishes them; a website would pin them."""
    found = public.get("/public/v1/keys").json["log_keys"]
    return [str(one["verifier_key"]) for one in found]


@dataclass
class Killed:
    """A mirror that is killed again and again, at points only its seed knows."""

    public: Api
    state: Path
    seed: int
    page: int = 1

    def until(self, seq: int, kills: int) -> int:
        """Kill it that often, then let it get to `seq`; how often it had not got there."""
        chance, early = random.Random(self.seed), 0
        for _ in range(kills):
            with self._started(seq) as process:
                steps = chance.randrange(3)
                for _ in range(steps):
                    process.stdout and process.stdout.readline()
                # Before its first step it has to start, too.
                time.sleep(chance.random() * (0.03 if steps else 0.6))
                process.kill()
                early += process.wait() != 0
        with self._started(seq) as process:
            process.stdout and process.stdout.read()
            assert process.wait() == 0
        return early

    def _started(self, seq: int) -> subprocess.Popen[str]:
        keys = [part for key in published_keys(self.public) for part in ("--key", key)]
        command = [sys.executable, "-m", "tests.e2e.mirror", self.public.base_url, str(self.state)]
        asked = ["--until-seq", str(seq), "--page", str(self.page)]
        return subprocess.Popen(
            [*command, *keys, *asked], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )


def mirror(public: Api, state: Path, instant: str = "") -> Mirror:
    """A mirror in this process; `instant`: what its clock shows."""
    keys = [parse_verifier_key(key) for key in published_keys(public)]
    return Mirror(public.base_url, state, keys, **({"clock": lambda: instant} if instant else {}))
