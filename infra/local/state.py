"""Where the local run keeps what must survive a restart, and how to reach the emulator with it."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.building.lock import ROOT

REGION = "cn-north-1"
STACK = "govcredit"
STAGE = "local"
DEFAULT_STATE = ROOT / ".govcredit" / "state"
CACHE = ROOT / ".govcredit" / "cache"
_REMOVAL_TRIES = 20


@dataclass(frozen=True, slots=True)
class State:
    """One folder; deleting it is what `--fresh` does."""

    folder: Path

    def prepare(self, fresh: bool) -> None:
        """Creates the folder, empty if asked."""
        if fresh:
            _remove(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Each cold start unpacks the code there; what a former run left is of no use.
        shutil.rmtree(self.temporary, ignore_errors=True)
        for folder in (self.emulator, self.objects, self.temporary, self.artifact):
            folder.mkdir(exist_ok=True)

    @property
    def emulator(self) -> Path:
        return self.folder / "emulator"

    @property
    def objects(self) -> Path:
        return self.folder / "objects"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def artifact(self) -> Path:
        return self.folder / "artifact"

    @property
    def log(self) -> Path:
        return self.folder / "ministack.log"

    def read(self, name: str) -> dict[str, object]:
        """A JSON note of an earlier run, or an empty one."""
        try:
            text = (self.folder / f"{name}.json").read_text(encoding="utf-8")
        except FileNotFoundError:  # also while we looked: a former launcher tidies up when it ends
            return {}
        content = json.loads(text) if text else {}
        return content if isinstance(content, dict) else {}

    def write(self, name: str, content: Mapping[str, object]) -> None:
        """Keeps a JSON note for the next run, readable by its owner alone."""
        path = self.folder / f"{name}.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")

    def root_secret(self) -> str:
        """The emulator's root secret, made up once per state: no default secret anywhere."""
        kept = self.read("root").get("secret")
        if isinstance(kept, str):
            return kept
        secret = secrets.token_urlsafe(32)
        self.write("root", {"secret": secret})
        return secret


def _remove(folder: Path) -> None:
    """Remove the folder, even while a former launcher that is ending removes files in it: what is
    gone already is what was wanted. Raises OSError for what cannot be removed."""
    for _ in range(_REMOVAL_TRIES):
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            if not folder.exists():
                return
        else:
            return
    shutil.rmtree(folder)


def root_session(state: State) -> boto3.Session:
    """Full rights in the emulator: for deploying and checking, never for serving."""
    return boto3.Session(
        aws_access_key_id="test", aws_secret_access_key=state.root_secret(), region_name=REGION
    )


def emulator_client(session: boto3.Session, service: str, endpoint: str) -> Any:
    """A client of the emulator; untyped, because deploying touches services without stubs."""
    config = Config(
        retries={"mode": "standard", "max_attempts": 3},
        read_timeout=300,
        s3={"addressing_style": "path"},
    )
    return session.client(service, endpoint_url=endpoint, config=config)  # type: ignore[call-overload]
