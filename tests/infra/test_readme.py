"""What the README tells a newcomer to type, set or open exists."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import fields

import pytest

from app import leads_api, private_api, public_api
from chalicelib.kernel.settings import Settings
from infra.building.lock import ROOT
from infra.commands import _parser
from infra.local.demo import demo_roles

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)


def subcommands() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in _parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def test_it_opens_with_the_two_commands() -> None:
    opening = README[:1200]
    assert "python3 infra/dev.py up " in opening
    assert "python3 infra/dev.py test " in opening


def test_every_command_named_is_one_the_launcher_knows() -> None:
    named = set(re.findall(r"infra/dev\.py (\w+)", README))
    assert named == {name for name, _ in subcommands()}


def test_every_option_of_up_named_is_real() -> None:
    options = dict(subcommands())["up"].format_help()
    rows = [line for line in README.splitlines() if line.startswith("| `python3 infra/dev.py up`")]
    found = re.findall(r"--[a-z-]+", rows[0])
    assert len(found) >= 5
    assert [option for option in found if option not in options] == []


def test_every_variable_named_is_a_setting() -> None:
    section = README.partition("| variable | meaning |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", section))
    assert len(named) >= 4
    assert named <= {field.name.upper() for field in fields(Settings)}


def test_every_folder_of_the_map_is_there_and_none_is_left_out() -> None:
    section = README.partition("## Where to look")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `([\w./]+)` \|", section, re.MULTILINE)
    assert [path for path in named if not (ROOT / path).exists()] == []
    rooms = {
        f"chalicelib/{room.name}/"
        for room in (ROOT / "chalicelib").iterdir()
        if (room / "__init__.py").exists()
    }
    assert rooms <= set(named)


def test_every_link_into_the_project_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert [to for to in links if "://" not in to and not (ROOT / to).exists()] == []


def test_every_route_of_the_walk_is_served() -> None:
    served = [
        re.sub(r"\{\w+\}", "[^/]+", spec.path)
        for spec in (*private_api.specs, *public_api.specs, *leads_api.specs)
    ]
    walked = set(re.findall(r"\$BASE(/[\w./$-]*)", "\n".join(BLOCKS)))
    assert len(walked) >= 12
    table = json.loads((ROOT / "infra" / "front-door.json").read_text(encoding="utf-8"))
    files = [route["prefix"] for route in table["routes"] if route["to"] == "publication"]
    lost = [
        path
        for path in walked
        if not any(re.fullmatch(one, path) for one in served)
        and not any(prefix.startswith(f"{path}/") for prefix in files)
    ]
    assert lost == []


@pytest.mark.parametrize("role", demo_roles())
def test_every_demo_identity_is_named(role: str) -> None:
    assert role in README
