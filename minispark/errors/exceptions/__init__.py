"""The exception classes: `base` holds those of PySpark's name, `spark` the one for failed jobs."""
