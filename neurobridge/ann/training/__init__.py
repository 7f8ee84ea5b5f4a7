"""Training loops, checkpoints and their exact resumption."""

from neurobridge.ann.training.checkpoint import load_weights, save_weights
from neurobridge.ann.training.config import TrainingConfig
from neurobridge.ann.training.contender import contender
from neurobridge.ann.training.fit import fit_cached
from neurobridge.ann.training.history import Epoch, History
from neurobridge.ann.training.logs import CurveFile, TensorBoard
from neurobridge.ann.training.recipes import architecture, recipe
from neurobridge.ann.training.train import train

__all__ = [
    "CurveFile",
    "Epoch",
    "History",
    "TensorBoard",
    "TrainingConfig",
    "architecture",
    "contender",
    "fit_cached",
    "load_weights",
    "recipe",
    "save_weights",
    "train",
]
