"""Amounts of memory as PySpark reads them: a number and a unit, in MiB."""

import pytest

from minispark.util import _parse_memory


@pytest.mark.parametrize(
    ("text", "mebibytes"),
    [
        ("256m", 256),
        ("2g", 2048),
        ("2T", 2 * 1024 * 1024),
        ("1.5G", 1536),
        ("2048K", 2),
        ("1k", 0),
        (" 1 g", 1024),
        ("-1m", -1),
    ],
)
def test_an_amount_is_a_number_and_a_unit(text: str, mebibytes: int) -> None:
    assert _parse_memory(text) == mebibytes


@pytest.mark.parametrize("text", ["12", "512mb", "x"])
def test_an_amount_without_a_unit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"invalid format: {text}"):
        _parse_memory(text)
