"""What attention looks at."""

import torch
from numpy import ndarray
from torch import Tensor

from neurobridge.ann.models.attention import MultiHeadAttention
from neurobridge.ann.models.seq2seq import Seq2Seq
from neurobridge.ann.models.transformer import TransformerEncoder, TransformerLanguageModel


def attention_maps(model: TransformerEncoder | TransformerLanguageModel, inputs: Tensor) -> list[ndarray]:
    """Return the attention of each block, `(sample, head, step, looked at)`; rows sum to 1."""
    maps: list[ndarray] = []

    def watch(layer: MultiHeadAttention, arguments: tuple[Tensor, ...], output: Tensor) -> None:
        maps.append(layer.weights(*arguments).numpy())

    handles = [block.attention.register_forward_hook(watch) for block in model.blocks]  # type: ignore[union-attr]
    try:
        with torch.no_grad():
            model.eval()(inputs)
    finally:
        for handle in handles:
            handle.remove()
    return maps


def alignment(model: Seq2Seq, tokens: Tensor) -> ndarray:
    """Return where each answer of a translation looks, `(sample, answer, source)`; rows sum to 1."""
    with torch.no_grad():
        return model.eval().weights(tokens).numpy()
