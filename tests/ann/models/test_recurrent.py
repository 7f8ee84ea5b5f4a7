import pytest
import torch
from torch import nn

from neurobridge import models
from neurobridge.ann.models.recurrent_stack import CELLS, RecurrentStack, explicit_weights
from neurobridge.ann.models.shapes import Shapes
from neurobridge.errors import InputError, UnknownNameError

# PyTorch says this of its own recurrent layers when it exports them
pytestmark = pytest.mark.filterwarnings("ignore:The tensor attributes")

ROWS = Shapes(input_shape=(12, 5), output_size=3)
NAMES = ("rnn", "gru", "lstm", "bilstm", "stacked-lstm")


@pytest.mark.parametrize("cell", sorted(CELLS))
@pytest.mark.parametrize(("layers", "bidirectional"), [(1, False), (2, False), (1, True), (3, True)])
def test_the_equations_give_what_the_kernels_give(cell, layers, bidirectional):
    shape = {"layers": layers, "bidirectional": bidirectional}
    fused, explicit = (RecurrentStack(cell, 5, 7, form=form, **shape) for form in ("fused", "explicit"))
    explicit.load_state_dict(explicit_weights(fused.state_dict()))
    x = torch.randn(4, 9, 5, requires_grad=True)
    outputs, gradients = [], []
    for stack in (fused, explicit):
        made = stack(x)
        outputs.append(made)
        gradients.append(torch.autograd.grad(made.square().sum(), x)[0])
    assert torch.allclose(outputs[0], outputs[1], atol=1e-6)
    assert torch.allclose(gradients[0], gradients[1], atol=1e-5)


@pytest.mark.parametrize("form", ["fused", "explicit"])
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_a_carried_state_goes_on_where_it_stopped(cell, form):
    stack = RecurrentStack(cell, 3, 6, layers=2, form=form)
    x = torch.randn(2, 10, 3)
    first, memory = stack.carry(x[:, :4], None)
    second, _ = stack.carry(x[:, 4:], memory)
    assert torch.allclose(torch.cat([first, second], dim=1), stack(x), atol=1e-6)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_gates_lie_between_zero_and_one(cell):
    equations = CELLS[cell][0](3, 6)
    x = 10 * torch.randn(2, 3)
    for name, value in equations.opened(equations.drive(x), equations.start(x)).items():
        low = -1 if name == "candidate" else 0
        assert value.min() >= low
        assert value.max() <= 1


def test_the_forget_gate_starts_open():
    stack = RecurrentStack("lstm", 3, 6, forget_bias=1.0)
    bias = stack.fused.bias_ih_l0 + stack.fused.bias_hh_l0
    assert bias[6:12].mean() > 0.5 > bias[:6].abs().mean()


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_gates_can_start_with_memories_of_all_lengths(cell):
    torch.manual_seed(0)
    stack = RecurrentStack(cell, 1, 400, longest=100)
    keep = torch.sigmoid(stack.fused.bias_ih_l0[400:800])
    lasts = 1 / (1 - keep)  # steps until a memory has decayed by e
    # log u + the usual noise of 0.05: the middle of [1, 99] within three standard errors of 29 / sqrt(400)
    assert lasts.mean().item() == pytest.approx(51, abs=5)
    assert lasts.max() > 85


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("steps", [0, 12])
def test_exports_with_any_batch(name, steps):
    model = models.build(name, Shapes(input_shape=(12, 5), output_size=3, output_steps=steps), hidden=8).eval()
    batch = torch.export.Dim("batch", min=1, max=1024)
    exported = torch.export.export(model, (torch.randn(3, 12, 5),), dynamic_shapes=({0: batch},)).module()
    inputs = torch.randn(6, 12, 5)
    assert model(inputs).shape == ((6, 12, 3) if steps else (6, 3))
    assert torch.allclose(exported(inputs), model(inputs), atol=1e-6)


def test_read_from_both_ends_an_answer_sees_both_ends():
    model = models.build("bilstm", ROWS).eval()
    x = torch.randn(1, 12, 5, requires_grad=True)
    gradient = torch.autograd.grad(model(x).sum(), x)[0].abs().sum(-1)[0]
    assert gradient[0] > 1e-3
    assert gradient[-1] > 1e-3


def test_texts_get_one_answer():
    model = models.build("gru", Shapes(input_shape=(9,), output_size=2, vocabulary=30))
    assert model(torch.randint(0, 30, (4, 9))).shape == (4, 2)


def test_the_registry_knows_which_models_fit_which_task():
    assert set(NAMES) <= set(models.fitting(ROWS))
    tokens = Shapes(input_shape=(9,), output_size=30, output_steps=9, vocabulary=30)
    assert models.fitting(tokens) == ("language-model", "transformer-language-model")
    answers = Shapes(input_shape=(9,), output_size=30, output_steps=4, vocabulary=30)
    assert models.fitting(answers) == ("language-model", "seq2seq", "transformer-language-model")


def test_unknown_cells_and_forms_are_refused():
    with pytest.raises(UnknownNameError, match="unknown cell 'lst'; did you mean 'lstm'"):
        RecurrentStack("lst", 3, 3)
    with pytest.raises(InputError, match="form is 'fast'; it must be one of fused, explicit"):
        RecurrentStack("lstm", 3, 3, form="fast")
    with pytest.raises(InputError, match="layers >= 1 and width >= 1; got 0 and 3"):
        RecurrentStack("lstm", 3, 3, layers=0)


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_a_cell_is_that_of_torch(cell):
    ours = CELLS[cell][0](4, 6)
    theirs = {"rnn": nn.RNNCell, "gru": nn.GRUCell, "lstm": nn.LSTMCell}[cell](4, 6)
    theirs.load_state_dict(ours.state_dict())
    x, state = torch.randn(3, 4), tuple(torch.randn(3, 6) for _ in ours.start(torch.zeros(3, 4)))
    made = ours.step(ours.drive(x), state)
    expected = theirs(x, state if cell == "lstm" else state[0])
    for part, wanted in zip(made, expected if cell == "lstm" else (expected,), strict=True):
        assert torch.allclose(part, wanted, atol=1e-6)
