"""Commands: `minispark-submit`, which runs a program, and `minispark`, a shell.

On top of the facade. Their first steps are taken before it is imported, to be quick.
"""
