"""A config dataclass and a function make a runnable program: options from the fields, help from their docs."""

import os
import sys
import textwrap
import traceback
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

from neurobridge.errors import NeurobridgeError

Config = TypeVar("Config")

DONE, FAULT, BAD_INPUT = 0, 1, 2


def parse(
    config: type[Config],
    arguments: Sequence[str] | None = None,
    program: str | None = None,
    about: str | None = None,
) -> Config:
    """Return a config filled from the command line.

    A field's help is the string literal under it; a field marked `tyro.conf.Positional` needs no flag.

    Args:
        config: a dataclass with a default for every optional field.
        arguments: the words after the program's name; those of this process if None.
        program: the name shown in the usage line.
        about: what `--help` says first; the config's docstring if None.
    """
    import tyro

    # tyro makes one line of a paragraph however long it is, unless its lines begin with a blank
    paragraphs = [" ".join(part.split()) for part in (about or config.__doc__ or "").split("\n\n")]
    described = "\n\n".join(textwrap.fill(part, 79, subsequent_indent=" ") for part in paragraphs)
    marks = (tyro.conf.FlagCreatePairsOff,)
    return tyro.cli(config, args=arguments, prog=program, description=described, config=marks)


def guarded(action: Callable[[], object]) -> int:
    """Run `action` and return its exit code: 0 done, 2 bad usage or input, 1 internal fault."""
    try:
        action()
        sys.stdout.flush()
    except NeurobridgeError as error:
        print(f"error: {error}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # who reads our output has seen enough, as `head` does; Python would complain again when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception:
        traceback.print_exc()
        print(
            "This is a fault of neurobridge, not of your input; please report it with the lines above.", file=sys.stderr
        )
        return FAULT
    return DONE


def run(config: type[Config], main: Callable[[Config], object]) -> NoReturn:
    """Parse this process's arguments into `config`, call `main` with it, and exit; the file's docstring is its help."""
    about = sys.modules[config.__module__].__doc__
    sys.exit(guarded(lambda: main(parse(config, about=about))))
