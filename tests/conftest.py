"""What holds for every test: one thread, checked array axes, and the same random inputs on every run."""

import os

# Set before torch or numpy load: two cores shared by pytest-xdist leave no room for a thread pool each.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from hypothesis import settings  # noqa: E402
from jaxtyping import install_import_hook  # noqa: E402

# A wrong shape in the graph or in a spike train raises where it is passed, not where it hurts.
# The tower lets a whole number stand where a real one is asked for, as Python does.
CHECKER = "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))"
install_import_hook(["neurobridge.graph", "neurobridge.spikes"], CHECKER)

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
