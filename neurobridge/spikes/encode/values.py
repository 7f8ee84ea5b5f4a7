"""The check that every code makes: values between 0 and 1."""

import numpy as np
from numpy import ndarray

from neurobridge.errors import InputError


def checked(values: ndarray) -> ndarray:
    """Return the values as floats.

    Raises:
        InputError: one lies outside 0 to 1.
    """
    numbers = np.asarray(values, dtype=float)
    if not ((numbers >= 0) & (numbers <= 1)).all():
        raise InputError("these codes carry values from 0 to 1; scale them first, (x - x.min()) / (x.max() - x.min()).")
    return numbers
