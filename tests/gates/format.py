#!/usr/bin/env python3
"""Fails where clang-format would change a C or C++ file. The files are written so that the versions of both Debian releases, 14 and
19 (package clang-format), agree; other versions format some lines differently. Where neither is found the test is skipped.

usage: format.py [--write] [PROJECT_FOLDER]    (--write formats the files)
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import gate

VERSIONS = (14, 19)
FOLDERS = ("src", "tests", "bench", "driver", "examples")
SUFFIXES = {".cpp", ".hpp", ".ipp", ".c", ".h"}
SKIPPED = 77


def clang_format():
    """A program of a version that counts and its version, or None."""
    for name in ("clang-format", *(f"clang-format-{version}" for version in VERSIONS)):
        program = shutil.which(name)
        if program:
            text = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
            version = int(re.search(r"version (\d+)\.", text)[1])
            if version in VERSIONS:
                return program, version
    return None


def main():
    project = gate.examined_project()
    found = clang_format()
    if found is None:
        print(f"clang-format {' or '.join(map(str, VERSIONS))} was not found (Debian: apt install clang-format): skipped")
        return SKIPPED
    program, version = found
    files = sorted(path for folder in FOLDERS for path in (project / folder).rglob("*") if path.suffix in SUFFIXES)
    mode = ["-i"] if "--write" in sys.argv else ["--dry-run", "-Werror"]
    chunks = [files[i::os.cpu_count() or 1] for i in range(os.cpu_count() or 1)]
    runs = [subprocess.Popen([program, *mode, *map(str, chunk)], stderr=subprocess.PIPE, text=True) for chunk in chunks if chunk]
    wrong = {}
    for run in runs:
        for file, line in re.findall(r"(?m)^(.*?):(\d+):\d+: error:", run.communicate()[1]):
            wrong.setdefault(file, line)
    for file, line in sorted(wrong.items()):
        print(f"{Path(file).relative_to(project)}:{line}: clang-format {version} would change it. Run tests/gates/format.py --write")
    print(f"{len(files)} files, {len(wrong)} problems (clang-format {version})")
    return 1 if wrong or any(run.returncode for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
