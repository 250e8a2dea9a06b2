"""Receipt codes: unguessable, and forgiving to whoever copies one from paper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.leads.rules_codes import CODE_BYTES, code_of, plain_code

pytestmark = pytest.mark.requirement("R-62", "R-65")

secrets = st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES)


def test_a_code_holds_at_least_128_bits_in_groups_of_four() -> None:
    assert CODE_BYTES * 8 >= 128
    assert code_of(bytes(20)) == "-".join(["0000"] * 8)
    assert code_of(bytes([255] * 20)) == "-".join(["ZZZZ"] * 8)
    with pytest.raises(ValueError, match="160"):
        code_of(bytes(16))


@given(secrets, secrets)
def test_different_secrets_have_different_codes(one: bytes, other: bytes) -> None:
    assert (plain_code(code_of(one)) == plain_code(code_of(other))) == (one == other)


@given(secrets, st.data())
def test_it_may_be_typed_with_other_spaces_case_and_signs_that_look_alike(
    secret: bytes, data: st.DataObject
) -> None:
    code = code_of(secret)
    alike = {"0": "0Oo０", "1": "1IilL１", "-": ["-", " ", "", "－", " – "]}
    typed = "".join(
        data.draw(st.sampled_from(list(alike.get(sign, [sign, sign.lower()])))) for sign in code
    )
    assert plain_code(f"  {typed}\n") == plain_code(code)


@given(st.text())
def test_whatever_is_typed_is_read_without_complaint(typed: str) -> None:
    assert plain_code(plain_code(typed)) == plain_code(typed)
