"""Time of an update on a million parameters, against torch's fastest implementation of the same rule.

What is timed is an update without the model's own work: gradients are there already, and neither a closure's calls nor
derivatives that a rule takes by itself count (full relaxation's gradient and Hessian-vector product). Own rules are
compared with SGD's foreach update, per evaluation of the model: a closure's call, or a Hessian-vector product, which
costs the model as much as two calls; the ratio per call of the closure alone stands beside it. SGLD draws a normal
number a parameter, so `torch.Tensor.normal_` on as many numbers is measured in the same rounds, as what it can't go
below.

Processor time; contenders in a random order in each round; a ratio is the median of the rounds' ratios. The same
update of torch twice under two names says how far from 1 ratios are by chance.
"""

import json
import platform
from pathlib import Path
from statistics import median

import torch

from neurobridge.ann.optimizers import GradientDescent, build
from neurobridge.ann.racing.footprint import RATE, FreeClosure, million, relative, update_seconds

# ours -> torch's class and options
SAME_RULE = {
    "minibatch_sgd": (torch.optim.SGD, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "heavy_ball": (torch.optim.SGD, {"momentum": 0.9}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    "adagrad": (torch.optim.Adagrad, {}),
    "rmsprop": (torch.optim.RMSprop, {}),
    "adam": (torch.optim.Adam, {}),
    "adamw": (torch.optim.AdamW, {}),
}
IMPLEMENTATIONS = {"loop": {"foreach": False}, "foreach": {"foreach": True}, "fused": {"fused": True}}
OWN = {"armijo": {}, "goldstein": {}, "full_relaxation": {}, "sam": {"base": GradientDescent}, "sgld": {}}
HESSIAN_PRODUCTS = {"full_relaxation": 1}
REPEATS = 400
RESULT = Path(__file__).parent / "results" / "optimizers.json"


class Noise:
    """Draws as many normal numbers as there are parameters, into memory that is there."""

    def __init__(self, parameters):
        self.numbers = torch.empty(sum(entry.numel() for entry in parameters))

    def step(self, closure):
        """Draw."""
        self.numbers.normal_()


def main():
    torch.set_num_threads(1)
    same = {name: against_torch(name, *rule) for name, rule in SAME_RULE.items()}
    own = {name: against_sgd(name, options) for name, options in OWN.items()}
    versions = {"python": platform.python_version(), "torch": torch.__version__, "machine": platform.machine()}
    record = {
        "parameters": sum(entry.numel() for entry in million()),
        "repeats": REPEATS,
        "versions": versions,
        "same_rule": same,
        "own_rules": own,
    }
    RESULT.write_text(json.dumps(record, indent=1) + "\n")
    for name, entry in same.items():
        print(
            f"{name:16s} {entry['microseconds']:7.0f} us, {entry['ratio']:.3f} x torch's {entry['fastest']} "
            f"(itself again: {entry['chance']:.3f})"
        )
    for name, entry in own.items():
        print(
            f"{name:16s} {entry['per_evaluation']:.2f} x SGD's foreach update per evaluation "
            f"({entry['evaluations']}), {entry['per_call']:.2f} per call ({entry['calls']})"
        )
    sgld = own["sgld"]
    print(f"sgld: the noise alone {sgld['noise']:.2f} x, the rule {sgld['over_bound']:.3f} x noise and SGD's update")


def against_torch(name, rule, options):
    makers = {
        kind: lambda parameters, extra=extra: rule(parameters, lr=RATE, **options, **extra)
        for kind, extra in IMPLEMENTATIONS.items()
        if not (kind == "fused" and rule is torch.optim.RMSprop)
    }
    again = {f"{kind} again": make for kind, make in makers.items()}
    everyone = {"ours": lambda parameters: build(name, parameters, lr=RATE), **makers, **again}
    taken = dict(zip(everyone, update_seconds(list(everyone.values()), REPEATS, shared=True), strict=True))
    fastest = min(makers, key=lambda kind: median(taken[kind]))
    return {
        "microseconds": 1e6 * median(taken["ours"]),
        "fastest": fastest,
        "ratio": relative(taken["ours"], taken[fastest]),
        "chance": relative(taken[f"{fastest} again"], taken[fastest]),
        "torch_microseconds": {kind: 1e6 * median(taken[kind]) for kind in makers},
    }


def against_sgd(name, options):
    ours, theirs, noise = update_seconds(
        [
            lambda parameters: build(name, parameters, lr=RATE, **options),
            lambda parameters: torch.optim.SGD(parameters, lr=RATE, foreach=True),
            *([Noise] if name == "sgld" else []),
        ],
        REPEATS,
    ) + ([] if name == "sgld" else [None])
    closure = FreeClosure(million())
    build(name, closure.parameters, lr=RATE, **options).step(closure)
    evaluations = closure.calls + HESSIAN_PRODUCTS.get(name, 0)
    ratio = relative(ours, theirs)
    found = {
        "ratio": ratio,
        "calls": closure.calls,
        "evaluations": evaluations,
        "per_call": ratio / closure.calls,
        "per_evaluation": ratio / evaluations,
    }
    if noise:
        bound = [sum(pair) for pair in zip(theirs, noise, strict=True)]
        found |= {"noise": relative(noise, theirs), "over_bound": relative(ours, bound)}
    return found


if __name__ == "__main__":
    main()
