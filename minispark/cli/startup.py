"""What an interactive Python runs first: the names `sc` and `spark`, and the user's own file.

It runs in the names of the user, and leaves no others there.
"""

from minispark.cli import shell as _shell

sc, spark = _shell.begin()

if _shell.own_startup():
    with open(_shell.own_startup(), encoding="utf-8") as _file:  # type: ignore[arg-type]
        _code = compile(_file.read(), _file.name, "exec")
    exec(_code)
    del _code, _file
del _shell
