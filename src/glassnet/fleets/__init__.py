"""Fleets: many networks of one shape, trained together. Start reading in fleet.py.

The mathematics is that of core, which has an axis of members everywhere; here is what there is of
them beside it: the fleet itself, its loop, its steps, its history.
"""
