#!/usr/bin/env python3
"""Does tools/get-mnist read digits of honest packages, and refuse all others without a traceback and without a file outside
of its folder? Usage: get_mnist_test.py"""
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "get-mnist"
IMAGE = [0.0, 0.25, 0.5, 1.0] * 196


def digits(**changed):
    texts = {str(digit): json.dumps({"data": IMAGE * (digit + 1)}) for digit in range(10)}
    texts.update(changed)
    return {f"package/src/digits/{digit}.json": text for digit, text in texts.items() if text is not None}


def archive(path, files, links=()):
    with tarfile.open(path, "w:gz") as made:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            made.addfile(member, io.BytesIO(text.encode()))
        for name, target in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            made.addfile(member)


def run(folder, package):
    return subprocess.run([sys.executable, TOOL, "out", package], cwd=folder, capture_output=True, text=True, timeout=60)


def refused(folder, package, what):
    answer = run(folder, package)
    assert answer.returncode == 2, (package, answer)
    assert answer.stderr.startswith("get-mnist: error: ") and what in answer.stderr, answer.stderr
    assert "Traceback" not in answer.stderr, answer.stderr
    assert not os.path.exists(os.path.join(folder, "out")), package


def main():
    with tempfile.TemporaryDirectory() as folder:
        here = lambda name: os.path.join(folder, name)  # noqa: E731
        outside = here("outside/0.json")
        archive(here("absolute.tgz"), {outside: "x", "package/../../up/0.json": "x", **digits()})
        refused(folder, "absolute.tgz", "is no JSON object")  # the first 0.json is not JSON
        archive(here("link.tgz"), {}, [(f"package/{digit}.json", "/etc/passwd") for digit in range(10)])
        refused(folder, "link.tgz", "has no 0.json")
        archive(here("missing.tgz"), digits(**{"7": None}))
        refused(folder, "missing.tgz", "has no 7.json")
        for number, text in enumerate(["", "[]", "{}", "5", '{"data": 5}', '{"data": ["a"]}', '{"data": []}', '{"data": [1]}',
                                       '{"data": [1e999]}', "[" * 100000, '{"data": ' + "[" * 100000, "\x00"]):
            archive(here(f"odd{number}.tgz"), digits(**{"3": text}))
            refused(folder, f"odd{number}.tgz", "3.json")
        pathlib.Path(here("noise.tgz")).write_bytes(b"no archive at all")
        refused(folder, "noise.tgz", "")
        archive(here("cut.tgz"), digits())
        whole = pathlib.Path(here("cut.tgz")).read_bytes()
        pathlib.Path(here("cut.tgz")).write_bytes(whole[:len(whole) // 2])
        refused(folder, "cut.tgz", "")
        refused(folder, "absent.tgz", "")
        assert not os.path.exists(here("outside")) and not os.path.exists(here("up"))

        archive(here("good.tgz"), digits())
        answer = run(folder, "good.tgz")
        assert answer.returncode == 0 and "55 digits" in answer.stdout, answer
        labels = pathlib.Path(here("out/labels.idx")).read_bytes()
        images = pathlib.Path(here("out/images.idx")).read_bytes()
        assert labels[8:] == b"".join(bytes([digit]) * (digit + 1) for digit in range(10))
        assert images[16:20] == bytes([0, 64, 128, 255]) and len(images) == 16 + 55 * 784
        os.chmod(here("out/labels.idx"), 0o600)
        assert run(folder, "good.tgz").returncode == 0
        assert os.stat(here("out/labels.idx")).st_mode & 0o777 == 0o600
        assert sorted(os.listdir(here("out"))) == ["images.idx", "labels.idx"]
    print("get-mnist reads honest packages and refuses all others")


main()
