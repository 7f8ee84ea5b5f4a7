import pytest
import torch
from torch import Generator, nn

from neurobridge import models
from neurobridge.ann.models.sampling import draw, kept, sample
from neurobridge.ann.models.shapes import Shapes
from neurobridge.errors import InputError

P = torch.tensor([0.05, 0.5, 0.15, 0.3])


class Counter(nn.Module):
    """Predicts the number after each token."""

    shapes = Shapes(input_shape=(4,), output_size=10, output_steps=4, vocabulary=10)

    def forward(self, tokens):
        assert tokens.shape[1] <= 4
        return 20.0 * nn.functional.one_hot((tokens + 1) % 10, 10)


def test_the_likeliest_token_follows():
    assert sample(Counter(), torch.tensor([7]), 5, temperature=0).tolist() == [7, 8, 9, 0, 1, 2]


def test_top_k_keeps_the_likeliest():
    assert kept(P, 2, None).tolist() == pytest.approx([0, 0.5, 0, 0.3])


@pytest.mark.parametrize(("top_p", "count"), [(0.4, 1), (0.5, 1), (0.6, 2), (0.9, 3), (1.0, 4)])
def test_a_nucleus_is_the_smallest_set_that_reaches_its_bound(top_p, count):
    assert (kept(P, None, top_p) > 0).sum() == count


def test_temperature_sharpens():
    # 4,000 draws of p = 0.5: a standard error of 0.8 %; 4 % is 5 sigma
    shares = []
    for temperature in (1.0, 0.5):
        random = Generator().manual_seed(0)
        drawn = torch.cat([draw(P.log(), temperature, None, None, random) for _ in range(4000)])
        shares.append((drawn == 1).float().mean().item())
    assert shares[0] == pytest.approx(0.5, abs=0.04)
    assert shares[1] == pytest.approx(0.25 / P.square().sum().item(), abs=0.04)


def test_the_seed_fixes_the_text():
    model = models.build("language-model", Shapes(input_shape=(8,), output_size=30, output_steps=8, vocabulary=30))
    texts = [sample(model, torch.tensor([1]), 20, seed=seed) for seed in (1, 1, 2)]
    assert torch.equal(texts[0], texts[1])
    assert not torch.equal(texts[0], texts[2])


@pytest.mark.parametrize(
    ("prompt", "options", "message"),
    [
        ([], {}, "at least one token"),
        ([10], {}, "token 10 at .* outside the vocabulary of 10"),
        ([1], {"temperature": -1}, "temperature >= 0"),
        ([1], {"top_k": 0}, "top_k >= 1"),
        ([1], {"top_p": 0}, "0 < top_p <= 1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(prompt, options, message):
    with pytest.raises(InputError, match=message):
        sample(Counter(), torch.tensor(prompt, dtype=torch.int64), 1, **options)
