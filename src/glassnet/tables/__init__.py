"""Tables: what a table is, and how its columns become the inputs of a network.

A frame is a table as columns of numbers or text (frame.py); a recipe, learned from the rows to
train with, says what each column becomes (recipe.py, columns.py) and travels in the model file as
`network.columns`. To add a kind of column, see columns.py.
"""

from .frame import Frame, read_frame
from .recipe import Recipe, learn, recipe_from_json

__all__ = ["Frame", "learn", "read_frame", "Recipe", "recipe_from_json"]
