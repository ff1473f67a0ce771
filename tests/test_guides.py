"""What the guides in docs/ show in Python's shell is what it shows; `tests/live` asks PySpark."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
GUIDES = sorted(path for path in DOCS.glob("*.md") if "```pycon" in path.read_text("utf-8"))


def run_guide(path, sc):
    """The examples of a guide, with the context `sc`: how many there are, how many failed."""
    return doctest.testfile(
        str(path),
        module_relative=False,
        globs={"sc": sc},
        optionflags=doctest.ELLIPSIS,
        encoding="utf-8",
        parser=WithoutFences(),
    )


class WithoutFences(doctest.DocTestParser):
    """Reads Markdown: the fence that ends a block is no output of its last example."""

    def parse(self, string, name="<string>"):
        return super().parse(string.replace("```", "\n   "), name)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.stem)
def test_the_examples_of_a_guide_are_true(monkeypatch, sc, path):
    monkeypatch.chdir(DOCS.parent)
    found = run_guide(path, sc)
    assert found.attempted
    assert not found.failed
