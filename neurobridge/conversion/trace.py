"""The user's network as PyTorch itself exports it: one graph of ATen operations, whatever style it was written in."""

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from unittest import mock

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram, default_decompositions, export
from torch.export.graph_signature import TensorArgument
from torch.nn.modules import transformer
from torch.utils._pytree import tree_unflatten

from neurobridge.conversion.advice import PACKAGES, advice
from neurobridge.conversion.plain import written_out
from neurobridge.errors import InputError, UnsupportedOperationError

EXAMPLES = 13
"""Samples that an export sees: a number that no axis of a network is likely to have, so that none is taken for it."""


@dataclass(frozen=True, kw_only=True)
class Traced:
    """An exported network.

    Attributes:
        program: torch's own record, decomposed no further than needed.
        inputs: names of the nodes that are the network's arguments.
        constants: parameters, buffers and other tensors, by node name.
        keys: names that the network gives its outputs; none if it gives none.
        record: name of the named tuple that it returns; empty for a dict.
    """

    program: ExportedProgram
    inputs: tuple[str, ...]
    constants: dict[str, Tensor]
    keys: tuple[str, ...] = ()
    record: str = ""


def trace(model: nn.Module, examples: tuple[Tensor, ...], known: Iterable[str], batch_axis: int = 0) -> Traced:
    """Export a network with a free number of samples, and decompose what has no rule.

    Args:
        model: in whatever mode; it is exported in evaluation mode and put back.
        examples: its arguments, two samples or more.
        known: names of operations that have a rule and stay whole.
        batch_axis: the axis of the samples in every argument.

    Raises:
        UnsupportedOperationError: torch.export cannot follow the network's forward.
    """
    samples = Dim("samples", min=2)
    free = tuple({batch_axis % max(x.ndim, 1): samples} for x in examples)
    try:
        with evaluating(model), _without_mask_detection(), _plain_einsum(), written_out(), _quiet(), torch.no_grad():
            program = export(model, examples, dynamic_shapes=_by_argument(model, free))
    except Exception as error:
        raise UnsupportedOperationError(advice(error)) from error
    keys, record = _outputs(program)
    program = _decomposed(program, {*known, "sym_size"})
    _drop_assertions(program)
    signature, state = program.graph_signature, {**program.state_dict, **program.constants}
    targets = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    targets |= dict(signature.inputs_to_lifted_tensor_constants)
    return Traced(
        program=program,
        inputs=tuple(signature.user_inputs),
        constants={name: state[target].detach() for name, target in targets.items()},
        keys=keys,
        record=record,
    )


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Put a model into evaluation mode, and every module of it back into its own mode afterwards."""
    training = {name: module.training for name, module in model.named_modules()}
    try:
        model.eval()
        yield
    finally:
        for name, module in model.named_modules():
            module.training = training[name]


def _outputs(program: ExportedProgram) -> tuple[tuple[str, ...], str]:
    """Return the names of the outputs, if they have names, and that of the named tuple they are, if they are one.

    Raises:
        UnsupportedOperationError: the results are not a tensor or a flat tuple or dict of tensors.
    """
    spec = program.call_spec.out_spec
    returned = tree_unflatten([*range(spec.num_leaves)], spec)
    keys, record = (), ""
    if isinstance(returned, dict) and all(isinstance(key, str) and key for key in returned):
        keys, returned = tuple(returned), tuple(returned.values())
    elif isinstance(returned, tuple) and hasattr(returned, "_fields"):
        keys, record = tuple(returned._fields), type(returned).__name__
    items = list(returned) if isinstance(returned, tuple | list) else [returned]
    nested = [type(item).__name__ for item in items if not isinstance(item, int)]
    numbers = [one.arg for one in program.graph_signature.output_specs if not isinstance(one.arg, TensorArgument)]
    if nested or numbers:
        what = f"a {nested[0]}" if nested else "something that is not a tensor"
        raise UnsupportedOperationError(
            f"the network returns {what}; return a tensor, or a tuple or a dict of tensors, in a small module around "
            "it if need be"
        )
    return keys, record


def _drop_assertions(program: ExportedProgram) -> None:
    """Remove what export checks at run time and computes nothing."""
    for node in list(program.graph.nodes):
        name = operation(node.target) if node.op == "call_function" else ""
        if name.startswith(("_assert", "sym_constrain")) and not node.users:
            program.graph.erase_node(node)


def _by_argument(model: nn.Module, free: tuple[dict, ...]) -> tuple | dict:
    """Return dynamic shapes in the structure of forward's arguments: *args takes a nested tuple."""
    import inspect

    kinds = [p.kind for p in inspect.signature(model.forward).parameters.values()]
    return (free,) if kinds and kinds[0] is inspect.Parameter.VAR_POSITIONAL else free


@contextmanager
def _without_mask_detection() -> Iterator[None]:
    """Let nn.TransformerEncoder take masks as they are: it looks whether one is causal, which an export cannot see."""
    with mock.patch.object(
        transformer, "_detect_is_causal_mask", lambda mask, is_causal=None, size=None: bool(is_causal)
    ):
        yield


@contextmanager
def _plain_einsum() -> Iterator[None]:
    """Contract from left to right: a path found for the example's number of samples would hold for no other."""
    before = torch.backends.opt_einsum.enabled
    try:
        torch.backends.opt_einsum.enabled = False
        yield
    finally:
        torch.backends.opt_einsum.enabled = before


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what torch prints and warns of its own workings from the user: errors carry what matters."""
    disabled = logging.root.manager.disable
    try:
        logging.disable(logging.WARNING)
        with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def operation(target: object) -> str:
    """Return the name of an operation without its overload and in-place mark: "relu" for aten.relu_.default."""
    name = str(target).removeprefix("aten.").split(".")[0] if isinstance(target, torch._ops.OpOverload) else str(target)
    return name[:-1] if name.endswith("_") and not name.startswith("_") else name


def _decomposed(program: ExportedProgram, known: set[str]) -> ExportedProgram:
    """Return the program with operations that have no rule written in simpler ones, as long as that helps."""
    table = default_decompositions()
    for _ in range(4):
        called = {node.target for node in program.graph.nodes if node.op == "call_function"}
        wanted = {op: table[op] for op in called if op in table and operation(op) not in known}
        if not wanted:
            break
        with _quiet():
            program = program.run_decompositions(wanted)
    return program


def source_line(node: torch.fx.Node) -> str:
    """Return the user's own line that made a node: file, line and code."""
    frames = re.findall(r'File "([^"]+)", line (\d+), in \S+\n\s*(.*)', node.meta.get("stack_trace") or "")
    own = [frame for frame in frames if "/torch/" not in frame[0] and not frame[0].startswith(PACKAGES)]
    if not own:
        return _module_path(node)
    path, line, code = own[-1]
    return f"{path}:{line}: {code.strip()}"


def _module_path(node: torch.fx.Node) -> str:
    """Return the module that an operation is in, where no line of the user's own is: `layers.2 (ReLU)`."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    if not stack or not stack[-1][0]:
        return "unknown line"
    path, kind = stack[-1]
    return f"{path} ({str(kind).rsplit('.', 1)[-1]})"


def check_model(model: object) -> None:
    """Refuse what cannot be a trained network.

    Raises:
        InputError: not a module, or weights that are not finite, all of them named.
    """
    if not isinstance(model, nn.Module):
        raise InputError(f"the model is a {type(model).__name__}; convert takes a torch.nn.Module")
    bad = [
        name
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all())
    ]
    if bad:
        raise InputError(f"weights that are NaN or infinite: {', '.join(bad)}; train the network again or repair them")
