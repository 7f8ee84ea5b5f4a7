from dataclasses import replace

import numpy as np
import pytest
import torch

from neurobridge import models, tasks
from neurobridge.ann.optimizers import OPTIMIZERS
from neurobridge.ann.training import TrainingConfig, architecture, contender, fit_cached, recipe, train
from neurobridge.ann.training.augmentation import AUGMENTATIONS
from neurobridge.ann.training.recipes import ARCHITECTURES, RECIPES
from neurobridge.ann.training.schedules import SCHEDULES
from neurobridge.errors import FileFormatError, InputError, TrainingError, UnknownNameError, lookup
from neurobridge.tasks.task import Metric, Split, SupervisedTask

CONFIG = TrainingConfig(
    epochs=4, batch_size=200, learning_rate=5e-3, augmentation="affine", device="cpu", clip=1.0, warmup=0.1
)


@pytest.fixture(scope="module")
def digits():
    return tasks.load("digits")


def network(digits, seed=0):
    # dropout and batch normalisation: state and randomness that a resumed run must get right
    return models.build("cnn", digits, seed=seed, widths=(4, 8), dropout=0.2)


def same(first, second):
    return all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


# plain steps want larger rates than adaptive ones, line searches start from 1
RATES = {
    **dict.fromkeys(("sgd", "asgd", "gradient_descent", "minibatch_sgd", "sam", "sgld", "nesterov"), 0.3),
    **dict.fromkeys(("armijo", "goldstein", "full_relaxation", "adadelta"), 1.0),
    "momentum": 0.3,
    "heavy_ball": 0.1,
    "lbfgs": 0.5,
    "rprop": 1e-3,
}


class KilledError(Exception):
    pass


def kill_after(epoch):
    def watch(row):
        if row.epoch == epoch:
            raise KilledError

    return watch


def test_what_follows_the_weights_is_done_before_each_epoch_also_of_a_resumed_run(digits, tmp_path):
    """A buffer that holds the sum of the weights before the last epoch comes out the same."""

    class Followed(torch.nn.Sequential):
        def __init__(self):
            super().__init__(torch.nn.Flatten(), models.build("mlp", digits, seed=0, widths=(8,)))
            self.register_buffer("before", torch.zeros(()))
            self.calls = 0

        def follow(self):
            self.calls += 1
            self.before.copy_(sum(p.detach().sum() for p in self.parameters()))

    config = replace(CONFIG, epochs=3, augmentation="none", keep="last")
    whole, killed, resumed = Followed(), Followed(), Followed()
    train(whole, digits, config, before_epoch=whole.follow)
    with pytest.raises(KilledError):
        train(killed, digits, config, directory=tmp_path, before_epoch=killed.follow, watchers=[kill_after(1)])
    train(resumed, digits, config, directory=tmp_path, before_epoch=resumed.follow)
    assert [one.calls for one in (whole, killed, resumed)] == [3, 1, 2]
    assert same(whole, resumed)


@pytest.mark.parametrize("optimizer", ["adam", "momentum", "rmsprop", "adagrad", "full_relaxation"])
@pytest.mark.parametrize("keep", ["best", "last"])
def test_a_killed_run_ends_with_the_same_weights(digits, tmp_path, optimizer, keep):
    options = {"beta": 0.95} if optimizer == "momentum" else None
    config = replace(CONFIG, optimizer=optimizer, options=options, keep=keep)
    whole, history = train(network(digits), digits, config)
    with pytest.raises(KilledError):
        train(network(digits), digits, config, directory=tmp_path, watchers=[kill_after(2)])
    torch.manual_seed(99)  # the rest of the process may use random numbers as it likes
    resumed, again = train(network(digits, seed=1), digits, config, directory=tmp_path)
    assert same(whole, resumed)
    assert [(row.loss, row.validation) for row in history.epochs] == [
        (row.loss, row.validation) for row in again.epochs
    ]


def test_equal_seeds_give_equal_weights_and_others_do_not(digits):
    runs = [train(network(digits), digits, replace(CONFIG, epochs=1, seed=seed))[0] for seed in (0, 0, 1)]
    assert same(runs[0], runs[1])
    assert not same(runs[0], runs[2])


def test_the_global_random_state_is_left_alone(digits):
    before = torch.random.get_rng_state()
    train(network(digits), digits, replace(CONFIG, epochs=1))
    assert torch.equal(before, torch.random.get_rng_state())


def test_another_run_in_the_folder_is_refused(digits, tmp_path):
    train(network(digits), digits, replace(CONFIG, epochs=1), directory=tmp_path)
    with pytest.raises(InputError, match=r"holds another training run \(training.epochs 1, not 2\)"):
        train(network(digits), digits, replace(CONFIG, epochs=2), directory=tmp_path)


def test_a_damaged_checkpoint_is_refused(digits, tmp_path):
    train(network(digits), digits, replace(CONFIG, epochs=1), directory=tmp_path)
    path = tmp_path / "last.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FileFormatError, match="truncated or not a safetensors file"):
        train(network(digits), digits, replace(CONFIG, epochs=1), directory=tmp_path)


def test_weights_alone_are_not_a_run(digits, tmp_path):
    train(network(digits), digits, replace(CONFIG, epochs=1), directory=tmp_path)
    (tmp_path / "last.safetensors").write_bytes((tmp_path / "best.safetensors").read_bytes())
    with pytest.raises(FileFormatError, match="not the state of a training run"):
        train(network(digits), digits, replace(CONFIG, epochs=1), directory=tmp_path)


def test_a_cached_fit_is_not_repeated(digits, tmp_path):
    config = replace(CONFIG, epochs=1)
    first, history = fit_cached(digits, "mlp", 3, tmp_path, config=config, widths=(8,))
    second, again = fit_cached(digits, "mlp", 3, tmp_path, config=config, widths=(8,))
    fit_cached(digits, "mlp", 3, tmp_path, config=config, widths=(9,))
    assert same(first, second)
    assert history.rows() == again.rows()  # seconds included: nothing was trained
    assert len(list(tmp_path.iterdir())) == 2


def test_a_loss_that_is_not_a_number_stops_and_keeps_the_last_checkpoint(digits, tmp_path):
    config = replace(CONFIG, optimizer="sgd", learning_rate=1e-3, schedule="constant", warmup=0, clip=None)
    model = models.build("mlp", digits, widths=(8,))

    def explode(row):
        if row.epoch == 2:
            with torch.no_grad():
                model.readout.weight.fill_(float("inf"))

    with pytest.raises(TrainingError, match="the loss is nan at update 1 of epoch 3"):
        train(model, digits, config, directory=tmp_path, watchers=[explode])
    resumed, history = train(models.build("mlp", digits, widths=(8,)), digits, config, directory=tmp_path)
    assert len(history) == 4
    assert all(torch.isfinite(weight).all() for weight in resumed.parameters())


def test_weights_that_are_not_finite_after_the_last_update_stop_too(digits):
    config = replace(CONFIG, epochs=1, batch_size=5000, optimizer="sgd", learning_rate=1e38, warmup=0, clip=None)
    with pytest.raises(TrainingError, match="outputs are no longer finite after epoch 1"):
        train(models.build("mlp", digits), digits, config)


def test_early_stopping_returns_the_best_weights(digits):
    config = replace(CONFIG, epochs=50, patience=2, learning_rate=1e-2)
    model, history = train(network(digits), digits, config)
    scores = history.column("validation")
    assert len(history) < 50
    assert history.best == len(history) - 3
    assert digits.judge_on(digits.validation, contender(model)).summary == pytest.approx(scores.max())


def test_parts_of_a_batch_add_up_to_the_batch(digits):
    config = replace(CONFIG, epochs=1, augmentation="none", optimizer="sgd", clip=None)
    whole, parts = (
        train(models.build("mlp", digits), digits, replace(config, accumulate=count))[0] for count in (1, 3)
    )
    for one, other in zip(whole.parameters(), parts.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_clipping_bounds_the_step(digits):
    config = replace(
        CONFIG, epochs=1, batch_size=5000, optimizer="sgd", learning_rate=1.0, schedule="constant", warmup=0, clip=0.01
    )
    before = models.build("mlp", digits)
    after, history = train(models.build("mlp", digits), digits, config)
    moved = sum((a - b).square().sum() for a, b in zip(before.parameters(), after.parameters(), strict=True)).sqrt()
    assert moved.item() == pytest.approx(0.01, rel=1e-3)
    assert history.column("gradient_norm")[0] > 0.01


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_every_optimizer_learns_and_resumes_exactly(digits, tmp_path, optimizer):
    rate = RATES.get(optimizer, 1e-2)
    config = TrainingConfig(
        epochs=2, batch_size=200, optimizer=optimizer, learning_rate=rate, schedule="constant",
        options={"temperature": 1e-6} if optimizer == "sgld" else None,
    )  # fmt: skip
    whole, history = train(models.build("mlp", digits, widths=(16,)), digits, config)
    first, second = history.column("loss")
    assert second < first
    with pytest.raises(KilledError):
        train(models.build("mlp", digits, widths=(16,)), digits, config, directory=tmp_path, watchers=[kill_after(1)])
    resumed, _ = train(models.build("mlp", digits, widths=(16,)), digits, config, directory=tmp_path)
    assert same(whole, resumed)


def test_a_factory_may_replace_the_named_optimizer(digits):
    made = []

    def factory(weights):
        made.append(torch.optim.SGD(weights, lr=0.5))
        return made[0]

    _, history = train(models.build("mlp", digits), digits, replace(CONFIG, epochs=1, warmup=0), make_optimizer=factory)
    assert made
    assert 0 < history.column("learning_rate")[0] < 0.5


def test_mixed_precision_learns(digits):
    _, history = train(models.build("mlp", digits), digits, replace(CONFIG, precision="bf16"))
    assert history.column("validation")[-1] > 80


def test_regression_tasks_train(digits):
    x = np.linspace(-1, 1, 200, dtype=np.float32)[:, None]
    side = Split(inputs=x, targets=(2 * x[:, 0] + 1), groups=np.arange(200))
    task = SupervisedTask(
        name="line", title="A line", source="here", metric=Metric(name="MSE", higher_is_better=False),
        input_shape=(1,), output_size=1, train=side, validation=side, test=side,
        loss="squared error", scoring="squared error",
    )  # fmt: skip
    config = TrainingConfig(epochs=60, batch_size=50, learning_rate=1e-2)
    model, history = train(models.build("mlp", task, widths=(16,)), task, config)
    assert task.judge(contender(model)).summary < 1e-3
    assert history.best == int(np.argmin(history.column("validation")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs is 0; it must be at least 1"),
        ({"patience": 0}, "patience is 0"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0"),
        ({"clip": -1.0}, "clip is -1.0"),
        ({"label_smoothing": 1.0}, "label_smoothing 1.0"),
        ({"keep": "first"}, "keep is 'first'"),
    ],
)
def test_settings_that_make_no_sense_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        TrainingConfig(**changes)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"optimizer": "adm"}, UnknownNameError, "did you mean 'adam'"),
        ({"schedule": "cosin"}, UnknownNameError, "did you mean 'cosine'"),
        ({"augmentation": "shit"}, UnknownNameError, "did you mean 'shift'"),
        ({"precision": "fp8"}, UnknownNameError, "unknown precision 'fp8'"),
        ({"precision": "fp16"}, InputError, "'fp16' needs a GPU"),
        ({"device": "cuda:7"}, InputError, "device 'cuda:7' isn't there"),
        ({"device": "gpu"}, InputError, "unknown device 'gpu'"),
        ({"optimizer": "momentum", "options": {"beta": 1.0}}, InputError, r"beta=1.0 is outside the range \[0, 1\)"),
        ({"options": {"beta": 1.0}}, InputError, "optimizer 'adam' has no option 'beta'"),
    ],
)
def test_names_that_do_not_exist_are_refused(digits, changes, error, message):
    with pytest.raises(error, match=message):
        train(models.build("mlp", digits), digits, replace(CONFIG, **changes))


def test_smoothing_needs_classes(digits):
    task = tasks.load("adding", length=4)
    with pytest.raises(InputError, match="label_smoothing is for cross-entropy; the loss 'squared error' has no"):
        train(models.build("rnn", task), task, replace(CONFIG, augmentation="none", label_smoothing=0.1))


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_every_recipe_names_what_there_is(name):
    task, _, model = name.partition(" ")
    assert task in tasks.names()
    assert not model or model in models.names()
    lookup("optimizer", RECIPES[name].optimizer, OPTIMIZERS)
    lookup("schedule", RECIPES[name].schedule, SCHEDULES)
    lookup("augmentation", RECIPES[name].augmentation, AUGMENTATIONS)


@pytest.mark.parametrize("name", sorted(ARCHITECTURES))
def test_every_architecture_fits_its_task(name):
    task, _, model = name.partition(" ")
    built = models.build(model, tasks.load(task), **architecture(task, model))
    assert all(getattr(built.config, option) == value for option, value in architecture(task, model).items())


def test_stored_networks_have_the_architecture_of_their_task(tmp_path):
    task = tasks.load("copy-memory")
    task = replace(task, **{side: getattr(task, side).head(8) for side in ("train", "validation", "test")})
    config = TrainingConfig(epochs=1)
    usual, _ = fit_cached(task, "language-model", 0, tmp_path, config=config)
    other, _ = fit_cached(task, "language-model", 0, tmp_path, config=config, hidden=8)
    assert (usual.config.hidden, other.config.hidden) == (64, 8)
    assert usual.config.embedding == other.config.embedding == 16
    assert architecture("digits", "cnn") == {}


def test_the_recipe_of_a_pair_goes_before_that_of_the_task():
    assert recipe("digits", "mlp") != recipe("digits") == recipe("digits", "cnn")
    assert recipe("unheard of") == TrainingConfig()


@pytest.mark.slow
def test_a_compiled_network_trains_alike(digits):
    config = replace(CONFIG, epochs=1, augmentation="none", clip=None)
    plain, compiled = (
        train(models.build("mlp", digits), digits, replace(config, compile=choice))[1] for choice in (False, True)
    )
    assert compiled.column("loss")[0] == pytest.approx(plain.column("loss")[0], rel=1e-3)


def test_deterministic_mode_holds_inside_only(digits):
    seen = []
    config = replace(CONFIG, epochs=1, deterministic=True)
    train(
        network(digits),
        digits,
        config,
        watchers=[lambda row: seen.append(torch.are_deterministic_algorithms_enabled())],
    )
    assert seen == [True]
    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.slow
def test_the_default_network_reads_digits(digits):
    scores = []
    for seed in range(3):
        model, _ = train(models.build("cnn", digits, seed=seed), digits, replace(recipe("digits"), seed=seed))
        scores.append(digits.judge(contender(model)).summary)
    assert np.mean(scores) >= 98.5
