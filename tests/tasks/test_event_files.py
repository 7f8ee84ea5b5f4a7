import numpy as np
import pytest
from scipy.io import wavfile

from neurobridge import tasks
from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks import baselines
from neurobridge.tasks.nmnist import read_events
from neurobridge.tasks.shd import CHANNELS
from neurobridge.tasks.spoken_words import HOP, log_mel

h5py = pytest.importorskip("h5py")
RANDOM = np.random.default_rng(0)


def write_shd(path, count=20, units=None, labels=None):
    with h5py.File(path, "w") as file:
        file["labels"] = np.arange(count) % 20 if labels is None else labels
        for name, kind in (("times", np.float16), ("units", np.int64)):
            file.create_dataset(f"spikes/{name}", count, dtype=h5py.vlen_dtype(kind))
        for index in range(count):
            file["spikes/times"][index] = np.array([0.0, 0.55, 1.35], dtype=np.float16)
            file["spikes/units"][index] = np.array([index, 699, 699]) if units is None else units


@pytest.fixture
def shd_folder(tmp_path):
    for name in ("shd_train.h5", "shd_test.h5"):
        write_shd(tmp_path / name)
    return tmp_path


def test_shd_spikes_are_counted_in_bins(shd_folder):
    task = tasks.load("shd", shd_folder, steps=14, pooled=7)
    assert task.input_shape == (14, 100)
    assert (len(task.train), len(task.validation), len(task.test)) == (18, 2, 20)
    counts = task.test.inputs[8]
    assert np.argwhere(counts).tolist() == [[0, 1], [5, 99], [13, 99]]
    assert counts.sum() == 3


def test_a_missing_shd_file_is_named(shd_folder):
    (shd_folder / "shd_test.h5").unlink()
    with pytest.raises(InputError, match=r"shd_test\.h5 is missing; get it from https://zenkelab"):
        tasks.load("shd", shd_folder)


@pytest.mark.parametrize("options", [{"steps": 0}, {"pooled": 3}])
def test_shd_bins_that_do_not_fit_are_refused(shd_folder, options):
    with pytest.raises(InputError, match="a divisor of 700 is due"):
        tasks.load("shd", shd_folder, **options)


def test_other_hdf5_files_are_refused(shd_folder):
    with h5py.File(shd_folder / "shd_test.h5", "w") as file:
        file["labels"] = [1]
    with pytest.raises(FileFormatError, match="is not a file of the Spiking Heidelberg Digits"):
        tasks.load("shd", shd_folder)


def test_truncated_hdf5_files_are_refused(shd_folder):
    raw = (shd_folder / "shd_test.h5").read_bytes()
    (shd_folder / "shd_test.h5").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(FileFormatError, match="is not a file of the Spiking Heidelberg Digits"):
        tasks.load("shd", shd_folder)


def test_units_beyond_the_cochlea_are_refused(shd_folder):
    write_shd(shd_folder / "shd_test.h5", units=np.array([0, 1, CHANNELS]))
    with pytest.raises(FileFormatError, match="recording 0: 3 times, 3 units, units below 700"):
        tasks.load("shd", shd_folder)


def test_labels_beyond_the_classes_are_refused(shd_folder):
    write_shd(shd_folder / "shd_test.h5", count=2, labels=[0, 20])
    with pytest.raises(FileFormatError, match="lie in 0 to 19"):
        tasks.load("shd", shd_folder)


def event(column, row, polarity, time):
    return bytes((column, row, polarity << 7 | time >> 16, time >> 8 & 255, time & 255))


@pytest.fixture
def event_folder(tmp_path):
    for side in ("Train", "Test"):
        for digit in range(10):
            (tmp_path / side / str(digit)).mkdir(parents=True)
            for number in range(2):
                events = event(digit, 33, 1, 5) + event(0, digit, 0, 299_999) + event(3, 4, 1, 70_000)
                (tmp_path / side / str(digit) / f"{number}.bin").write_bytes(events)
    return tmp_path


def test_events_come_back(tmp_path):
    (tmp_path / "x.bin").write_bytes(event(7, 30, 1, 0x7ABCDE) + event(0, 1, 0, 2))
    time, polarity, row, column = read_events(tmp_path / "x.bin")
    assert (time.tolist(), polarity.tolist()) == ([0x7ABCDE, 2], [1, 0])
    assert (row.tolist(), column.tolist()) == ([30, 1], [7, 0])


def test_event_videos_count_by_time_and_polarity(event_folder):
    task = tasks.load("n-mnist", event_folder, steps=3)
    assert task.input_shape == (3, 2, 34, 34)
    assert (len(task.train), len(task.validation), len(task.test)) == (18, 2, 20)
    assert np.argwhere(task.test.inputs[8]).tolist() == [[0, 1, 4, 3], [0, 1, 33, 4], [2, 0, 4, 0]]
    assert task.judge(baselines.fit("logistic regression of the mean", task)).summary > 50  # chance: 10


def test_fewer_event_files_can_be_read(event_folder):
    assert len(tasks.load("n-mnist", event_folder, limit=1).test) == 10


def test_no_step_is_refused(event_folder):
    with pytest.raises(InputError, match="steps is 0; it must be at least 1"):
        tasks.load("n-mnist", event_folder, steps=0)


def test_a_truncated_recording_is_refused(event_folder):
    (event_folder / "Test" / "3" / "0.bin").write_bytes(b"1234567")
    with pytest.raises(FileFormatError, match=r"3/0\.bin is truncated: 7 bytes are not a multiple of 5"):
        tasks.load("n-mnist", event_folder)


def test_events_outside_the_picture_are_refused(tmp_path):
    (tmp_path / "x.bin").write_bytes(event(34, 0, 0, 0))
    with pytest.raises(FileFormatError, match=r"an event at \(0, 34\); pictures are 34 x 34"):
        read_events(tmp_path / "x.bin")


def test_a_missing_digit_is_named(event_folder, tmp_path):
    (event_folder / "Train" / "9").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="Train/9 does not exist; get the data from"):
        tasks.load("n-mnist", event_folder)


def test_folders_without_recordings_are_refused(event_folder):
    for file in (event_folder / "Train").glob("*/*.bin"):
        file.unlink()
    with pytest.raises(FileFormatError, match=r"Train holds no \.bin files"):
        tasks.load("n-mnist", event_folder)


RATE = 8000


def tone(frequency, seconds=1.0, rate=RATE):
    return np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)


@pytest.mark.parametrize("frequency", [200, 700, 1500, 3000])
def test_the_loudest_band_is_the_tones(frequency):
    bands = log_mel(tone(frequency), RATE)
    edges = np.linspace(0, 2595 * np.log10(1 + RATE / 1400), 42)
    mel = 2595 * np.log10(1 + frequency / 700)
    expected = np.argmin(np.abs(edges[1:-1] - mel))
    assert abs(int(bands[:49].mean(axis=0).argmax()) - expected) <= 1


def test_short_sounds_end_in_silence_and_long_ones_are_cut():
    short, long = log_mel(tone(500, 0.3), RATE), log_mel(tone(500, 3), RATE)
    assert short.shape == long.shape == (round(1 / HOP), 40)
    assert short[20:].max() < -13 < short[:10].max()


@pytest.fixture
def wav_folder(tmp_path):
    for word, frequency in (("high", 2000), ("low", 300), ("_noise", 50)):
        (tmp_path / word).mkdir()
        for speaker in range(12):
            sound = (tone(frequency + 10 * speaker, 0.5) * 20_000).astype(np.int16)
            wavfile.write(tmp_path / word / f"s{speaker}_nohash_0.wav", RATE, sound)
    return tmp_path


def test_words_are_read_and_speakers_stay_on_one_side(wav_folder):
    task = tasks.load("spoken-words", wav_folder)
    assert task.labels == ("high", "low")
    sides = [set(side.groups) for side in (task.train, task.validation, task.test)]
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert sum(map(len, sides)) == 12
    assert task.judge(baselines.fit("logistic regression", task)).summary == 100


def test_another_rate_is_refused(wav_folder):
    wavfile.write(wav_folder / "low" / "s3_nohash_0.wav", 16_000, tone(300).astype(np.float32))
    with pytest.raises(FileFormatError, match="16000 samples a second, the first file 8000"):
        tasks.load("spoken-words", wav_folder)


def test_a_file_that_is_not_a_wav_file_is_refused(wav_folder):
    (wav_folder / "low" / "s3_nohash_0.wav").write_bytes(b"ID3 not a wav")
    with pytest.raises(FileFormatError, match=r"s3_nohash_0\.wav is not a WAV file"):
        tasks.load("spoken-words", wav_folder)


def test_a_file_without_sound_is_refused(wav_folder):
    wavfile.write(wav_folder / "low" / "s3_nohash_0.wav", RATE, np.zeros(0, dtype=np.int16))
    with pytest.raises(FileFormatError, match="holds no sound"):
        tasks.load("spoken-words", wav_folder)


def test_too_few_words_are_refused(tmp_path):
    with pytest.raises(FileFormatError, match="holds 0 folders of words and 0 speakers"):
        tasks.load("spoken-words", tmp_path)


def test_a_missing_sound_folder_is_named(tmp_path):
    with pytest.raises(InputError, match="gone does not exist"):
        tasks.load("spoken-words", tmp_path / "gone")
