"""The zip: complete, small, the same for the same sources; every handler runs from it alone."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from infra.building.artifact import MAX_ZIP_BYTES, Artifact, build
from infra.building.lock import (
    EMULATOR_LOCK,
    PROVIDED,
    ROOT,
    RUNTIME_LOCK,
    TOOLS_LOCK,
    canonical,
    declared,
    packed,
    read_lock,
)
from infra.local.state import CACHE

PROBE = """
import sys
sys.path[:0] = {paths!r}
import importlib
module = importlib.import_module({module!r})
handler = getattr(module, {name!r})
assert callable(handler)
# Chalice wraps the function; what it wraps must be the one the template names.
function = handler.func._original_func
assert function.__name__ == {name!r}, function.__name__
assert module.__file__.startswith({paths!r}[0]), module.__file__
"""
# The interpreter's own site-packages are shut out; boto3 is what Lambda adds.
LAMBDA_GIVES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3")


def closure(requirements: list[str]) -> dict[str, str]:
    """The installed closure of some requirements, by canonical name."""
    pins: dict[str, str] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonical(requirement.name)
        found = distribution(name)
        extras = requirement.extras or {""}
        if name in pins and extras == {""}:
            continue
        pins[name] = found.version
        for text in found.requires or []:
            further = Requirement(text)
            if further.marker is None or any(
                further.marker.evaluate({"extra": extra}) for extra in extras
            ):
                waiting.append(further)
    return pins


def test_the_lock_is_what_pyproject_says() -> None:
    assert read_lock(RUNTIME_LOCK) == closure(declared())


def test_the_tools_are_locked_too() -> None:
    both = read_lock(RUNTIME_LOCK) | read_lock(TOOLS_LOCK)
    for text in declared("dev"):
        requirement = Requirement(text)
        assert requirement.specifier.contains(both[canonical(requirement.name)]), text


@pytest.mark.parametrize("lock", [RUNTIME_LOCK, TOOLS_LOCK, EMULATOR_LOCK], ids=lambda p: p.name)
def test_locks_name_versions_and_no_registry(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text and "--" not in text
    assert read_lock(lock)


def test_emulator_and_project_speak_the_same_botocore() -> None:
    assert read_lock(EMULATOR_LOCK)["botocore"] == read_lock(RUNTIME_LOCK)["botocore"]


def test_the_zip_is_complete_and_within_budget(aws_artifact: Artifact) -> None:
    with zipfile.ZipFile(aws_artifact.code) as archive:
        names = archive.namelist()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    tops = {name.split("/")[0] for name in names}
    assert {"app.py", "chalicelib", "chalice", "pydantic", "aws_lambda_powertools"} <= tops
    assert {"cryptography", "jwt"} <= tops
    assert not tops & {"boto3", "botocore", "infra", "tests", ".chalice", "vendor"}
    assert any(name.endswith("cpython-313-x86_64-linux-gnu.so") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert aws_artifact.code.stat().st_size <= MAX_ZIP_BYTES


def test_what_lambda_provides_is_left_out() -> None:
    names = {pin.split("==")[0] for pin in packed()}
    assert not names & PROVIDED
    assert names | PROVIDED == set(read_lock(RUNTIME_LOCK))


def test_equal_sources_give_equal_bytes(local_artifact: Artifact, tmp_path: Path) -> None:
    again = build(tmp_path, "local", CACHE)
    assert again.sha256 == local_artifact.sha256
    assert again.template.read_bytes() == local_artifact.template.read_bytes()


@pytest.fixture(scope="module")
def unzipped(local_artifact: Artifact, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("code")
    with zipfile.ZipFile(local_artifact.code) as archive:
        archive.extractall(folder)
    yield folder


@pytest.fixture(scope="module")
def lambda_gives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """boto3 and what it needs, and nothing else of this environment."""
    folder = tmp_path_factory.mktemp("lambda")
    site = Path(distribution("boto3").locate_file("")).resolve()  # type: ignore[arg-type]
    for name in LAMBDA_GIVES:
        (folder / name).symlink_to(site / name)
    return folder


def test_each_handler_resolves_from_the_zip_alone(
    template: dict[str, Any], unzipped: Path, lambda_gives: Path
) -> None:
    handlers = {
        resource["Properties"]["Handler"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert len(handlers) == 17
    for handler in sorted(handlers):
        module, name = handler.rsplit(".", 1)
        paths = [str(unzipped), str(lambda_gives)]
        script = PROBE.format(paths=paths, module=module, name=name)
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", script],
            env={},
            cwd=unzipped,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{handler}: {done.stderr}"


def test_packaging_leaves_the_working_tree_alone() -> None:
    assert not (ROOT / ".chalice" / "config.json").exists()
    assert not (ROOT / "vendor").exists()
