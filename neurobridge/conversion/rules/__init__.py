"""How each PyTorch operation becomes synapses, neurons and gates: one family a file, one row an operation.

A rule is a function `rule(build, *arguments) -> Signal`. It gets the operation's own arguments, tensors of the
traced network as signals and parameters as tensors, and speaks through the builder. To add one of your own:

    def square(build, x):
        return build.gate(build.identity(x), x)

    neurobridge.convert(model, calibration=x, rules={"square": square})
"""

from neurobridge.conversion.rules import (
    activations,
    arithmetic,
    attention,
    comparisons,
    linear,
    maxima,
    normalisation,
    pooling,
    products,
    recurrent,
    running,
    sampling,
    shaping,
    sorting,
    spread,
    writing,
)
from neurobridge.conversion.rules.rule import Rule, Rules

__all__ = ["RULES", "Rule", "Rules"]


RULES: Rules = {
    **linear.RULES,
    **activations.RULES,
    **pooling.RULES,
    **arithmetic.RULES,
    **shaping.RULES,
    **comparisons.RULES,
    **maxima.RULES,
    **products.RULES,
    **normalisation.RULES,
    **attention.RULES,
    **recurrent.RULES,
    **running.RULES,
    **sampling.RULES,
    **sorting.RULES,
    **spread.RULES,
    **writing.RULES,
}
"""Name of an ATen operation -> its rule."""
