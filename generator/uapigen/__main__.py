"""``python -m uapigen`` is ``uapigen``."""

import sys

from uapigen.cli import main

sys.exit(main())
