"""Where batches come from: rows of arrays, drawn in random order, one stretch ahead of their use.

What the training loop asks of a source is in core/plan.py. To add one: a file here with a class
that has those attributes. Batches that a user makes are read in intake/given.py.
"""
