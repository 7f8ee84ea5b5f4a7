"""Networks by name: each is a frozen record of its parameters with `run()`."""

from neurobridge.neuro.networks.balanced import Balanced
from neurobridge.neuro.networks.brunel import Brunel
from neurobridge.neuro.networks.competition import Competition
from neurobridge.neuro.networks.decision import Decision
from neurobridge.neuro.networks.digits import Digits
from neurobridge.neuro.networks.inhibitory_balance import InhibitoryBalance
from neurobridge.neuro.networks.microcircuit import Microcircuit
from neurobridge.neuro.networks.ping import Ping
from neurobridge.neuro.networks.ring import Ring
from neurobridge.neuro.networks.synfire import Synfire
from neurobridge.neuro.networks.voltage_pairing import VoltagePairing

Network = (
    Balanced
    | Brunel
    | Competition
    | Decision
    | Digits
    | InhibitoryBalance
    | Microcircuit
    | Ping
    | Ring
    | Synfire
    | VoltagePairing
)

NETWORKS: dict[str, Network] = {
    "brunel": Brunel(),
    "coba": Balanced(),
    "competition": Competition(),
    "cuba": Balanced(conductances=False),
    "decision": Decision(),
    "digits": Digits(),
    "inhibitory-balance": InhibitoryBalance(),
    "microcircuit": Microcircuit(),
    "ping": Ping(),
    "ring": Ring(),
    "synfire": Synfire(),
    "voltage-pairing": VoltagePairing(),
}
