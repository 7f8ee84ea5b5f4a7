import pytest
import torch
from torch import nn

from neurobridge import models
from neurobridge.ann.models.attention import MultiHeadAttention
from neurobridge.ann.models.seq2seq import ATTENTIONS
from neurobridge.ann.models.shapes import Shapes
from neurobridge.errors import InputError, UnknownNameError

# PyTorch says this of its own recurrent layers when it exports them
pytestmark = pytest.mark.filterwarnings("ignore:The tensor attributes")

ROWS = Shapes(input_shape=(12, 5), output_size=3)
TEXT = Shapes(input_shape=(12,), output_size=20, output_steps=12, vocabulary=20)
ANSWERS = Shapes(input_shape=(13,), output_size=20, output_steps=5, vocabulary=20)


def test_attention_is_that_of_torch():
    ours, theirs = MultiHeadAttention(8, 2), nn.MultiheadAttention(8, 2, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([part.weight for part in (ours.query, ours.key, ours.value)]))
        theirs.in_proj_bias.copy_(torch.cat([part.bias for part in (ours.query, ours.key, ours.value)]))
        theirs.out_proj.load_state_dict(ours.out.state_dict())
    x = torch.randn(3, 6, 8)
    expected, weights = theirs(x, x, x, average_attn_weights=False)
    assert torch.allclose(ours(x), expected, atol=1e-6)
    assert torch.allclose(ours.weights(x), weights, atol=1e-6)


def test_causal_weights_look_back_only_and_sum_to_one():
    weights = MultiHeadAttention(8, 2, causal=True).weights(torch.randn(3, 6, 8))
    assert torch.allclose(weights.sum(-1), torch.ones(3, 2, 6))
    assert weights.triu(1).abs().max() == 0


def test_heads_share_the_width():
    with pytest.raises(InputError, match="width 10 does not share out over 3 heads"):
        MultiHeadAttention(10, 3)


@pytest.mark.parametrize(
    ("name", "shapes"),
    [("transformer-language-model", TEXT), ("language-model", TEXT), ("transformer-language-model", ANSWERS),
     ("language-model", ANSWERS), ("seq2seq", ANSWERS)],
)  # fmt: skip
def test_no_answer_sees_a_later_token(name, shapes):
    model = models.build(name, shapes).eval()
    tokens = torch.randint(0, 20, (4, *shapes.input_shape))
    before = model(tokens)
    steps = shapes.output_steps
    changed = tokens.clone()
    changed[:, -2:] = (changed[:, -2:] + 1) % 20
    after = model(changed)
    assert before.shape == (4, steps, 20)
    assert torch.allclose(before[:, : steps - 2], after[:, : steps - 2], atol=1e-6)
    assert (before[:, steps - 1] - after[:, steps - 1]).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("name", "shapes"), [("transformer", ROWS), ("transformer-language-model", TEXT), ("language-model", TEXT),
                         ("seq2seq", ANSWERS)],
)  # fmt: skip
def test_exports_with_any_batch(name, shapes):
    def draw(count):
        size = (count, *shapes.input_shape)
        return torch.randint(0, 20, size) if shapes.vocabulary else torch.randn(size)

    model = models.build(name, shapes).eval()
    batch = torch.export.Dim("batch", min=2, max=1024)
    exported = torch.export.export(model, (draw(3),), dynamic_shapes=({0: batch},)).module()
    inputs = draw(5)
    assert torch.allclose(exported(inputs), model(inputs), atol=1e-5)


def test_the_encoder_sees_where_things_stand():
    model = models.build("transformer", ROWS).eval()
    x = torch.randn(2, 12, 5)
    assert not torch.allclose(model(x), model(x.flip(1)), atol=1e-4)


def test_tied_weights_are_one():
    for name in ("language-model", "transformer-language-model"):
        tied, free = models.build(name, TEXT), models.build(name, TEXT, tied=False)
        assert tied.readout.weight is tied.embedding.weight
        assert free.readout.weight is not free.embedding.weight


def test_a_carried_state_continues_a_text():
    model = models.build("language-model", TEXT, hidden=16).eval()
    tokens = torch.randint(0, 20, (2, 12))
    first, memory = model.carry(tokens[:, :5], None)
    second, _ = model.carry(tokens[:, 5:], memory)
    assert torch.allclose(torch.cat([first, second], 1), model(tokens), atol=1e-5)


@pytest.mark.parametrize("name", sorted(ATTENTIONS))
def test_attention_weights_sum_to_one(name):
    model = models.build("seq2seq", ANSWERS, attention=name).eval()
    weights = model.weights(torch.randint(0, 20, (3, 13)))
    assert weights.shape == (3, 5, 8)
    assert torch.allclose(weights.sum(-1), torch.ones(3, 5))


def test_bahdanaus_score_by_hand():
    attention = ATTENTIONS["bahdanau"](4, 6)
    states, memory = torch.randn(2, 3, 4), torch.randn(2, 5, 6)
    gathered, weights = attention(states, memory)
    scores = torch.stack(
        [
            attention.score.weight[0]
            @ torch.tanh(attention.query.weight @ states[1, 2] + attention.key.weight @ memory[1, place])
            for place in range(5)
        ]
    )
    assert torch.allclose(weights[1, 2], scores.softmax(0), atol=1e-6)
    assert torch.allclose(gathered[1, 2], scores.softmax(0) @ memory[1], atol=1e-6)


def test_an_odd_width_of_the_encoder_is_refused():
    with pytest.raises(InputError, match="hidden is 7"):
        models.build("seq2seq", ANSWERS, hidden=7)


def test_an_unknown_attention_is_refused():
    with pytest.raises(UnknownNameError, match="unknown attention"):
        models.build("seq2seq", ANSWERS, attention="dot")


def test_an_unknown_activation_is_refused():
    with pytest.raises(UnknownNameError, match="unknown activation"):
        models.build("transformer", ROWS, activation="swish")
