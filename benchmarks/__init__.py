"""glassnet beside others: `python -m benchmarks` (or `make bench`).

Every contender runs in a process of its own, all of them in turn, so that threads and settings do
not mix and a change of the machine's speed meets all alike. Only ratios are to be trusted.
"""
