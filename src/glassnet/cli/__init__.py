"""The command line: thin, one file a command, each parses, calls the library and reports.

Start reading in `app.py`. To add a command, write a file with a `COMMAND` in it and list it in
`app.COMMANDS`. Nothing here imports NumPy before a command runs, so that `glassnet --help` is
quick and BLAS can still be set up before NumPy is loaded.
"""

from .app import main

__all__ = ["main"]
