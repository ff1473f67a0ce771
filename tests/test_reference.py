"""The reference: every public name that PySpark has and minispark has stands on a page of it."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "docs"))
reference = importlib.import_module("reference")

SURFACE: dict[str, Any] = json.loads((ROOT / "conformance/recorded_surface.json").read_text())


@pytest.fixture(scope="module")
def pages() -> str:
    return "\n".join(text for _, text in reference.reference_pages())


def public_members() -> list[str]:
    """Class.member of what PySpark's classes have and minispark's of the same path have, too.

    Of those that some module gives to ``import *``: the others are workings of PySpark's own.
    """
    exported = {name for module in reference.public_modules() for name in module.__all__}
    found = []
    for path, facts in SURFACE["classes"].items():
        home, _, name = path.rpartition(".")
        try:
            cls = getattr(importlib.import_module(f"minispark.{home}"), name, None)
        except ImportError:
            continue
        if name not in exported or cls is None or issubclass(cls, BaseException):
            continue
        found += [
            f"{name}.{member}"
            for member in facts["members"]
            if not member.startswith("_") and hasattr(cls, member)
        ]
    return found


def test_every_public_member_of_a_class_has_an_entry(pages: str) -> None:
    members = public_members()
    assert len(members) > 400
    assert [each for each in members if f":: {each}\n" not in pages] == []


def test_every_entry_says_how_it_stands_to_spark(pages: str) -> None:
    entries = pages.count(".. auto")
    assert entries > 500
    assert pages.count("**As in Spark**") + pages.count("**Differs from Spark**") == entries


def test_what_differs_says_so() -> None:
    cls = importlib.import_module("minispark").SparkContext
    differs = "**Differs from Spark**"
    assert reference._status("uiWebUrl", cls.uiWebUrl).startswith(differs)
    assert reference._status("parallelize", cls.parallelize).startswith("**As in Spark**: compared")
