"""The command `minispark conform`: a program for PySpark on both engines, and what differs.

On top of everything: it starts the engines as processes of their own, and imports neither.

    cli         the command line
    command     the words of a line: a program, its arguments, options for the engines
    runs        one run of a program, in a process, with a time limit
    busy        other work for the machine, so that what is timed shows
    workspace   where a program runs: its own copy of the working directory
    recorder    runs in that process, and writes down an uncaught exception
    failures    what of an exception is compared
    lines       texts of several runs, line by line
    contents    what is in a file that a program wrote
    perrun      what in a line is of one run only
    compare     the runs of two engines, and the verdict
    report      what is printed
"""
