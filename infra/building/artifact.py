"""The artifact: one zip and one template, built the same way for AWS and for the local run.

Chalice generates the template from app.py; our overlay is merged into it. The zip is written anew
with sorted entries and a fixed date, so that equal sources give equal bytes.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infra.building.compose import chalice_config, compose_overlay, own_resources, policy_documents
from infra.building.lock import ROOT, RUNTIME_LOCK, packed
from infra.building.sources import Node, node

Target = Literal["aws", "local"]
MAX_ZIP_BYTES = 30 * 1024 * 1024
MUST_CONTAIN = (
    "app.py",
    "chalice/app.py",
    "chalicelib/portal/static/site.css",
    "chalicelib/portal/templates/base.html",
    "pydantic/",
    "aws_lambda_powertools/",
    "cryptography/",
)
LEFT_OUT = frozenset({"__pycache__", "bin", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
UNREACHED = (
    *("PIL/_avif", "PIL/_imagingft", "PIL/_imagingcms", "PIL/_webp"),
    *(f"pillow.libs/lib{name}" for name in ("avif", "freetype", "harfbuzz", "lcms2", "webp")),
    "pillow.libs/libbrotli",
    "stdnum/oui.dat",
)
"""What comes with a dependency and no code of ours reaches: pictures are JPEG and PNG without text
or colour profiles, and nobody looks up network cards."""
AWS_WHEELS = (
    "--python-version",
    "3.13",
    "--implementation",
    "cp",
    "--abi",
    "cp313",
    "--abi",
    "abi3",
)
AWS_PLATFORMS = ("manylinux_2_34_x86_64", "manylinux_2_28_x86_64", "manylinux2014_x86_64")
EPOCH = (1980, 1, 1, 0, 0, 0)


class BuildError(Exception):
    """The artifact could not be built or is not what it must be."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """Where the two parts lie, and the digest of the zip."""

    template: Path
    code: Path
    sha256: str


def build(out: Path, target: Target, cache: Path) -> Artifact:
    """Writes `template.json` and `deployment.zip` to `out`. Raises BuildError.

    `cache` keeps installed dependencies between builds, by lock and target.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        staging = Path(folder) / "app"
        _stage(staging)
        packaged = Path(folder) / "packaged"
        _chalice_package(staging, packaged)
        template = json.loads((packaged / "sam.json").read_text(encoding="utf-8"))
        _check_template(template)
        text = json.dumps(template, indent=1, sort_keys=True, ensure_ascii=True)
        (out / "template.json").write_text(text + "\n", encoding="utf-8")
        code = out / "deployment.zip"
        _write_zip(code, packaged / "deployment.zip", dependencies(target, cache))
    _check_zip(code)
    return Artifact(out / "template.json", code, hashlib.sha256(code.read_bytes()).hexdigest())


def dependencies(target: Target, cache: Path) -> Path:
    """The folder with what goes into the zip besides our own code, installed once per lock."""
    interpreter = "" if target == "aws" else sys.version
    lock = RUNTIME_LOCK.read_text(encoding="utf-8") + interpreter + repr(AWS_PLATFORMS)
    folder = cache / f"vendor-{target}-{hashlib.sha256(lock.encode()).hexdigest()[:16]}"
    if folder.exists():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(dir=cache))
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
    command += ["--only-binary=:all:", "--target", str(partial)]
    if target == "aws":
        command += [*AWS_WHEELS, *(x for name in AWS_PLATFORMS for x in ("--platform", name))]
    _run([*command, *packed()], "pip install")
    try:
        partial.rename(folder)
    except OSError:
        # Another build was quicker; what it installed is the same.
        shutil.rmtree(partial)
    return folder


def _stage(staging: Path) -> None:
    """What Chalice reads: our code, compiled packs, the API document, its own configuration."""
    ignore = shutil.ignore_patterns("__pycache__", "packs", "compiled", "openapi.json")
    shutil.copytree(ROOT / "chalicelib", staging / "chalicelib", ignore=ignore)
    shutil.copy(ROOT / "app.py", staging / "app.py")
    compiled = staging / "chalicelib" / "policy" / "compiled"
    _call_if_present("chalicelib.policy.compile", "compile_all", compiled)
    document = staging / "chalicelib" / "web" / "openapi.json"
    _call_if_present("chalicelib.web.openapi", "write_document", document)
    # Our own zip writer adds the locked dependencies; Chalice shall not resolve any.
    (staging / "requirements.txt").write_text("", encoding="utf-8")
    settings = staging / ".chalice"
    settings.mkdir()
    files = {"config.json": chalice_config(), **policy_documents()}
    for name, content in files.items():
        (settings / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
    overlay = json.dumps(compose_overlay(), indent=1)
    (staging.parent / "overlay.json").write_text(overlay, encoding="utf-8")


def _call_if_present(module: str, function: str, path: Path) -> None:
    if importlib.util.find_spec(module) is None:
        return
    write: Callable[[Path], object] = getattr(importlib.import_module(module), function)
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path)


def _chalice_package(staging: Path, packaged: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from chalice.cli import main; main()",
        "package",
        "--stage",
        "main",
    ]
    command += ["--merge-template", str(staging.parent / "overlay.json"), str(packaged)]
    # Chalice wants a region to exist, not to be asked.
    environment = {**os.environ, "AWS_DEFAULT_REGION": "cn-north-1", "PYTHONDONTWRITEBYTECODE": "1"}
    _run(command, "chalice package", cwd=staging, environment=environment)


def _run(
    command: list[str], what: str, cwd: Path = ROOT, environment: dict[str, str] | None = None
) -> None:
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BuildError(f"{what}: {(done.stderr or done.stdout).strip()[-4000:]}")


def _check_template(template: Node) -> None:
    """Merging is silent: a misspelt id would add a resource without a type."""
    resources = node(template["Resources"], "Resources")
    untyped = [name for name, entry in resources.items() if "Type" not in node(entry, name)]
    if untyped:
        raise BuildError(f"resources without a type: {', '.join(sorted(untyped))}")
    missing = own_resources() - set(resources)
    if missing:
        raise BuildError(f"lost in the merge: {', '.join(sorted(missing))}")


def _write_zip(path: Path, chalice_zip: Path, vendored: Path) -> None:
    entries: dict[str, bytes] = {}
    for file in _files(vendored):
        entries[file.relative_to(vendored).as_posix()] = file.read_bytes()
    with zipfile.ZipFile(chalice_zip) as source:
        for name in source.namelist():
            if not name.endswith("/"):
                entries[name] = source.read(name)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(entries):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            archive.writestr(info, entries[name])


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder)
        if not path.is_file() or LEFT_OUT.intersection(place.parts):
            continue
        if not place.as_posix().startswith(UNREACHED):
            yield path


def _check_zip(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    missing = [part for part in MUST_CONTAIN if not any(name.startswith(part) for name in names)]
    if missing:
        raise BuildError(f"the zip lacks {', '.join(missing)}")
    if path.stat().st_size > MAX_ZIP_BYTES:
        raise BuildError(f"the zip has {path.stat().st_size} bytes, more than {MAX_ZIP_BYTES}")
