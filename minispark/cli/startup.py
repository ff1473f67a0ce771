"""What an interactive Python runs first: the names `sc` and `spark`, and the user's own file.

It runs in the names of the user, and leaves no others there.
"""

if __name__ == "__main__":
    from minispark.cli import shell as _shell

    sc, spark = _shell.begin()
    for _path in _shell.own_startup():
        with open(_path, encoding="utf-8") as _file:
            exec(compile(_file.read(), _path, "exec"))
        del _path, _file
    del _shell
