import pytest

from neurobridge import tasks
from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks import baselines
from neurobridge.tasks.sentiment import GOOD


def test_the_grammar_decides_the_label():
    task = tasks.load("sentiment-grammar")
    words = task.facts["words"]
    for row, label in zip(task.test.inputs[:300], task.test.targets[:300], strict=True):
        text = [words[token] for token in row if token != 1]
        last = text[len(text) - text[::-1].index("but") :] if "but" in text else text
        turned = "not" in last or "never" in last
        assert label == ((last[-1] in GOOD) != turned)


def test_counting_words_is_no_better_than_guessing():
    task = tasks.load("sentiment-grammar")
    # 2,000 sentences: a standard error of 1.1 points around 50
    assert task.judge(baselines.fit("bag of words", task)).summary == pytest.approx(50, abs=5)


@pytest.fixture
def imdb(tmp_path):
    for side in ("train", "test"):
        for name, text in (("pos", "good fine good"), ("neg", "bad poor bad")):
            folder = tmp_path / side / name
            folder.mkdir(parents=True)
            for number in range(12):
                (folder / f"{number}_7.txt").write_text(f"{text} film {number}")
    return tmp_path


def test_folders_of_reviews_are_read(imdb):
    task = tasks.load("sentiment-imdb", imdb, length=5, rare=2)
    assert (len(task.train) + len(task.validation), len(task.test)) == (24, 24)
    assert task.judge(baselines.fit("bag of words", task)).summary == 100


def test_a_missing_folder_is_named(imdb):
    (imdb / "test" / "neg").rename(imdb / "test" / "negative")
    with pytest.raises(InputError, match=r"test/neg does not exist; train and test each hold pos and neg"):
        tasks.load("sentiment-imdb", imdb)


def test_an_empty_folder_is_named(imdb):
    for file in (imdb / "train" / "pos").iterdir():
        file.unlink()
    with pytest.raises(FileFormatError, match=r"train/pos holds no \.txt files"):
        tasks.load("sentiment-imdb", imdb)


def write(path, rows):
    path.write_text("text,label\n" + "\n".join(rows))
    return path


def test_a_csv_of_texts_is_read(tmp_path):
    rows = [f"{'good' if n % 2 else 'bad'} film,{n % 2}" for n in range(60)]
    task = tasks.load("sentiment-csv", write(tmp_path / "x.csv", rows), length=4)
    assert (len(task.train), len(task.validation), len(task.test)) == (44, 4, 12)
    assert task.judge(baselines.fit("bag of words", task)).summary == 100


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",1", "row 2, column 'text' is empty"),
        ("fine,maybe", "row 2, column 'label' holds 'maybe'; 0 or 1 is due"),
        ("fine,1", "holds 1 texts; at least 20 are needed"),
    ],
)
def test_rows_that_cannot_be_used_are_named(tmp_path, row, message):
    with pytest.raises(FileFormatError, match=message):
        tasks.load("sentiment-csv", write(tmp_path / "x.csv", [row]))


def test_unknown_columns_are_listed(tmp_path):
    with pytest.raises(InputError, match="no column 'review'; its columns are: text, label"):
        tasks.load("sentiment-csv", write(tmp_path / "x.csv", ["a,1"]), text="review")


def test_a_missing_csv_is_named(tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv does not exist"):
        tasks.load("sentiment-csv", tmp_path / "gone.csv")
