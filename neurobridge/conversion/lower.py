"""A traced network becomes a spiking graph, one rule an operation; all that has no rule is refused at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.fx import Node as Call

from neurobridge.conversion.build import UNKNOWN, Builder
from neurobridge.conversion.rules import RULES, Rule
from neurobridge.conversion.signals import Samples, Signal
from neurobridge.conversion.trace import Traced, operation, source_line
from neurobridge.errors import UnsupportedOperationError
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Encode, Readout

_NEAREST = {
    "cumsum": "a product with a constant triangular matrix",
    "argsort": "the values of sort, or argmax of an output",
    "nonzero": "a constant mask",
    "complex": "real and imaginary parts as two real tensors",
    "bernoulli": "a noise tensor passed in as an argument",
    "rand_like": "a noise tensor passed in as an argument",
}
"""Operation -> the rewrite nearest to it."""


class _Failed:
    """Stands for the result of an operation that could not be lowered."""


def lower(
    traced: Traced, code: str, steps: int, signed: Mapping[str, bool], rules: Mapping[str, Rule] | None = None
) -> Graph:
    """Return the spiking graph of a traced network, its ranges still unknown.

    Args:
        traced: the exported network.
        code: name of the code.
        steps: T of every population.
        signed: input name -> whether its numbers can be negative.
        rules: operation -> rule, beside and before our own.

    Raises:
        UnsupportedOperationError: operations that have no spiking form, all of them, each with the user's line.
    """
    return _Lowering(traced, Builder(code=code, steps=steps), {**RULES, **(rules or {})}).graph(signed)


class _Lowering:
    """One walk over the exported operations."""

    def __init__(self, traced: Traced, build: Builder, rules: Mapping[str, Rule]) -> None:
        self.traced, self.build, self.rules = traced, build, rules
        self.values: dict[str, Any] = {}
        self.problems: list[str] = []
        self.vocabularies = self._looked_up()

    def graph(self, signed: Mapping[str, bool]) -> Graph:
        """Walk, then return the graph or raise with every problem."""
        for call in self.traced.program.graph.nodes:
            if call.op == "placeholder":
                self.values[call.name] = self._argument(call, signed)
            elif call.op == "call_function":
                self.values[call.name] = self._called(call)
            elif call.op == "output":
                self._outputs(call)
        if self.problems:
            listed = "\n".join(f"  {i}. {text}" for i, text in enumerate(self.problems, 1))
            raise UnsupportedOperationError(
                f"{len(self.problems)} operation(s) have no spiking form under the {self.build.code} code:\n{listed}"
            )
        code, steps = self.build.code, self.build.steps
        return Graph(code=code, steps=steps, nodes=()).with_nodes(self.build.nodes)

    def _looked_up(self) -> dict[str, int]:
        """Return how many rows the table has in which an argument is looked up, so that it is known to hold tokens."""
        found = {}
        for call in self.traced.program.graph.nodes:
            if call.op == "call_function" and operation(call.target) == "embedding":
                table, tokens = call.args[:2]
                if tokens.name in self.traced.inputs and table.name in self.traced.constants:
                    found[tokens.name] = len(self.traced.constants[table.name])
        return found

    def _argument(self, call: Call, signed: Mapping[str, bool]) -> Any:
        if call.name not in self.traced.inputs:
            return self.traced.constants[call.name]
        dims = self._dims(call.meta["val"])
        axis = next(i for i, (_, holds) in enumerate(dims) if holds)
        shape = tuple(n for n, holds in dims if not holds)
        rank = len(shape)
        self.build.name = call.name
        self.build.nodes.append(
            Encode(
                name=self.build.fresh(),
                inputs=(),
                shape=shape,
                origin=f"argument {call.name}",
                steps=self.build.steps,
                low=np.zeros(()),
                high=UNKNOWN,
                paired=signed[call.name] and not self.build.streaming,
                channel=-3 if rank >= 3 else (-1 if rank else None),
                position=self.traced.inputs.index(call.name),
                current=self.build.streaming,
            )
        )
        kind = "current" if self.build.streaming else "spikes"
        channel = self.build.nodes[-1].channel  # type: ignore[attr-defined]
        signal = Signal(node=call.name, kind=kind, shape=shape, samples=Samples(axis=axis), channel=channel)
        if call.name in self.vocabularies:
            self.build.tokens(signal, self.vocabularies[call.name])
        return signal

    def _dims(self, value: Tensor) -> list[tuple[int, bool]]:
        return [(_per_sample(n), isinstance(n, torch.SymInt)) for n in value.shape]

    def _called(self, call: Call) -> Any:
        arguments = torch.fx.node.map_arg(call.args, lambda node: self.values[node.name])
        options = torch.fx.node.map_arg(call.kwargs, lambda node: self.values[node.name])
        flat = torch.utils._pytree.tree_leaves((arguments, options))
        if any(isinstance(leaf, _Failed) for leaf in flat):
            return _Failed()
        if not any(isinstance(leaf, Signal) for leaf in flat):
            return call.target(*arguments, **options)
        name = operation(call.target)
        if name == "sym_size":
            return 1
        if call.target.__name__ == "getitem":
            return arguments[0][arguments[1]]
        self._enter(call, name)
        try:
            if name not in self.rules:
                raise UnsupportedOperationError("it has no lowering rule" + _suggestion(name))
            if any(isinstance(leaf, Signal) and leaf.kind == "choice" for leaf in flat):
                raise UnsupportedOperationError(
                    "it reads the place of a maximum, which no spikes carry on; only an output may be one"
                )
            return self.rules[name](self.build, *arguments, **options)
        except UnsupportedOperationError as error:
            self.problems.append(f"{name} at {source_line(call)}\n     {error}")
            return self._stand_in(call.meta.get("val"))

    def _stand_in(self, value: Any) -> Any:
        """Return a signal in place of a result that could not be lowered, so that the operations behind it are seen."""
        if isinstance(value, tuple | list):
            return tuple(self._stand_in(part) for part in value)
        if not isinstance(value, Tensor):
            return _Failed()
        dims = self._dims(value)
        axis = next((i for i, (_, holds) in enumerate(dims) if holds), None)
        if axis is None:
            return _Failed()
        alone = dims[axis][0] == 1
        shape = tuple(n for i, (n, _) in enumerate(dims) if not (alone and i == axis))
        return self.build.port(0, shape).moved(samples=Samples(axis=axis, alone=alone))

    def _enter(self, call: Call, name: str) -> None:
        """Tell the builder which operation it is in."""
        self.build.name = call.name
        self.build.place = f"{name} at {source_line(call)}"
        indices = (
            user.args[1] for user in call.users if user.users and getattr(user.target, "__name__", "") == "getitem"
        )
        self.build.used = frozenset(i for i in indices if isinstance(i, int))
        value = call.meta.get("val")
        value = value[0] if isinstance(value, tuple | list) and value else value
        self.build.dims = self._dims(value) if isinstance(value, Tensor) else []

    def _outputs(self, call: Call) -> None:
        results = [self.values[node.name] for node in call.args[0] if node is not None]
        for position, x in enumerate(results):
            if isinstance(x, _Failed):
                continue
            if not isinstance(x, Signal):
                self.problems.append(f"output {position} does not depend on the inputs")
                continue
            self.build.name = "output"
            readout = Readout(
                name=self.build.fresh(),
                inputs=(Edge(source=x.node),),
                shape=x.shape,
                position=position,
                origin="output",
                **({} if x.chosen is None else {"choice": x.chosen[0], "kept": x.chosen[1]}),
                key=self.traced.keys[position] if self.traced.keys else "",
                record=self.traced.record,
            )
            self.build.nodes.append(readout)


def _per_sample(length: int | torch.SymInt) -> int:
    """Return an axis length for one sample: 12 for 12 * samples, 1 for samples itself."""
    if not isinstance(length, torch.SymInt):
        return int(length)
    factor, symbol = length.node.expr.as_coeff_Mul()
    if not symbol.is_Symbol:
        raise UnsupportedOperationError(
            f"an axis has the length {length.node.expr}, which is not a multiple of the samples"
        )
    return int(factor)


def _suggestion(name: str) -> str:
    near = _NEAREST.get(name)
    return f"; the nearest supported form is {near}" if near else "; see `rules` in neurobridge.convert to add one"
