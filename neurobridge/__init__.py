"""Two sciences and the bridge between them.

    ann --conversion--> graph --backends--> snnTorch, Brian2, Nengo, NIR

`ann` trains PyTorch networks, `neuro` simulates neurons with Brian2, `graph` holds a spiking network as
plain data, `conversion` turns a trained network into such a graph, `backends` run it, and `comparison`
judges all of them on the same `tasks`. Nothing heavy is imported before it is used.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "convert": "neurobridge.conversion.convert:convert",
    "compare": "neurobridge.comparison.compare:compare",
    "finetune": "neurobridge.conversion.finetune:finetune",
    "from_sb3": "neurobridge.ann.reinforcement.stable_baselines:from_sb3",
    "load": "neurobridge.conversion.files:load",
    "save": "neurobridge.conversion.files:save",
    "tasks": "neurobridge.tasks",
    "models": "neurobridge.ann.models",
    "train_spiking": "neurobridge.conversion.direct:train_spiking",
    "verify": "neurobridge.comparison.verify:verify",
}

__all__ = ["compare", "convert", "finetune", "from_sb3", "load", "models", "save", "tasks", "train_spiking", "verify"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'neurobridge' has no attribute {name!r}; it offers {', '.join(__all__)}")
    module, _, attribute = _PUBLIC[name].partition(":")
    found = import_module(module)
    return getattr(found, attribute) if attribute else found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
