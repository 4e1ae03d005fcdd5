"""Pictures of networks and of their training; every function takes numbers and draws them.

To add a picture: write a function with `ax=None` in the file of its family (or in a new one), take
colours, sizes and axes from style.py, list it here, and look at the PNG with awkward data.
Matplotlib is an extra (`pip install "glassnet[plots]"`), imported when a picture is drawn.

Every function draws on the Axes that it is given and returns it (an array of Axes where a picture
has several panels). Without `ax` it makes a figure of its own:
- in a script or an interactive session it is a pyplot figure: `plt.show()` shows it;
- in a notebook it appears under the cell, once;
- without a screen nothing opens: `save(ax, "loss.png")` writes it, and lets go of figures made
  here when no window could show them, so that a loop of a thousand pictures does not pile up;
- in any thread but the main one (a server) pyplot is not touched at all, it is not safe there.
On-screen resolution and colours of text and background follow the user's matplotlib settings.
"""

from .boundary import decision_boundary, decision_grid
from .confusion import confusion_matrix
from .curves import history, learning_rate
from .diagrams import diagram
from .files import save
from .images import first_layer, misread
from .intervals import band
from .layers import layer_statistics
from .regression import fitted_curve, predicted_against_true
from .selection import cross_validation, learning_curve, search
from .sensitivity import attributions, partial_dependence

__all__ = [
    "attributions",
    "band",
    "confusion_matrix",
    "cross_validation",
    "decision_boundary",
    "decision_grid",
    "diagram",
    "first_layer",
    "fitted_curve",
    "history",
    "layer_statistics",
    "learning_curve",
    "learning_rate",
    "misread",
    "partial_dependence",
    "predicted_against_true",
    "save",
    "search",
]
