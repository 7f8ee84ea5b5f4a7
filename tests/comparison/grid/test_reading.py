"""A study's file is understood, and what is wrong with it is said before anything runs."""

import pytest

from neurobridge.comparison.grid.material import check
from neurobridge.comparison.grid.plan import revived
from neurobridge.comparison.grid.reading import EXAMPLE, read
from neurobridge.errors import FileFormatError, InputError, UnknownNameError
from tests.comparison.grid import cases

GRID = '[[grid]]\ntasks = ["digits"]\nmodels = ["mlp"]\n'


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_the_example_is_understood(tmp_path):
    grid = read(written(tmp_path, EXAMPLE))
    assert grid.name == "mine"
    assert grid.presets == ("45 nm int8",)
    # 2 networks x 2 optimizers x 3 seeds, each with itself, radix 4 and 8, rate 16
    assert len(grid.networks()) == 12
    assert len(grid.cells()) == 12 * 4
    assert grid.settings(grid.networks()[0]).epochs == 10
    assert grid.tasks["mnist"]["data"] == str(tmp_path / "data" / "mnist")
    assert revived(grid.described()) == revived(revived(grid.described()).described())


def test_the_large_study_of_the_tests_has_200_cells(tmp_path):
    grid = read(written(tmp_path, cases.TOML))
    assert len(set(grid.cells())) == 200
    assert len({cell.name for cell in grid.cells()}) == 200
    check(grid)


def test_tables_are_united_without_doubles(tmp_path):
    one = GRID + "seeds = [0, 1]\ncodes = { radix = [4] }\n"
    other = GRID + "seeds = [1, 2]\ncodes = { radix = [4, 8] }\n"
    grid = read(written(tmp_path, one + other))
    assert [network.seed for network in grid.networks()] == [0, 1, 2]
    assert [cell.name.rpartition(".")[2] for cell in grid.cells()] == [
        "ann", "radix-4", "ann", "radix-4", "radix-8", "ann", "radix-4", "radix-8"
    ]  # fmt: skip


def test_an_optimizers_settings_go_before_the_studys_and_those_before_the_recipes(tmp_path):
    text = GRID + 'optimizers = ["adam", "sgd"]\n[training]\nepochs = 3\n'
    text += "[optimizers.sgd]\nlearning_rate = 1\nepochs = 5\n"
    grid = read(written(tmp_path, text))
    adam, sgd = (grid.settings(network) for network in grid.networks() if network.seed == 1)
    assert (adam.optimizer, adam.epochs, adam.learning_rate, adam.seed) == ("adam", 3, 3e-3, 1)
    assert (sgd.optimizer, sgd.epochs, sgd.learning_rate) == ("sgd", 5, 1)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("[[grid]\n", FileFormatError, r"mine.toml isn't TOML: .*line 1"),
        ("", InputError, r"mine.toml: a study needs at least one \[\[grid\]\] table"),
        ("[grid]\n", InputError, "in two brackets"),
        ("grids = 1\n" + GRID, UnknownNameError, "unknown table 'grids'; did you mean 'grid'"),
        (GRID + "seed = [1]", UnknownNameError, r"unknown key of \[\[grid\]\] 1 'seed'; did you mean 'seeds'"),
        (GRID + "seeds = [1.5]", InputError, r"\[\[grid\]\] 1: seeds must be a list of whole numbers.*got \[1.5\]"),
        (GRID + "seeds = [-1]", InputError, "seeds must not be below 0"),
        ('[[grid]]\nmodels = ["mlp"]', InputError, r"\[\[grid\]\] 1 needs tasks, a list of texts"),
        (GRID.replace("digits", "digitz"), UnknownNameError, "mine.toml: unknown task .*did you mean 'digits'"),
        (GRID.replace("mlp", "mpl"), UnknownNameError, "unknown model .*'mpl'; did you mean 'mlp'"),
        (GRID + 'optimizers = ["adm"]', UnknownNameError, "unknown optimizer .*'adm'; did you mean 'adam'"),
        (GRID + 'codes = ["radx"]', UnknownNameError, "unknown code 'radx'; did you mean 'radix'"),
        (GRID + "codes = { radix = [0] }", InputError, "steps of code 'radix' is 0"),
        ('presets = ["45nm"]\n' + GRID, UnknownNameError, "unknown energy preset '45nm'; did you mean '45 nm"),
        (GRID + "[training]\nepoch = 1", UnknownNameError, r"unknown setting in \[training\], 'epoch'; did you mean"),
        (GRID + '[training]\nepochs = "1"', InputError, r"\[training\]: epochs must be of type int; got '1'"),
        (GRID + "[training]\ncompile = 1", InputError, "compile must be of type bool; got 1"),
        (GRID + "[models]\nmlp = 1", InputError, r"\[models\] holds tables, as in \[models"),
        (GRID + "[models.mpl]\n", UnknownNameError, r"unknown model in \[models\], 'mpl'"),
        ("name = 1\n" + GRID, InputError, "name must be text; got 1"),
        ("training = 1\n" + GRID, InputError, r"\[training\] must be a table of settings; got 1"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path, text, error, message):
    with pytest.raises(error, match=message):
        read(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"can't read the study .*none.toml"):
        read(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (GRID.replace("mlp", "lstm"), InputError, r"model 'lstm' doesn't fit task 'digits'; these do: .*\[\[grid\]\]"),
        (GRID + "[models.mlp]\nwidth = [1]", UnknownNameError, "option of model 'mlp', 'width'; did you mean 'widths'"),
        (GRID + '[models.mlp]\nwidths = ["a"]', InputError, r"\[models.mlp\] .* can't be used"),
        (
            GRID + 'optimizers = ["sgd"]',
            InputError,
            r"is meant for adam; give sgd its own: \[optimizers.sgd\] learning",
        ),
        (GRID + "[training]\nepochs = 0", InputError, "epochs is 0; it must be at least 1"),
        (GRID.replace("digits", "mnist"), InputError, "task 'mnist' reads files"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(tmp_path, text, error, message):
    grid = read(written(tmp_path, text))
    with pytest.raises(error, match=message):
        check(grid)
