"""Equal content has equal bytes, the same that anybody's RFC 8785 library finds."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.canonical import MAX_EXACT_INTEGER, JsonValue, canonical_json

values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_EXACT_INTEGER, MAX_EXACT_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)


@pytest.mark.requirement("R-21")
def test_the_sample_of_the_standard_has_its_bytes() -> None:
    # RFC 8785 §3.2.2 to §3.2.4, without the numbers that are fractions.
    sample: JsonValue = {
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    expected = (
        "7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c22737472696e67223a22e282ac24"
        "5c75303030665c6e4127425c225c5c5c5c5c222f227d"
    )
    assert canonical_json(sample).hex() == expected


@pytest.mark.requirement("R-21")
def test_the_sorting_sample_of_the_standard_is_sorted_as_it_says() -> None:
    # RFC 8785 §3.2.3: by UTF-16 code units, so that U+1F600 stands before U+FB33.
    sample: JsonValue = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical_json(sample)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_control_characters_are_escaped_as_short_as_the_standard_says() -> None:
    # RFC 8785 §3.2.2.2
    assert canonical_json("\b\t\n\f\r\x00\x1f\x7f\u2028/") == (
        b'"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\xe2\x80\xa8/"'
    )


@given(values)
def test_reading_it_back_gives_the_value_and_the_same_bytes(value: JsonValue) -> None:
    spelled = canonical_json(value)
    assert canonical_json(json.loads(spelled)) == spelled
    assert json.loads(spelled) == value


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 9)))
def test_keys_stand_in_the_order_of_their_code_units_at_every_depth(value: dict[str, int]) -> None:
    (inner,) = json.loads(canonical_json([{"deep": value}]))
    names = list(inner["deep"])
    assert names == sorted(names, key=lambda name: name.encode("utf-16-be"))


@pytest.mark.parametrize(
    "value",
    [0.5, 1.0, 1e21, -1e-7, math.inf, math.nan, 2**53, -(2**53), 10**30, "\ud800", "\udead"],
)
def test_what_has_no_exact_spelling_is_refused_wherever_it_stands(value: object) -> None:
    for holder in (value, [value], {"a": value}, {"a": [True, {"b": ("c", value)}]}):
        with pytest.raises(ValueError):
            canonical_json(holder)


def test_the_largest_exact_integers_and_strings_full_of_digits_pass() -> None:
    assert canonical_json([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"
    assert canonical_json(["x,99999999999999999999", ":1.5e7"]) == (
        b'["x,99999999999999999999",":1.5e7"]'
    )
