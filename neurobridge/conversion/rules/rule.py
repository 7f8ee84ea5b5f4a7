"""What a lowering rule is."""

from collections.abc import Callable, Mapping
from typing import Any

Rule = Callable[..., Any]
"""`rule(build, *arguments) -> Signal`: the operation's own arguments, tensors of the network as signals."""

Rules = Mapping[str, Rule]
"""Name of an ATen operation, without overload and in-place mark -> its rule."""
