"""The README's Python example does what the README says."""

import re
from pathlib import Path

import pytest
import torch

README = (Path(__file__).parents[1] / "README.md").read_text()


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    (example,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    found: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("readme"))
        torch.manual_seed(0)
        exec(compile(example, "README.md", "exec"), found)
        found["reloaded"] = found["nb"].load("digits.nb")
    return found


def test_the_spiking_network_answers_as_the_trained_one_does(names):
    inputs = torch.as_tensor(names["task"].test.inputs)
    same = names["logits"].argmax(1) == names["model"](inputs).argmax(1)
    assert same.float().mean() >= 0.99
    right = names["logits"].argmax(1) == torch.as_tensor(names["task"].test.targets)
    assert right.float().mean() > 0.9


def test_it_is_made_of_snntorch_neurons(names):
    import snntorch

    assert any(isinstance(part, snntorch.SpikingNeuron) for part in names["snn"].modules())


def test_the_saved_network_is_the_same(names):
    inputs = torch.as_tensor(names["task"].test.inputs)
    torch.testing.assert_close(names["reloaded"](inputs), names["logits"])


def test_every_command_in_it_exists():
    from neurobridge.cli.main import VERBS

    used = set(re.findall(r"^neurobridge (\w+)", README, flags=re.MULTILINE))
    assert used
    assert used <= set(VERBS)
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    assert all(f"\n{target}:" in makefile for target in re.findall(r"^make (\w+)", README, flags=re.MULTILINE))
