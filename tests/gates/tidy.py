#!/usr/bin/env python3
"""Fails where clang-tidy finds a fault in a source file; .clang-tidy lists the checks with their reasons. Without clang-tidy the
test is skipped (Debian: package clang-tidy).

usage: tidy.py BUILD_FOLDER [--all | FILE...]
  no file  a small fixed set, one file of each kind of code, so that the test stays short
  --all    every source file of the project that the build folder compiles, as tools/check-tidy does
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SKIPPED = 77
FOLDERS = ("src", "tests", "bench", "driver", "examples")
SMALL_SET = ("src/base/numbers.cpp", "src/schedule/issue_scheduler.cpp", "src/model/onnx/value.cpp", "src/device/memory_shape.cpp",
             "tests/support/checked_sockets.cpp")
# What only GCC understands, and the precompiled headers, which are GCC's.
NOT_FOR_CLANG = re.compile(r" -Winvalid-pch| -include \S*cmake_pch\S*| -fpch-preprocess| --param[= ]\S+| -Wno-maybe-uninitialized")


def compile_commands(build, project):
    """File -> entry of the build's compile_commands.json, for files of the project itself."""
    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = Path(entry["file"])
        if path.is_relative_to(project) and path.relative_to(project).parts[0] in FOLDERS:
            command = NOT_FOR_CLANG.sub("", entry["command"])
            entries[path.relative_to(project).as_posix()] = {**entry, "command": command}
    return entries


def messages_on(program, folder, path):
    """The messages of clang-tidy on one file; empty where it finds nothing."""
    command = [program, "-p", folder, "--quiet", "--warnings-as-errors=*", str(path)]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    return (run.stdout + run.stderr).strip() if run.returncode != 0 else ""


def problems(build, project, wanted):
    """Number of files of `wanted` (["--all"]: of all that the build compiles) with a fault; prints what is wrong."""
    entries = compile_commands(build, project)
    names = sorted(entries) if wanted == ["--all"] else wanted
    unknown = [name for name in names if name not in entries]
    if unknown:
        print(f"{build}/compile_commands.json does not compile {', '.join(unknown)}")
        return len(unknown)
    program = shutil.which("clang-tidy")
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "compile_commands.json").write_text(json.dumps([entries[name] for name in names]))
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            results = threads.map(lambda name: messages_on(program, folder, project / name), names)
            for number, (name, messages) in enumerate(zip(names, results), 1):
                print(f"[{number}/{len(names)}] {name}", flush=True)
                if messages:
                    print(messages, flush=True)
                    bad += 1
    print(f"{len(names)} files, {bad} with a fault")
    return bad


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if shutil.which("clang-tidy") is None:
        print("clang-tidy was not found (Debian: apt install clang-tidy): skipped")
        return SKIPPED
    project = Path(__file__).resolve().parents[2]
    return 1 if problems(Path(sys.argv[1]).resolve(), project, sys.argv[2:] or list(SMALL_SET)) else 0


if __name__ == "__main__":
    sys.exit(main())
