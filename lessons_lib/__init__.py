"""Helpers of *From Neuron to Diffusion*: plots, data, training, demos, exercises.

Nothing is imported here, so a lesson pays only for the module that it names, for
example ``from lessons_lib.plotting import show``.
"""

__version__ = "0.1.0"
