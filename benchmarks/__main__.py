"""`python -m benchmarks [--without] [NAME ...]` runs the benchmarks named, or all, or all but those named."""

import sys
from importlib import import_module
from pathlib import Path

NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if path.stem not in ("__init__", "__main__", "record", "gpu")
)


def main(arguments: list[str]) -> int:
    """Run benchmarks one after another."""
    named = [name for name in arguments if name != "--without"]
    unknown = [name for name in named if name not in NAMES]
    if unknown:
        print(f"unknown benchmark {', '.join(unknown)}; known: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    chosen = [name for name in NAMES if name not in named] if "--without" in arguments else named or NAMES
    for name in chosen:
        print(f"== {name}", flush=True)
        import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
