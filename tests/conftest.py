"""Shared by all tests: AWS in process (moto), built from the template sources; no network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Before any client is made: moto has no per-account endpoints, and real credentials stay out.
os.environ["AWS_ACCOUNT_ID_ENDPOINT_MODE"] = "disabled"
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import pytest
from hypothesis import settings
from moto import mock_aws

from chalicelib.policy.compile import compile_all
from tests.support.provision import provision
from tests.support.requirements import Proofs, failed_tests, proofs_of, table
from tests.support.world import empty_aws, has_tables

# A busy machine is no failure: what a test promises is never a time.
settings.register_profile("govcredit", deadline=None)
settings.load_profile("govcredit")

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "cn-north-1",
    "AWS_REGION": "cn-north-1",
}

_PROOFS = pytest.StashKey[Proofs]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Remember what the tests of this session prove, for the table at its end."""
    session.config.stash[_PROOFS] = proofs_of(session.items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """`pytest -m requirement` ends with the table requirement -> tests."""
    config = terminalreporter.config
    if "requirement" not in str(config.getoption("-m")) or config.getoption("--collect-only"):
        return
    terminalreporter.section("requirement -> tests")
    for line in table(config.stash.get(_PROOFS, {}), failed_tests(terminalreporter.stats)):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def compiled_policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packs of the project, compiled once for all tests."""
    folder = tmp_path_factory.mktemp("policies")
    compile_all(folder)
    return folder


@pytest.fixture(autouse=True)
def policies(compiled_policies: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let every test read the freshly compiled packs."""
    monkeypatch.setenv("POLICY_DIR", str(compiled_policies))
    return compiled_policies


_provisioned: dict[str, str] = {}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Tables, buckets, queues and keys in moto; yields the environment, which is also set.

    They are made once for all tests, because making them takes longer than most tests; what they
    hold is emptied before each.
    """
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    mock = mock_aws(config={"core": {"reset_boto3_session": False}})
    is_there = bool(_provisioned) and has_tables()  # a test with a mock of its own empties all
    mock.start(reset=not is_there)
    try:
        if not is_there:
            _provisioned.clear()
            _provisioned.update(provision())
        empty_aws()
        for name, value in _provisioned.items():
            monkeypatch.setenv(name, value)
        yield dict(_provisioned)
    finally:
        mock.stop(remove_data=False)
