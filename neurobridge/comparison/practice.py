"""How the agents of a study learnt to act: their returns while they practised, from the files of their runs."""

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.progress import held
from neurobridge.ann.reinforcement.run import progress_of
from neurobridge.comparison.figures import Drawing
from neurobridge.comparison.study import Study
from neurobridge.plots.reinforcement import learning
from neurobridge.tasks import load
from neurobridge.tasks.control import ControlTask


def practice(study: Study) -> tuple[Drawing, ...]:
    """Return the curves of a study's agents; nothing where networks learn from answers, or none has practised yet."""
    model = study.plan.model
    if model not in reinforcement.names():
        return ()
    task = load(study.plan.task)
    assert isinstance(task, ControlTask)
    folders = [folder for seed in study.plan.seeds for folder in study.weights.glob(f"{task.name}-{model}-{seed}-*")]
    runs = [run for run in map(progress_of, folders) if len(run)]
    if not runs:
        return ()
    seeds = f"the median of {len(runs)} seeds and the range of the middle half" if len(runs) > 1 else "one seed"
    caption = (
        f"How the agent learnt: mean return of its best actions at each evaluation, {seeds}. A run that stopped "
        "when it was good keeps its last return."
    )
    lowest = float(task.random_scores().summary)
    return (Drawing(name="practice", figure=learning({model: held(runs)}, lowest=lowest), caption=caption),)
