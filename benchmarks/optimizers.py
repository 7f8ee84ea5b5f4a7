"""Time of an update on a million parameters, against torch's fastest implementation of the same rule.

Own rules are compared with SGD's foreach update, per closure call where a rule makes several; the closure
itself costs nothing here, nor does full relaxation's Hessian-vector product. Processor times are taken in a
random order; each is the tenth percentile of its updates, because others on the machine only ever add time.
"""

import json
import platform
from pathlib import Path

import torch

from neurobridge.ann.optimizers import build
from neurobridge.ann.racing.footprint import RATE, measure_footprint, million, quiet, update_seconds

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
OWN = ("armijo", "goldstein", "full_relaxation", "sam", "sgld")
REPEATS = 400
RESULT = Path(__file__).parent / "results" / "optimizers.json"


def main():
    torch.set_num_threads(1)
    same = {name: against_torch(name, *rule) for name, rule in SAME_RULE.items()}
    own = {name: against_sgd(name) for name in OWN}
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
        print(f"{name:16s} {entry['microseconds']:7.0f} us, {entry['ratio']:.3f} x torch's {entry['fastest']}")
    for name, entry in own.items():
        print(f"{name:16s} {entry['per_call']:.2f} x SGD's foreach update per closure call ({entry['calls']} calls)")


def against_torch(name, rule, options):
    makers = {
        kind: lambda parameters, extra=extra: rule(parameters, lr=RATE, **options, **extra)
        for kind, extra in IMPLEMENTATIONS.items()
        if not (kind == "fused" and rule is torch.optim.RMSprop)
    }
    ours, *theirs = update_seconds(
        [lambda parameters: build(name, parameters, lr=RATE), *makers.values()], REPEATS, shared=True
    )
    fastest = min(zip(theirs, makers, strict=True), key=lambda entry: quiet(entry[0]))
    return {
        "microseconds": 1e6 * quiet(ours),
        "fastest": fastest[1],
        "ratio": quiet(ours) / quiet(fastest[0]),
        "torch_microseconds": {kind: 1e6 * quiet(taken) for taken, kind in zip(theirs, makers, strict=True)},
    }


def against_sgd(name):
    options = {"beta": 0.0} if name == "sam" else {}
    found = measure_footprint(name, repeats=REPEATS, **options)
    return {"ratio": found.seconds, "calls": found.closures, "per_call": found.seconds / found.closures}


if __name__ == "__main__":
    main()
