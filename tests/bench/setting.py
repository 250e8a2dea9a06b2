"""What benchmarks share: compiled packs, an environment, AWS in process or in the emulator, and a
word on how far they are."""

from __future__ import annotations

import atexit
import functools
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from chalicelib.aws import calls
from chalicelib.policy import service as policy
from chalicelib.policy.compile import compile_all

REGION = "cn-north-1"


def say(text: str) -> None:
    """A line of progress; the table alone goes to standard output."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """These environment variables while the block runs (empty: unset), and clients made anew."""
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    calls.forget_clients()
    try:
        yield
    finally:
        _set({name: value or "" for name, value in before.items()})
        calls.forget_clients()


def _set(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if value:
            os.environ[name] = value
        else:
            os.environ.pop(name, None)


@contextmanager
def packs() -> Iterator[Path]:
    """The project's policy packs, compiled once per process."""
    with environment(POLICY_DIR=str(_compiled())):
        policy.forget()
        yield _compiled()
    policy.forget()


@functools.cache
def _compiled() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="packs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    compile_all(folder)
    return folder


@contextmanager
def in_process() -> Iterator[dict[str, str]]:
    """AWS in this process (moto) as the template says; yields the environment, which is set."""
    from moto import mock_aws

    from tests.support.provision import provision

    given = {**_credentials("testing", ""), "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled"}
    with mock_aws(), environment(**given):
        provided = provision()
        with environment(**provided):
            yield provided


@contextmanager
def emulator() -> Iterator[dict[str, str]]:
    """MiniStack on loopback with the template's resources, on a state of its own; yields the
    environment, which is set."""
    from infra.local.ministack import MiniStack, install
    from infra.local.state import CACHE, State
    from tests.support.provision import provision

    python = install(CACHE.parent / "ministack")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        state = State(Path(folder))
        state.prepare(fresh=False)
        running = MiniStack(python, state, free_port())
        running.start()
        try:
            with environment(**_credentials(state.root_secret(), running.endpoint)):
                provided = provision()
                with environment(**provided):
                    yield provided
        finally:
            running.stop()


def _credentials(secret: str, endpoint: str) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": "",
        "AWS_PROFILE": "",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": endpoint,
    }


def fake_credentials(endpoint: str) -> dict[str, str]:
    """Credentials for a stand-in that does not check them."""
    return _credentials(secrets.token_hex(16), endpoint)


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
