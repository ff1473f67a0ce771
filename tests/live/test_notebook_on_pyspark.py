"""The outputs that the notebook of the examples is stored with are those of real PySpark.

`python -m tests.live.test_notebook_on_pyspark` runs it there and stores them anew.
"""

import nbformat

from tests import notebooks


def test_the_stored_outputs_are_those_of_pyspark():
    assert notebooks.outputs(notebooks.run(with_switch=False)) == notebooks.outputs(
        notebooks.stored()
    )


def record():
    """Store the outputs of PySpark in the notebook, without what it logged."""
    notebook = notebooks.stored()
    for cell, executed in zip(notebook.cells, notebooks.run(with_switch=False).cells, strict=True):
        if cell.cell_type == "code":
            cell.execution_count = executed.execution_count
            cell.outputs = [o for o in executed.outputs if o.get("name") != "stderr"]
            for output in cell.outputs:
                if "text" in output:
                    output.text = notebooks.without_numbers(output.text)
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, notebooks.NOTEBOOK)


if __name__ == "__main__":
    record()
