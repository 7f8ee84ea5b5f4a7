"""The classical decoders of movement as contenders, fitted to a task's training side."""

from neurobridge.spikes.decode.movement_kalman import choose_movement_kalman
from neurobridge.spikes.decode.wiener import fit_wiener
from neurobridge.spikes.decode.wiener_cascade import fit_wiener_cascade
from neurobridge.tasks.task import Predict, SupervisedTask

LAGS = 10


def wiener_filter(task: SupervisedTask) -> Predict:
    """The Wiener filter of the last ten bins; Carmena et al. 2003."""
    return fit_wiener(task.train.inputs, task.train.targets, min(LAGS, task.input_shape[0])).decode


def wiener_cascade(task: SupervisedTask) -> Predict:
    """The Wiener filter and a polynomial behind it; Pohlmeyer et al. 2007."""
    return fit_wiener_cascade(task.train.inputs, task.train.targets, min(LAGS, task.input_shape[0])).decode


def kalman_filter(task: SupervisedTask) -> Predict:
    """The Kalman filter whose state and lead are the best on the validation side; Wu et al. 2006."""
    train, unseen = task.train, task.validation
    return choose_movement_kalman(train.inputs, train.targets, unseen.inputs, unseen.targets).decode
