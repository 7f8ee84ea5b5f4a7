"""The figure of agreement: what is drawn where, and in which order of goodness."""

import numpy as np

from neurobridge.plots.agreement import Agreement, agreement_figure


def curve(name: str, percent: list[float], peer: bool = False) -> Agreement:
    steps = 2.0 ** np.arange(1, len(percent) + 1)
    return Agreement(name=name, steps=steps, spikes=100 * steps, percent=np.array(percent), peer=peer)


def test_better_is_higher_and_hopeless_is_left_out():
    figure = agreement_figure([curve("rate", [90.0, 99.0, 100.0]), curve("other", [12.0, 95.0, 99.5], peer=True)])
    for ax in figure.axes:
        low, high = ax.get_ylim()
        assert low > high  # missed falls upwards
        ours, theirs = ax.lines
        assert list(ours.get_ydata()) == [10.0, 1.0, 0.02]
        assert list(theirs.get_ydata()) == [5.0, 0.5]
        assert theirs.get_linestyle() != "-" == ours.get_linestyle()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["rate", "other"]
    assert figure.axes[1].lines[0].get_xdata()[0] == 200.0
