import gzip
import hashlib
import struct
import tarfile
from dataclasses import replace

import numpy as np
import pytest

from neurobridge import tasks
from neurobridge.errors import FileFormatError, InputError
from neurobridge.tasks import cifar10, idx
from neurobridge.tasks.files import PublishedFile, content, obtain

RANDOM = np.random.default_rng(0)
IMAGES, CLASSES = RANDOM.integers(0, 256, (24, 5, 5), dtype=np.uint8), RANDOM.integers(0, 10, 24, dtype=np.uint8)


def idx_bytes(array):
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


@pytest.fixture
def mnist_folder(tmp_path):
    for side in ("train", "t10k"):
        (tmp_path / f"{side}-images-idx3-ubyte").write_bytes(idx_bytes(IMAGES))
        (tmp_path / f"{side}-labels-idx1-ubyte").write_bytes(idx_bytes(CLASSES))
    return tmp_path


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_idx_files_are_read(mnist_folder, name):
    task = tasks.load(name, mnist_folder)
    assert (len(task.train), len(task.validation), len(task.test)) == (22, 2, 24)
    assert np.allclose(task.test.inputs[:, 0] * 255, IMAGES)
    assert np.array_equal(task.test.targets, CLASSES)
    assert not set(task.train.groups) & set(task.validation.groups)


def published(tmp_path, name, raw):
    origin = tmp_path / "origin"
    origin.mkdir(exist_ok=True)
    (origin / name).write_bytes(raw)
    return PublishedFile(
        name=name, address=(origin / name).as_uri(), md5=hashlib.md5(raw, usedforsecurity=False).hexdigest()
    )


def test_packed_files_are_downloaded_verified_and_read(tmp_path, monkeypatch):
    def pair(side, array, axes):
        return published(tmp_path, f"{side}-idx{axes}-ubyte.gz", gzip.compress(idx_bytes(array)))

    quartet = idx.Quartet(
        train_images=pair("train-images", IMAGES, 3),
        train_labels=pair("train-labels", CLASSES, 1),
        test_images=pair("t10k-images", IMAGES, 3),
        test_labels=pair("t10k-labels", CLASSES, 1),
    )
    monkeypatch.setattr(idx, "MNIST", quartet)
    data = tmp_path / "data"
    data.mkdir()
    assert len(tasks.load("mnist", data).test) == 24
    assert sorted(path.name for path in data.iterdir()) == sorted(
        file.name for file in (quartet.train_images, quartet.train_labels, quartet.test_images, quartet.test_labels)
    )


def test_a_missing_directory_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere does not exist"):
        tasks.load("mnist", tmp_path / "nowhere")


def test_a_missing_file_is_named_with_its_address(tmp_path):
    file = PublishedFile(name="x.gz", address=(tmp_path / "gone").as_uri(), md5="0")
    with pytest.raises(FileFormatError, match=r"x\.gz is missing and could not be downloaded .* get it from file:"):
        obtain(tmp_path, file)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_checksum_is_refused(tmp_path):
    file = published(tmp_path, "x.gz", b"right")
    (tmp_path / "x.gz").write_bytes(b"wrong")
    with pytest.raises(FileFormatError, match=r"has MD5 .* the published file"):
        obtain(tmp_path, file)


def test_a_download_with_a_wrong_checksum_leaves_nothing(tmp_path):
    file = replace(published(tmp_path, "x.gz", b"right"), md5="0" * 32)
    (tmp_path / "data").mkdir()
    with pytest.raises(FileFormatError, match="has MD5"):
        obtain(tmp_path / "data", file)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_truncated_packing_is_refused(tmp_path):
    (tmp_path / "x").write_bytes(gzip.compress(b"a" * 1000)[:-9])
    with pytest.raises(FileFormatError, match="truncated or damaged"):
        content(tmp_path / "x")


def test_a_missing_plain_file_is_refused(tmp_path):
    with pytest.raises(FileFormatError, match="x is missing"):
        content(tmp_path / "x")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "begins with nothing"),
        (b"PK\x03\x04", "begins with 50 4b 03 04"),
        (idx_bytes(CLASSES), "begins with 00 00 08 01"),
        (idx_bytes(IMAGES)[:10], "its head alone takes 16"),
        (idx_bytes(IMAGES)[:-1], "truncated or too long: 615 bytes where 616"),
    ],
)
def test_other_files_are_refused(tmp_path, raw, message):
    (tmp_path / "x").write_bytes(raw)
    with pytest.raises(FileFormatError, match=message):
        idx.read(tmp_path / "x", axes=3)


def test_labels_must_belong_to_the_images(mnist_folder):
    (mnist_folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(CLASSES[:-1]))
    with pytest.raises(FileFormatError, match="24 images but 23 labels"):
        tasks.load("mnist", mnist_folder)


def test_labels_must_be_classes(mnist_folder):
    (mnist_folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(CLASSES + 10))
    with pytest.raises(FileFormatError, match="classes go from 0 to 9"):
        tasks.load("mnist", mnist_folder)


def records(count=4):
    return RANDOM.integers(0, 10, (count, cifar10.RECORD), dtype=np.uint8)


@pytest.fixture
def cifar_folder(tmp_path):
    for name in (*cifar10.TRAIN, cifar10.TEST):
        (tmp_path / name).write_bytes(records().tobytes())
    return tmp_path


def test_cifar_records_are_read(cifar_folder):
    task = tasks.load("cifar10", cifar_folder)
    raw = np.frombuffer((cifar_folder / cifar10.TEST).read_bytes(), np.uint8).reshape(4, -1)
    assert np.array_equal(task.test.targets, raw[:, 0])
    assert np.allclose(task.test.inputs[:, 1, 0, 3] * 255, raw[:, 1 + 1024 + 3])
    assert len(task.train) + len(task.validation) == 20


def test_the_cifar_archive_is_unpacked(cifar_folder, tmp_path, monkeypatch):
    packed = tmp_path / "packed.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        for name in (*cifar10.TRAIN, cifar10.TEST):
            archive.add(cifar_folder / name, f"{cifar10.FOLDER}/{name}")
    monkeypatch.setattr(cifar10, "ARCHIVE", published(tmp_path, "c.tar.gz", packed.read_bytes()))
    (tmp_path / "data").mkdir()
    assert len(tasks.load("cifar10", tmp_path / "data").test) == 4


def test_a_truncated_cifar_file_is_refused(cifar_folder):
    (cifar_folder / cifar10.TEST).write_bytes(records().tobytes()[:-1])
    with pytest.raises(FileFormatError, match="not a multiple of 3073"):
        tasks.load("cifar10", cifar_folder)


def test_a_missing_cifar_file_is_named(cifar_folder):
    (cifar_folder / cifar10.TRAIN[2]).unlink()
    with pytest.raises(FileFormatError, match=r"data_batch_3\.bin is missing; get it from https"):
        tasks.load("cifar10", cifar_folder)
