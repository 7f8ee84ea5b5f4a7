"""A run of an agent as files: what it is, where it stands, and its best policy.

The folder holds `run.json` (what is run, for readers), `last.safetensors` (the whole agent with its replay memory and
random states, every environment, and the evaluations) and `best.safetensors` (weights of the best policy).
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

from torch import Tensor

from neurobridge.ann.reinforcement.agent import Agent
from neurobridge.ann.reinforcement.config import RunConfig
from neurobridge.ann.reinforcement.progress import Evaluation, Progress
from neurobridge.ann.training import checkpoint, tree
from neurobridge.ann.training.run import ABOUT, BEST, LAST, plain, refuse_another
from neurobridge.errors import FileFormatError
from neurobridge.tasks.environments import Environments

# a run may be made longer later, and its policy chosen otherwise
FREE = ("steps", "keep", "enough")


def describe(agent: Agent, environment: str, config: RunConfig) -> dict[str, Any]:
    """Return what decides a run's result, as JSON can hold it; its length may be changed later."""
    return {
        "environment": environment,
        "agent": type(agent).__name__,
        "options": plain(asdict(agent.config)),
        "run": {name: value for name, value in asdict(config).items() if name not in FREE},
    }


def progress_of(folder: Path) -> Progress:
    """Return what happened in the run of a folder; nothing if none began there.

    Raises:
        FileFormatError: its files are damaged.
    """
    path = folder / LAST
    if not path.exists():
        return Progress()
    _, facts = checkpoint.read(path)
    try:
        return Progress([Evaluation(**row) for row in facts["progress"]])
    except (KeyError, TypeError) as error:
        raise FileFormatError(f"{path} is not the state of an agent ({error!r}).") from None


@final
@dataclass(frozen=True)
class AgentFolder:
    """The files of one run.

    Args:
        path: the folder.
        about: from `describe`.
    """

    path: Path
    about: dict[str, Any]

    def save(self, agent: Agent, environments: Environments, progress: Progress) -> None:
        """Write where the run stands, and its policy as the best if it is."""
        # the best goes first: if this is cut short, the steps since are made again and write the same
        if progress.best == len(progress) - 1:
            about = {"about": self.about, "step": agent.steps}
            checkpoint.save_weights(self.path / BEST, agent.policy, about)
        if len(progress) == 1:
            checkpoint.write_file(self.path / ABOUT, json.dumps(self.about, indent=2).encode())
        tensors: dict[str, Tensor] = {}
        facts = {
            "about": self.about,
            "agent": tree.pack(agent.state_dict(), tensors, "agent"),
            "environments": environments.state_dict(),
            "progress": progress.rows(),
        }
        checkpoint.write(self.path / LAST, tensors, facts)

    def resume(self, agent: Agent, environments: Environments, progress: Progress) -> None:
        """Bring everything to where the run stood; does nothing in a folder without a run.

        Exact, replay memory and random states included, if the environments are random by their own generators only.

        Raises:
            InputError: the folder holds another run; the differences are listed.
            FileFormatError: its files are damaged.
        """
        path = self.path / LAST
        if not path.exists():
            return
        tensors, facts = checkpoint.read(path)
        refuse_another(self.path, facts.get("about"), self.about)
        try:
            agent.load_state_dict(tree.unpack(facts["agent"], tensors))
            environments.load_state_dict(facts["environments"])
            progress.evaluations[:] = [Evaluation(**row) for row in facts["progress"]]
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise FileFormatError(f"{path} is not the state of an agent ({error!r}).") from None

    def best(self, agent: Agent) -> None:
        """Fill the policy with the best weights."""
        checkpoint.load_weights(self.path / BEST, agent.policy)
