"""Faults while jobs run, for the tests: what is injected is drawn from a seed.

`faults` says which faults there are and draws them; `inside` is what happens in a task; `runner`
puts it around the engine's own runner of tasks, and does what happens outside; `runs` is a run: one
context, some pipelines and programs whose right answers are known, and what they leave behind;
`left_out` says which are not for this, and why. `python -m conformance.chaos` does many.
"""
