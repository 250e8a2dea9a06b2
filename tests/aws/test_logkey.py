"""The log has one key: made once, opened by the sequencer alone, and never missing in silence."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from chalicelib.aws import logkey
from chalicelib.aws.platform import Platform
from chalicelib.kernel.errors import Misconfigured
from chalicelib.kernel.ids import RandomIds
from chalicelib.kernel.settings import read_settings
from chalicelib.tlog.note import NoteSigner, open_note, sign_note


@pytest.fixture
def platform(aws: dict[str, str]) -> Platform:
    return Platform(read_settings(), ids=RandomIds())


@pytest.mark.requirement("R-20")
def test_the_key_is_made_once_and_signs_in_the_name_of_the_log(platform: Platform) -> None:
    key = platform.create_log_key()
    assert platform.create_log_key() == key
    assert key.name == platform.settings.log_origin
    assert open_note(sign_note("text\n", [platform.log_signer]), [key]).signed_by == (key,)


@pytest.mark.requirement("R-20")
def test_the_seed_lies_nowhere_unsealed(platform: Platform) -> None:
    platform.create_log_key()
    item = platform.keys.get(logkey.LOG_KEY)
    assert item is not None
    seed = platform.log_signer.seed
    assert seed.hex() not in cast(bytes, item["sealed"]).hex() + str(item)
    assert seed not in repr(platform.log_signer).encode()


@pytest.mark.requirement("R-20")
def test_who_comes_second_takes_the_key_of_who_came_first(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = platform.create_log_key()
    item = platform.keys.get(logkey.LOG_KEY)
    assert item is not None
    reads = iter([None])
    monkeypatch.setattr(type(platform.keys), "get", lambda *_: next(reads))
    assert platform.create_log_key() == first
    monkeypatch.undo()
    assert platform.keys.get(logkey.LOG_KEY) == item


@pytest.mark.requirement("R-20")
def test_without_its_key_or_under_another_name_there_is_no_log(platform: Platform) -> None:
    with pytest.raises(Misconfigured, match="setup"):
        _ = platform.log_signer
    platform.create_log_key()
    for name, told in (("", "LOG_ORIGIN"), ("other.example/log", "不能改名")):
        renamed = Platform(replace(platform.settings, log_origin=name))
        with pytest.raises(Misconfigured, match=told):
            _ = renamed.log_signer
        with pytest.raises(Misconfigured, match=told):
            renamed.create_log_key()


def test_a_name_no_note_can_bear_is_refused(platform: Platform) -> None:
    spaced = Platform(replace(platform.settings, log_origin="a log"))
    with pytest.raises(Misconfigured, match="空白"):
        spaced.create_log_key()
    assert platform.keys.get(logkey.LOG_KEY) is None


@pytest.mark.requirement("R-20")
def test_a_sealed_key_that_is_not_the_published_one_is_not_used(platform: Platform) -> None:
    platform.create_log_key()
    item = platform.keys.get(logkey.LOG_KEY)
    assert item is not None
    other = NoteSigner(platform.settings.log_origin, bytes(32)).key
    platform.keys.put({**item, "verifier_key": other.text})
    with pytest.raises(Misconfigured, match="公钥不符"):
        _ = platform.log_signer
