"""Gap junctions: a current proportional to the difference of two voltages, both ways."""

from brian2 import Clock, Synapses
from brian2.groups.group import Group

# what a neuron's equations need besides
EQUATIONS = "I_gap : amp"


def gap_junctions(group: Group, clock: Clock, name: str = "gap_junctions") -> Synapses:
    """Return unconnected electrical synapses within a group that has `I_gap`; connect each pair both ways.

    Their conductance is the variable `conductance` in siemens.
    """
    model = """
    conductance : siemens
    I_gap_post = conductance*(v_pre - v_post) : amp (summed)
    """
    return Synapses(group, group, model, clock=clock, name=name)
