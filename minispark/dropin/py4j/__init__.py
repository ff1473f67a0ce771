"""What programs import from `py4j` when they only want to catch errors: see `protocol`."""
