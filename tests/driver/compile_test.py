#!/usr/bin/env python3
"""Fails where a C file of driver/ is no C99 or gives a warning: with GCC and Clang, with the compilers for ARM, and in Clang's
analyzer. Compilers that are missing are named and left out.

usage: compile_test.py
"""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DRIVER = Path(__file__).resolve().parents[2] / "driver"
STRICT = "-std=c99 -O2 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror".split()

# Command, and the folders of ports that it compiles beside the driver.
COMPILERS = [
    ("gcc", [], ["linux"]),
    ("clang", [], ["linux"]),
    ("arm-none-eabi-gcc", ["-mcpu=cortex-a9", "-mfpu=vfpv3", "-mfloat-abi=hard", "-ffreestanding"], ["bare_metal"]),
    ("arm-linux-gnueabihf-gcc", [], ["linux"]),
]


def sources(ports):
    files = sorted(DRIVER.glob("*.c"))
    for port in ports:
        files += sorted((DRIVER / "ports" / port).glob("*.c"))
    return files


def problem(command):
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    output = run.stdout + run.stderr
    return f"{' '.join(map(str, command))}\n{output}" if run.returncode != 0 or output.strip() else ""


def main():
    problems, compiled = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for name, options, ports in COMPILERS:
            compiler = shutil.which(name)
            if compiler is None:
                print(f"{name} was not found: left out")
                continue
            for source in sources(ports):
                compiled += 1
                problems.append(problem([compiler, *STRICT, *options, "-I", DRIVER, "-c", source, "-o", f"{folder}/object.o"]))
                if name == "clang":
                    analyzed = ["--analyze", "-std=c99", *options, "-I", DRIVER, source, "-o", f"{folder}/analysis.plist"]
                    problems.append(problem([compiler, *analyzed]))
    problems = [text for text in problems if text]
    print("\n".join(problems))
    print(f"{compiled} compilations, {len(problems)} with problems")
    return 1 if problems or compiled == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
