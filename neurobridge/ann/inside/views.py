"""What a spatial transformer makes of its input."""

import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.ann.models.spatial_transformer import SpatialTransformerCNN


def views(model: SpatialTransformerCNN, images: Tensor) -> ndarray:
    """Return images `(sample, channel, row, column)` as the classifier behind the transformer sees them."""
    with torch.no_grad():
        return model.eval().transformer(images).numpy()
