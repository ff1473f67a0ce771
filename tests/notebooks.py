"""Run the notebook of the examples headless, on either engine, for the tests that compare them.

The notebook is stored with the outputs that real PySpark gave.
"""

import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parent.parent / "examples" / "notebooks" / "market_town.ipynb"
SWITCH = "minispark.activate()"


def stored():
    """The notebook as it lies there, with the outputs of PySpark."""
    return nbformat.read(NOTEBOOK, as_version=4)


def run(with_switch):
    """The notebook, executed: with its first cell on minispark, without it on PySpark."""
    notebook = stored()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            if SWITCH in cell.source and not with_switch:
                cell.source = "# not here: " + SWITCH
    client = NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(NOTEBOOK.parent)}}
    )
    return client.execute()


def outputs(notebook):
    """What each code cell shows: its source, what it printed, its value.

    Standard error is left out: Spark logs there.
    """
    shown = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or SWITCH in cell.source:
            continue
        printed = "".join(o.text for o in cell.outputs if o.get("name") == "stdout")
        values = [o.data["text/plain"] for o in cell.outputs if "data" in o]
        errors = [o.ename for o in cell.outputs if o.output_type == "error"]
        shown.append((cell.source, without_numbers(printed), values, errors))
    return shown


def without_numbers(text):
    """Without the number of the kernel's process, which is in the names of its cells' files."""
    return re.sub(r"/\S*/ipykernel_\d+/\d+\.py", "cell.py", text)
