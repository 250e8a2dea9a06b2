"""One artifact for AWS, built once for all tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.building.artifact import Artifact, build
from infra.local.state import CACHE


@pytest.fixture(scope="session")
def aws_artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return build(tmp_path_factory.mktemp("aws"), "aws", CACHE)


@pytest.fixture(scope="session")
def local_artifact(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    return build(tmp_path_factory.mktemp("local"), "local", CACHE)


@pytest.fixture(scope="session")
def template(aws_artifact: Artifact) -> dict[str, Any]:
    """The packaged template, before SAM expands it."""
    content: dict[str, Any] = json.loads(aws_artifact.template.read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="session")
def expanded(
    template: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Path]:
    """The plain CloudFormation template and the file it is in."""
    content = expand(template)
    path = tmp_path_factory.mktemp("expanded") / "template.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return content, path


def expand(template: dict[str, Any]) -> dict[str, Any]:
    """What SAM makes of the packaged template."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    copy: dict[str, Any] = json.loads(json.dumps(template))
    for resource in copy["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://bucket/deployment.zip"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "cn-north-1")
        translated: dict[str, Any] = Translator({}, Parser()).translate(copy, {})
    return translated
