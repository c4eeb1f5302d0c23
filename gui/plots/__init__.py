"""The plots: axes and layers that paint into them."""

from gui.plots.parts_of_pyqtgraph import load

load()
