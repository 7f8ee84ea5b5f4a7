"""`neurobridge VERB ...`: find the verb, read its options, run it.

Exit codes: 0 done, 2 bad usage or input, 1 a fault of neurobridge.
"""

import gc
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module

from neurobridge import __version__
from neurobridge.errors import NeurobridgeError, lookup
from neurobridge.program import BAD_INPUT, DONE, guarded, parse

# verb -> (module, what it does); the module has a dataclass `Config` with a field `json`, and `main(config)`
VERBS: Mapping[str, tuple[str, str]] = {
    "compare": ("neurobridge.cli.compare", "train a network, convert it with every code, judge all alike, report"),
    "convert": ("neurobridge.cli.convert", "turn your own trained PyTorch network into a spiking one"),
    "doctor": ("neurobridge.cli.doctor", "look at the installation and say what to repair"),
    "info": ("neurobridge.cli.info", "say what a converted network holds"),
    "report": ("neurobridge.cli.report", "draw the figures and the report of a study again"),
    "simulate": ("neurobridge.cli.simulate", "run published neurons and networks; check their numbers"),
    "study": ("neurobridge.cli.study", "run a grid of tasks, networks and codes, here or on a cluster"),
    "tasks": ("neurobridge.cli.tasks", "list the tasks and the networks that fit them"),
    "verify": ("neurobridge.cli.verify", "compare the spikes of all simulators that are installed"),
    "train": ("neurobridge.cli.train", "train a network on a task and keep its weights"),
}

# Threads that wait busily take the cores from each other: on two shared cores a small network trains 2.7 times slower.
# The variable is read when torch loads, which is after this.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

HELP = """\
usage: neurobridge VERB [OPTIONS]

Trained PyTorch networks as spiking networks, judged on the same task.

{verbs}

neurobridge VERB --help   what a verb takes
neurobridge --version     which version this is

Start here:
  neurobridge compare digits --quick
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code.

    Args:
        arguments: the words after `neurobridge`; those of this process if None.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words:
        print(overview(), file=sys.stderr, end="")
        return BAD_INPUT
    if words[0] in ("--help", "-h", "help"):
        print(overview(), end="")
        return DONE
    if words[0] in ("--version", "version"):
        print(f"neurobridge {__version__}")
        return DONE
    return run(words[0], words[1:])


def run(verb: str, words: Sequence[str]) -> int:
    """Run `verb` with its own words and return the exit code."""
    try:
        place = lookup("verb", verb, VERBS)[0]
    except NeurobridgeError as error:
        print(f"error: {error}\nTry: neurobridge --help", file=sys.stderr)
        return BAD_INPUT
    return guarded(lambda: perform(place, verb, words))


def perform(place: str, verb: str, words: Sequence[str]) -> None:
    """Load the module of a verb and run it."""
    with uncollected():
        module = import_module(place)
    module.main(parse(module.Config, words, program=f"neurobridge {verb}"))


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage among what is loaded inside, now or later: modules stay, and searching them takes 0.3 s."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def overview() -> str:
    """Return what `neurobridge --help` prints."""
    longest = max(map(len, VERBS))
    return HELP.format(verbs="\n".join(f"  {verb:<{longest}}  {summary}" for verb, (_, summary) in VERBS.items()))


if __name__ == "__main__":
    sys.exit(main())
