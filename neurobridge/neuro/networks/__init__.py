"""Networks by name: each is a frozen record of its parameters with `circuit()` and `run()`."""

from neurobridge.neuro.networks.balanced import Balanced
from neurobridge.neuro.networks.brunel import Brunel
from neurobridge.neuro.networks.decision import Decision
from neurobridge.neuro.networks.microcircuit import Microcircuit
from neurobridge.neuro.networks.ping import Ping
from neurobridge.neuro.networks.ring import Ring
from neurobridge.neuro.networks.synfire import Synfire

Network = Balanced | Brunel | Decision | Microcircuit | Ping | Ring | Synfire

NETWORKS: dict[str, Network] = {
    "brunel": Brunel(),
    "coba": Balanced(),
    "cuba": Balanced(conductances=False),
    "decision": Decision(),
    "microcircuit": Microcircuit(),
    "ping": Ping(),
    "ring": Ring(),
    "synfire": Synfire(),
}
