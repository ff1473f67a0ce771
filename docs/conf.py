"""The documentation as a site: `python -m sphinx --fail-on-warning docs build/site`.

The pages of docs/ as they are, and a reference page for each public class and module, which
`reference.py` writes from the package.
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import reference  # noqa: E402

import minispark  # noqa: E402  # the package of this checkout

project = "minispark"
release = minispark.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"minispark {release}"
templates_path: list[str] = []
suppress_warnings: list[str] = []
autodoc_typehints = "signature"
autodoc_default_options = {"members": False}
autodoc_inherit_docstrings = False
python_use_unqualified_type_names = True
napoleon_google_docstring = False
myst_heading_anchors = 3
toc_object_entries_show_parents = "hide"


def setup(app: object) -> None:
    """Write the reference pages before the sources are read."""
    reference.write_pages(HERE / "reference")
