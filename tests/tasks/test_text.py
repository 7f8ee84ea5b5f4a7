import numpy as np
import pytest

from neurobridge import tasks
from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks import baselines
from neurobridge.tasks.kneser_ney import KneserNey, texts_of
from neurobridge.tasks.scoring import IGNORE
from neurobridge.tasks.text import hold_out, reference_documents, windows
from neurobridge.tasks.vocabulary import END, UNKNOWN, Vocabulary, words


def test_words_and_signs_are_tokens():
    assert words("If x != 3: it's *so*\n----") == [
        "if",
        "x",
        "!",
        "=",
        "3",
        ":",
        "it",
        "'",
        "s",
        "*",
        "so",
        "*",
        "----",
    ]


def test_rare_words_become_the_unknown_word():
    vocabulary = Vocabulary.of(["a", "a", "b"], threshold=2)
    assert vocabulary.tokens == (UNKNOWN, END, "a")
    assert vocabulary.encode(["b", "a"]).tolist() == [0, 2]
    assert vocabulary.decode([2, 0]) == ["a", UNKNOWN]


def test_tokens_outside_the_vocabulary_are_refused():
    with pytest.raises(InputError, match=r"token 7 at \(1,\) is outside the vocabulary of 3"):
        Vocabulary.of(["a"]).decode([0, 7])


def test_held_out_documents_are_whole_and_a_tenth_each():
    lengths = np.random.default_rng(0).integers(50, 150, 200).tolist()
    sides = hold_out(lengths, 0)
    assert sorted(index for side in sides for index in side) == list(range(200))
    shares = [sum(lengths[index] for index in side) / sum(lengths) for side in sides]
    assert shares == pytest.approx([0.8, 0.1, 0.1], abs=0.02)


def test_every_token_is_asked_for_once_with_context():
    documents = [np.arange(2, 2 + length) for length in (3, 64, 65, 200)]
    side = windows(documents, range(4), 64)
    for index, document in enumerate(documents):
        targets = side.targets[side.groups == index]
        assert sorted(targets[targets != IGNORE]) == document.tolist()
    inputs, targets = side.inputs[side.groups == 3], side.targets[side.groups == 3]
    row, place = np.argwhere(targets == 150)[0]
    assert place >= 32
    assert inputs[row, place] == 149


def test_no_paragraph_of_the_reference_comes_twice():
    paragraphs = [part.strip() for text in reference_documents() for part in text.split("\n\n") if part.strip()]
    assert len(paragraphs) > 1000
    assert len(set(paragraphs)) == len(paragraphs)


@pytest.mark.parametrize("name", ["text-words", "text-characters"])
def test_the_text_tasks_hold_documents_out(name):
    task = tasks.load(name)
    assert not set(task.test.groups) & set(task.train.groups)
    assert task.train.inputs.max() < task.vocabulary == task.output_size
    assert task.judge(lambda inputs: np.zeros((*inputs.shape, task.vocabulary))).summary == pytest.approx(
        task.vocabulary
    )


def test_training_texts_come_back_from_their_windows():
    task = tasks.load("text-words")
    assert sum(len(text) - 1 for text in texts_of(task)) == len(np.concatenate([text[1:] for text in texts_of(task)]))
    first = texts_of(task)[0]
    rows = task.train.inputs[task.train.groups == np.unique(task.train.groups)[0]]
    assert np.array_equal(rows[0], first[:64])
    assert np.array_equal(rows[1], first[32:96])


def test_kneser_ney_is_a_distribution_that_prefers_what_it_has_seen():
    text = np.array([2, 3, 4, 2, 3, 4, 2, 3, 5, 2, 3, 4])
    model = KneserNey([text], 3, 8)
    for history in [(2, 3), (3, 4), (7, 7), (3,), ()]:
        assert model.distribution(history).sum() == pytest.approx(1)
        assert (model.distribution(history) > 0).all()
    assert model.distribution((2, 3)).argmax() == 4


def test_a_kneser_ney_bigram_by_hand():
    text = np.array([0, 1, 2, 0, 1, 2, 0, 2])  # 01 x2, 12 x2, 20 x2, 02 x1: n1 = 1, n2 = 3, D = 1/7
    model = KneserNey([text], 2, 3)
    # unigrams count distinct left neighbours: 0 -> {2}, 1 -> {0}, 2 -> {1, 0}; n1 = 2, n2 = 1, D' = 1/2
    lower = (np.array([1, 1, 2]) - 0.5) / 4 + 0.5 * 3 / 4 / 3
    discount = 1 / 7
    expected = np.array([0, 2 - discount, 1 - discount]) / 3 + discount * 2 / 3 * lower
    assert np.allclose(model.distribution((0,)), expected)


def test_three_words_know_more_than_none():
    task = tasks.load("text-words")
    three = task.judge(baselines.fit("Kneser-Ney 3-gram", task)).summary
    one = task.judge(baselines.fit("most frequent", task)).summary
    assert three < 0.6 * one


def test_a_text_of_the_users_own(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("\n\n".join(f"paragraph {n} says a b c" for n in range(300)))
    task = tasks.load("text-words", path)
    assert task.title == "Next word of own.txt"
    assert "paragraph" in task.labels


def test_a_text_that_is_too_short_is_refused(tmp_path):
    (tmp_path / "own.txt").write_text("one\n\ntwo")
    with pytest.raises(FileFormatError, match="holds 2 paragraphs; at least 181"):
        tasks.load("text-words", tmp_path / "own.txt")


def test_a_text_that_is_not_text_is_refused(tmp_path):
    (tmp_path / "own.txt").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(FileFormatError, match="is not UTF-8 text"):
        tasks.load("text-words", tmp_path / "own.txt")


def test_a_missing_text_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.txt does not exist"):
        tasks.load("text-words", tmp_path / "gone.txt")
