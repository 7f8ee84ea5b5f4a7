"""What the numbers of a comparison say, in plain sentences, where the spiking networks lose included."""

from collections.abc import Collection, Sequence

from neurobridge.ann import reinforcement
from neurobridge.comparison.contenders import ANN, FINE_TUNED, LEARNT, QUANTISED, TRAINED, carrier
from neurobridge.comparison.energy import BREAK_EVEN, verdict
from neurobridge.comparison.recipes import QUICK_STEPS, epochs
from neurobridge.comparison.spiking import further_epochs
from neurobridge.comparison.study import Plan
from neurobridge.comparison.summary import Standing, Summary
from neurobridge.comparison.tables import count, decimal, figures, percent, signed

FLOAT, INTEGER = "45 nm fp32", "45 nm int8"
LEARNT_IN = {
    (FINE_TUNED, "rate"): "the rate code",
    (FINE_TUNED, "radix"): "the radix code, since rate can't carry this network",
    (TRAINED, "rate"): "leaky neurons",
    (TRAINED, "radix"): "the radix code, since leaky neurons can't carry this network",
}
TOLERABLE = 0.5  # points: what users commonly accept of a conversion


def findings(summary: Summary, plan: Plan | None = None) -> tuple[str, ...]:
    """Return the sentences of a report, one paragraph each.

    Args:
        summary: of the study's rows.
        plan: what the study was asked to do; None says nothing of how long networks learnt.
    """
    headlines = [members[-1] for members in summary.spiking().values()]
    return (
        reference(summary),
        *(conversion(summary, standing) for standing in headlines),
        *(price(summary, standing) for standing in headlines),
        *([break_even(headlines)] if headlines else []),
        *([convert_or_train(summary, plan)] if set(LEARNT) & set(summary.spiking()) else []),
        resolution(summary),
    )


def reference(summary: Summary) -> str:
    """Return what the ANN gets right."""
    ann = summary.ann
    seeds = f"mean of {len(ann.seeds)} trained networks" if len(ann.seeds) > 1 else "one trained network"
    ends = [signed(end, summary.decimals) for end in (min(ann.scores), max(ann.scores))]
    learnt = " and ".join(code for code in summary.spiking() if code in LEARNT)
    weights = "Its weights were converted as they are; no network was trained again"
    spread = f", {ends[0]} to {ends[1]} from seed to seed" if len(ann.seeds) > 1 else ""
    return (
        f"The ANN reaches {score(summary, ann)} on {summary.material} ({seeds}{spread}). "
        f"{weights}{f', but for those called {learnt}' if learnt else ''}."
    )


def score(summary: Summary, standing: Standing) -> str:
    """Return a score with its unit and interval in words."""
    metric = summary.metric
    shown = signed(standing.score.estimate, summary.decimals)
    value = f"{shown}{' ' + metric['unit'] if metric['unit'] else ''} {metric['name']}"
    if standing.score.low != standing.score.low:  # not a number
        return value
    low, high = (signed(bound, summary.decimals) for bound in (standing.score.low, standing.score.high))
    return f"{value} (95 % interval {low} to {high})"


def conversion(summary: Summary, standing: Standing) -> str:
    """Return what a code costs in correctness and in time, and from how few steps on it costs little."""
    shown = "samples" if summary.lowest is None else "states"
    same = (
        f" and gives the ANN's answer on {percent(standing.agreement)} % of the {shown}" if standing.agreement else ""
    )
    said = f"{standing.contender.name} {change(summary, standing)}{same}. "
    said += f"From input to output it takes {standing.latency} steps, and a new input can follow every "
    said += f"{standing.interval} steps."
    frugal = thrifty(summary, str(standing.contender.code))
    if frugal and frugal.contender != standing.contender:
        said += f" The loss stays within {TOLERABLE:g} {summary.unit} from T = {frugal.contender.steps} on, "
        said += f"in {frugal.latency} steps."
    return said


def change(summary: Summary, standing: Standing) -> str:
    """Return a loss as a sentence's verb, with its interval and whether it could be nothing."""
    value, low, high = standing.loss.estimate, standing.loss.low, standing.loss.high
    if not value:
        said = "loses nothing"
    else:
        said = f"{'loses' if value > 0 else 'gains'} {signed(abs(value), summary.decimals)} {summary.unit}"
    if low != low:  # not a number: this metric has no interval
        return said
    doubt = "a difference that this test can't tell from none, " if low <= 0 <= high and value else ""
    bounds = " to ".join(signed(bound, summary.decimals) for bound in (low, high))
    return f"{said} ({doubt}95 % interval of the loss {bounds})"


def thrifty(summary: Summary, code: str, most: float = TOLERABLE) -> Standing | None:
    """Return the spiking network of fewest steps from which on no more than `most` is lost, or None."""
    found = None
    for standing in reversed(summary.spiking()[code]):
        if standing.loss.estimate > most:
            break
        found = standing
    return found


def price(summary: Summary, standing: Standing) -> str:
    """Return how a spiking network's energy compares with the ANN's and with the fair rival's."""
    name = standing.contender.name
    against = [(FLOAT, summary.ann, "the 32-bit ANN"), (INTEGER, summary.rival(standing), "its fair rival")]
    parts = []
    for preset, rival, role in against:
        if rival is None or preset not in rival.energy or preset not in standing.energy:
            continue
        title = role if rival.contender.kind == ANN else f"{role}, the {rival.contender.steps}-bit quantised ANN"
        parts.append(compared(standing.energy[preset], rival.energy[preset], preset, title))
    if not parts:
        return f"No preset prices the numbers that {name} computes in."
    kept = standing.operations.analog
    tail = f" The {count(kept)} multiply-accumulates that it keeps are in these figures." if kept else ""
    return f"The arithmetic of one inference of {name} takes {'; '.join(parts)}.{tail}"


def compared(own: float, rival: float, preset: str, title: str) -> str:
    """Return one energy beside another, naming the winner."""
    wins = own <= rival
    factor = rival / own if wins else own / rival
    outcome = f"{factor:.2g} times less: it wins" if wins else f"{factor:.2g} times more: it loses"
    return f"{figures(own / 1000)} nJ against {figures(rival / 1000)} nJ of {title} ({preset}), {outcome}"


def break_even(standings: Sequence[Standing]) -> str:
    """Return where spiking networks stand against the published break-even."""
    low, high = BREAK_EVEN
    needs = "; ".join(
        f"{standing.contender.name} needs {decimal(needed)}, {verdict(needed)}"
        for standing in standings
        if (needed := standing.spikes_per_synapse) is not None
    )
    return (
        f"With memory counted, published break-even points lie between {low} and {high} spikes per synapse and "
        f"inference. {needs}."
    )


def quick_look(plan: Plan) -> str:
    """Return that a study was cut short and is no result; nothing of one that was not."""
    if not plan.quick:
        return ""
    if plan.model in reinforcement.names():
        cut = f"the agents practised for {QUICK_STEPS:,} steps at most"
    else:
        now, usual = (epochs(plan.task, plan.model, quick=quick) for quick in (True, False))
        cut = f"networks were trained for {now} epochs{f' instead of {usual}' if now < usual else ''}"
    return f"A quick look, not a result: {cut}; the same command without --quick gives the result."


def lessons(plan: Plan, learnt: Collection[str]) -> str:
    """Return for how many epochs the ANN and the networks that learn through their spikes were trained."""
    alike = f"The ANN{' and trained networks' if TRAINED in learnt else ''} had"
    said = f"{alike} {epochs(plan.task, plan.model, quick=plan.quick)} epochs"
    further = further_epochs(quick=plan.quick)
    more = f", fine-tuned ones {further} epoch{'s' if further > 1 else ''} more after the ANN's"
    return f"{said}{more if FINE_TUNED in learnt else ''}."


def convert_or_train(summary: Summary, plan: Plan | None = None) -> str:
    """Return which spiking networks lose least in equally many steps, and what it takes to lose little."""
    members = [standing for those in summary.spiking().values() for standing in those]
    ranked = []
    for latency in sorted({one.latency or 0 for one in members if one.contender.code in LEARNT}):
        same = sorted((one for one in members if one.latency == latency), key=lambda one: one.loss.estimate)
        shown = [f"{one.contender.code} {signed(one.score.estimate, summary.decimals)}" for one in same]
        ranked.append(f"in {latency} steps {', '.join(shown)}")
    frugal = {code: thrifty(summary, code) for code in summary.spiking()}
    little = [
        f"{code} needs {f'{one.latency} steps and {count(one.spikes)} spikes' if one else 'more than was tried'}"
        for code, one in frugal.items()
    ]
    learnt = [
        f"{code} networks are of {LEARNT_IN[code, carrier(those[0].contender, those[0].latency)]}"
        for code, those in summary.spiking().items()
        if code in LEARNT
    ]
    taught = f" {lessons(plan, summary.spiking())}" if plan else ""
    return (
        f"Convert or train? {str(summary.metric['name']).capitalize()}, best first: {'; '.join(ranked)}. "
        f"To stay within {TOLERABLE:g} {summary.unit} of the ANN, {'; '.join(little)}. "
        f"Here {' and '.join(learnt)}.{taught}"
    )


def resolution(summary: Summary) -> str:
    """Return how small a difference the test side can show."""
    independent = summary.groups or summary.samples
    said = f"Intervals are over test material: {independent:,} independent samples"
    varied = summary.lowest is None and independent < summary.samples
    said += f", each in {summary.samples / independent:.0f} variants" if varied else ""
    if summary.metric["reduction"] == "percent":
        said += f"; one answer more or less is {100 / summary.samples:.2g} points"
    return said + ". They say nothing of networks trained from other seeds, for which the spread between seeds stands."


def rivals(summary: Summary) -> tuple[Standing, ...]:
    """Return the quantised ANNs that are fair rivals of the codes' largest networks."""
    found = [summary.rival(members[-1]) for members in summary.spiking().values()]
    distinct = {standing.contender: standing for standing in found if standing is not None}
    return tuple(standing for standing in distinct.values() if standing.contender.kind == QUANTISED)
