"""Two hundred random networks on exact arithmetic in four simulators: how many spikes differ? It must be none.

Run: `python -m benchmarks.verification`. Writes results/verification.json.
"""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.record import write
from neurobridge.comparison.verify import verify
from neurobridge.graph import maps
from neurobridge.graph.graph import Graph
from neurobridge.graph.nodes import Edge, Encode, Neurons, Node, Readout, Synapses, Winner
from neurobridge.graph.shapes import mapped_shape

BITS = 10
SAMPLES = 2
CODES = ("rate", "radix", "latency")
SIMULATORS = ("reference", "snntorch", "brian2", "nengo")
AS_THEY_ARE = 40
"""So many networks are also compared without rounding their weights."""


@dataclass
class Draft:
    """A random network in the making, its weights normal, its ranges arbitrary: nothing is dyadic before rounding."""

    code: str
    steps: int
    rng: np.random.Generator
    nodes: list[Node]

    def add(self, node: Node) -> Node:
        """Add a node and return it."""
        self.nodes.append(node)
        return node

    def synapses(self, *terms: tuple[Node, maps.LinearMap], bias: bool = True) -> Node:
        """Add the sum of maps of nodes, with a bias for each channel."""
        shape = mapped_shape(terms[0][1], terms[0][0].shape)
        channels = self.rng.normal(0, 0.2, (shape[0], *[1] * (len(shape) - 1)))
        return self.add(
            Synapses(
                name=f"synapses{len(self.nodes)}",
                inputs=tuple(Edge(source=source.name) for source, _ in terms),
                shape=shape,
                maps=tuple(linear for _, linear in terms),
                bias=channels if bias else None,
            )
        )

    def convolve(self, x: Node) -> Node:
        """Add a convolution of random width and stride."""
        targets = int(self.rng.integers(1, 5))
        size = min(3, *x.shape[1:])
        weight = self.rng.normal(0, 1.2 / np.sqrt(x.shape[0] * size**2), (targets, x.shape[0], size, size))
        stride = (int(self.rng.integers(1, 3)),) * 2
        return self.synapses((x, maps.Convolve(weight=weight, stride=stride, padding=(1, 1), dilation=(1, 1))))

    def dense(self, x: Node, targets: int) -> Node:
        """Add a dense layer."""
        weight = self.rng.normal(0, 1.5 / np.sqrt(x.shape[-1]), (targets, x.shape[-1]))
        return self.synapses((x, maps.Dense(weight=weight)))

    def fire(self, drive: Node) -> Node:
        """Add neurons with a range for each channel."""
        channels = self.rng.uniform(0.5, 2.0, (drive.shape[0], *[1] * (len(drive.shape) - 1)))
        return self.add(
            Neurons(
                name=f"relu{len(self.nodes)}",
                inputs=(Edge(source=drive.name),),
                shape=drive.shape,
                steps=self.steps,
                low=np.zeros(()),
                high=channels,
                function="relu",
            )
        )

    def pooled(self, x: Node) -> Node:
        """Add means or, in windowed codes, winners over windows of two or three."""
        size = int(self.rng.integers(2, 4))
        if min(x.shape[1:]) < size:
            return x
        pair, nothing = (size,) * 2, (0, 0)
        if self.code != "rate" and self.rng.integers(2):
            spatial = tuple((n - size) // size + 1 for n in x.shape[1:])
            pool = {"kernel": pair, "stride": pair, "padding": nothing, "dilation": (1, 1)}
            edge = (Edge(source=x.name),)
            shape = (x.shape[0], *spatial)
            # competitors share one range
            assert isinstance(x, Neurons)
            self.nodes[self.nodes.index(x)] = replace(x, high=np.asarray(x.high.max()))
            return self.add(Winner(name=f"max{len(self.nodes)}", inputs=edge, shape=shape, **pool))
        return self.synapses((x, maps.AveragePool(kernel=pair, stride=pair, padding=nothing)), bias=False)


def random_network(seed: int) -> Graph:
    """Return a network of random code, depth, width and wiring: dense or convolutional, pooled, residual."""
    rng = np.random.default_rng(seed)
    code = CODES[seed % len(CODES)]
    steps = int(rng.integers(3, 9))
    draft = Draft(code=code, steps=steps, rng=rng, nodes=[])
    wide = (int(rng.integers(1, 3)), *[int(rng.integers(4, 9))] * 2) if rng.integers(2) else (int(rng.integers(3, 30)),)
    streams = code == "rate"
    x: Node = draft.add(
        Encode(
            name="input", inputs=(), shape=wide, steps=steps, low=np.zeros(()), high=np.array(rng.uniform(0.5, 2)),
            paired=not streams and bool(rng.integers(2)), current=streams,
        )
    )  # fmt: skip
    for _ in range(int(rng.integers(1, 4))):
        if len(x.shape) == 3:
            x = draft.pooled(draft.fire(draft.convolve(x)))
        else:
            x = draft.fire(draft.dense(x, int(rng.integers(3, 20))))
            branch = draft.fire(draft.dense(x, x.shape[0]))
            share = maps.Scale(factor=np.array(rng.normal()))
            x = draft.fire(draft.synapses((branch, maps.Identity()), (x, share)))
    if len(x.shape) == 3:
        x = draft.synapses((x, maps.Reshape(shape=(int(np.prod(x.shape)),))), bias=False)
    last = draft.dense(x, int(rng.integers(2, 6)))
    draft.add(Readout(name="output", inputs=(Edge(source=last.name),), shape=last.shape))
    return Graph(code=code, steps=steps, nodes=tuple(draft.nodes))


def main(networks: int = 200, name: str = "verification") -> None:
    differing = {simulator: dict.fromkeys(CODES, 0) for simulator in SIMULATORS[1:]}
    as_they_are = dict.fromkeys(SIMULATORS[1:], 0)
    outputs = dict.fromkeys(SIMULATORS[1:], 0.0)
    spikes, margins = dict.fromkeys(CODES, 0), dict.fromkeys(CODES, np.inf)
    for seed in range(networks):
        graph = random_network(seed)
        found = verify(graph, samples=SAMPLES, exact=True, bits=BITS, simulators=SIMULATORS, seed=seed)
        assert not found.refused, found.refused
        spikes[graph.code] += found.spikes
        for row in found.rows:
            differing[row.simulator][graph.code] += row.differing
            margins[graph.code] = min(margins[graph.code], np.inf if row.margin is None else row.margin)
        for simulator in outputs:
            outputs[simulator] = max(outputs[simulator], found.outputs[simulator])
        if seed < AS_THEY_ARE:
            plain = verify(graph, samples=SAMPLES, simulators=SIMULATORS, seed=seed)
            for row in plain.rows:
                as_they_are[row.simulator] += row.differing
        if seed % 20 == 19:
            print(f"{seed + 1} networks, {sum(spikes.values()):,} spikes, differing {differing}", flush=True)
    result = {
        "networks": networks,
        "samples_each": SAMPLES,
        "bits": BITS,
        "spikes": spikes,
        "differing": differing,
        "largest_output_difference": outputs,
        "least_margin": margins,
        "differing_in_the_first_networks_as_they_are": {"networks": min(networks, AS_THEY_ARE)} | as_they_are,
    }
    write(name, result, ("snntorch", "brian2", "nengo", "numpy", "torch"))


if __name__ == "__main__":
    main()
