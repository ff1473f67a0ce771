"""`python -m conformance.examples`."""

import sys

from conformance.examples.cli import main

sys.exit(main())
