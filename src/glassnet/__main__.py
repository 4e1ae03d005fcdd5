"""`python -m glassnet` is the same as the command `glassnet`.

Nothing else belongs here: the command line lives in `cli/`.
"""

import sys

from glassnet.cli import main

if __name__ == "__main__":
    sys.exit(main())
