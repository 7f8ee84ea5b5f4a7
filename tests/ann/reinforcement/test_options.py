"""Options of agents: every type is refused by name, wherever an agent is built from them."""

from dataclasses import fields
from math import inf, nan
from typing import get_type_hints

import numpy as np
import pytest

from neurobridge.ann import reinforcement
from neurobridge.ann.reinforcement.options import ALLOWED, checked
from neurobridge.errors import InputError
from neurobridge.tasks.environments import make


def config(agent):
    return reinforcement._agent(agent).Config


@pytest.mark.parametrize("agent", reinforcement.names())
def test_every_option_says_what_it_takes_and_takes_its_default(agent):
    hints = get_type_hints(config(agent))
    defaults = {field.name: field.default for field in fields(config(agent))}
    assert all(hints[name] in ALLOWED for name in defaults)
    assert checked(agent, config(agent), defaults) == defaults


@pytest.mark.parametrize("agent", reinforcement.names())
def test_every_option_refuses_another_type_and_what_is_not_finite(agent):
    for name in (field.name for field in fields(config(agent))):
        for value in (None, nan, (nan,), -inf, {}, b"x", (1, "x")):
            with pytest.raises(InputError, match=rf"option '{name}' of agent '{agent}' is .*; it takes"):
                checked(agent, config(agent), {name: value})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"double": "maybe"}, "option 'double' of agent 'dqn' is 'maybe'; it takes True or False; False if left out"),
        ({"double": 1}, "is 1; it takes True or False"),
        ({"learning_rate": "nan"}, "'learning_rate' of agent 'dqn' is 'nan'; it takes a finite number; 0.0003 if"),
        ({"learning_rate": inf}, "'learning_rate' of agent 'dqn' is inf; it takes a finite number"),
        ({"widths": "x"}, r"'widths' of agent 'dqn' is 'x'; it takes whole numbers from 1 with commas, as in 64,64"),
        ({"widths": 8}, r"'widths' of agent 'dqn' is 8; it takes whole numbers from 1 with commas"),
        ({"widths": (0,)}, r"is \(0,\); it takes whole numbers from 1"),
        ({"widths": (8, -1)}, r"is \(8, -1\); it takes whole numbers from 1"),
        ({"widths": (8, 8.5)}, r"is \(8, 8.5\); it takes whole numbers from 1 with commas"),
        ({"batch_size": 2.5}, "'batch_size' of agent 'dqn' is 2.5; it takes a whole number; 128 if left out"),
    ],
)
def test_agents_are_not_built_from_what_their_options_can_not_be(options, message):
    with pytest.raises(InputError, match=message):
        reinforcement.build("dqn", make("cartpole").spaces, **options)


def test_lists_are_taken_and_an_infinite_norm_where_it_is_the_default():
    spaces = make("cartpole").spaces
    assert reinforcement.build("dqn", spaces, widths=[8, 4]).config.widths == (8, 4)
    assert reinforcement.build("dqn", spaces, widths=(8,), discount=1).config.discount == 1
    assert reinforcement.build("reinforce", spaces, widths=(8,), clip=inf).config.clip == inf
    with pytest.raises(InputError, match="is array"):
        reinforcement.build("reinforce", spaces, clip=np.ones(2))
