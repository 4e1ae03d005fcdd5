"""The engine: everything between a user's arrays and a trained network. NumPy only.

network.py is where to start reading. Nothing here imports from outside this folder.
"""
