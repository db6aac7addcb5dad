#!/usr/bin/env python3
"""Fails where clang-format 14 would change a C or C++ file. Other versions of clang-format format some lines differently, so only
version 14 counts (Debian 12: package clang-format); where it is missing the test is skipped.

usage: format.py [--write] [PROJECT_FOLDER]    (--write formats the files)
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = 14
FOLDERS = ("src", "tests", "bench", "driver", "examples")
SUFFIXES = {".cpp", ".hpp", ".ipp", ".c", ".h"}
SKIPPED = 77


def clang_format():
    """The program of the version that counts, or None."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        program = shutil.which(name)
        if program:
            text = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
            if re.search(rf"version {VERSION}\.", text):
                return program
    return None


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    project = Path(arguments[0] if arguments else Path(__file__).parents[2]).resolve()
    program = clang_format()
    if program is None:
        print(f"clang-format {VERSION} was not found (Debian 12: apt install clang-format): skipped")
        return SKIPPED
    files = sorted(path for folder in FOLDERS for path in (project / folder).rglob("*") if path.suffix in SUFFIXES)
    mode = ["-i"] if "--write" in sys.argv else ["--dry-run", "-Werror"]
    chunks = [files[i::os.cpu_count() or 1] for i in range(os.cpu_count() or 1)]
    runs = [subprocess.Popen([program, *mode, *map(str, chunk)], stderr=subprocess.PIPE, text=True) for chunk in chunks if chunk]
    wrong = {}
    for run in runs:
        for file, line in re.findall(r"(?m)^(.*?):(\d+):\d+: error:", run.communicate()[1]):
            wrong.setdefault(file, line)
    for file, line in sorted(wrong.items()):
        print(f"{Path(file).relative_to(project)}:{line}: clang-format {VERSION} would change it. Run tests/gates/format.py --write")
    print(f"{len(files)} files, {len(wrong)} problems")
    return 1 if wrong or any(run.returncode for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
