"""The notebook of the examples says `import pyspark`; run headless here, it shows Spark's outputs.

That the stored outputs are those of PySpark is asked of PySpark in tests/live.
"""

from tests import notebooks


def test_the_notebook_shows_on_minispark_what_pyspark_showed():
    expected = notebooks.outputs(notebooks.stored())
    assert len(expected) >= 8
    assert notebooks.outputs(notebooks.run(with_switch=True)) == expected


def test_nothing_but_its_first_cell_names_minispark():
    cells = [cell.source for cell in notebooks.stored().cells if cell.cell_type == "code"]
    assert notebooks.SWITCH in cells[0]
    assert not [source for source in cells[1:] if "minispark" in source]
