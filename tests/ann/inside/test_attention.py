import numpy as np
import torch

from neurobridge import models
from neurobridge.ann.inside.attention import alignment, attention_maps
from neurobridge.ann.inside.views import views
from neurobridge.ann.models.shapes import Shapes


def test_maps_of_all_blocks_and_heads_sum_to_one():
    shapes = Shapes(input_shape=(7, 3), output_size=2)
    maps = attention_maps(models.build("transformer", shapes, layers=3, heads=2), torch.randn(4, 7, 3))
    assert [one.shape for one in maps] == [(4, 2, 7, 7)] * 3
    assert np.allclose(np.stack(maps).sum(-1), 1, atol=1e-5)


def test_a_language_model_looks_back_only():
    shapes = Shapes(input_shape=(7,), output_size=9, output_steps=7, vocabulary=9)
    (first, _) = attention_maps(models.build("transformer-language-model", shapes), torch.randint(0, 9, (2, 7)))
    assert np.triu(first, 1).max() == 0


def test_watching_leaves_nothing_behind():
    model = models.build("transformer", Shapes(input_shape=(7, 3), output_size=2))
    attention_maps(model, torch.randn(1, 7, 3))
    assert not any(block.attention._forward_hooks for block in model.blocks)


def test_alignment_has_a_row_for_each_answer():
    shapes = Shapes(input_shape=(11,), output_size=9, output_steps=4, vocabulary=9)
    rows = alignment(models.build("seq2seq", shapes), torch.randint(0, 9, (3, 11)))
    assert rows.shape == (3, 4, 7)
    assert np.allclose(rows.sum(-1), 1, atol=1e-5)


def test_an_untrained_transformer_shows_its_input():
    images = torch.rand(2, 1, 12, 12)
    model = models.build("stn-cnn", Shapes(input_shape=(1, 12, 12), output_size=10))
    assert np.allclose(views(model, images), images.numpy(), atol=1e-4)
