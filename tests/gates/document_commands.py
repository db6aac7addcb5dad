#!/usr/bin/env python3
"""Runs the commands of README.md, docs/tutorial.md and docs/serving.md in a temporary copy of the project: those of code blocks that begin with
`build/bru`, and the `mkdir` and `cp` lines between them. Fails where a command fails, or where its output is not what the document
shows in a code block directly below (in any order; times of the host and shortened parts "..." are not compared).

A document excludes a code block by this comment in the line above it: <!-- not run by the tests: REASON -->
Commands of programs that were not built, and `build/bru report` without its plotting library, are skipped.

usage: document_commands.py [--write] BUILD_FOLDER    (--write renews the outputs that the documents show)
"""
import difflib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DOCUMENTS = ("README.md", "docs/tutorial.md", "docs/serving.md")
RUN = re.compile(r"(build/bru(-train)? |mkdir -p build/|cp docs/)")
COPIED = ("configs", "models", "traces", "docs")
EXCLUDED = re.compile(r"<!-- not run by the tests: .+ -->")
# Lines of an output that differ from run to run: host times, and the end of a list that the document shortens.
VARIES = re.compile(r"^host |^speed |^\s*\.\.\.|\.\.\.$")
SHORTENED = re.compile(r"^\s*\.\.\.|\.\.\.$")


def code_blocks(text):
    """(number of its first line, excluded, directly below another, lines) of each code block."""
    lines = text.splitlines()
    start = None
    end_before = None
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            continue
        if start is None:
            start = number
        else:
            above = next((other for other in reversed(lines[:start]) if other), "")
            directly_below = end_before is not None and not any(lines[end_before + 1:start])
            yield start + 2, bool(EXCLUDED.search(above)), directly_below, lines[start + 1:number]
            start, end_before = None, number


def commands_of(lines):
    """The commands of a code block, or nothing where it is an output. A backslash continues a line."""
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines()
    return [line for line in joined if RUN.match(line)]


def copy_of(project, build, folder):
    """A working folder with the data and the programs: a program finds shipped files through a file beside itself."""
    for name in COPIED:
        shutil.copytree(project / name, folder / name)
    programs = folder / "build"
    programs.mkdir()
    for name in ("bru", "bru-train", "bru-virtual-board"):
        if (build / name).exists():
            shutil.copy2(build / name, programs / name)
    if (build / "web/echarts.min.js").exists():
        shutil.copytree(build / "web", programs / "web")
    (programs / "bru-data-folders.txt").write_text(f"{folder}\n{programs}\n")


def reason_to_skip(command, folder):
    program = command.split()[0]
    if program.startswith("build/") and not (folder / program).exists():
        return f"{program} was not built"
    if command.startswith("build/bru report") and not (folder / "build/web/echarts.min.js").exists():
        return "the plotting library of `bru report` is missing (tools/get-plotting-library)"
    return None


def nearest(line, printed):
    """The printed line that is most like a line of a document."""
    return max(printed, key=lambda other: difflib.SequenceMatcher(None, line, other).ratio(), default=line)


def renewed(shown, printed):
    """The lines of an output as a document would show them now. Shortened parts stay shortened, and lines that differ from run to run
    stay as they are. Lines that the document leaves out stay left out. Lines are aligned by their words, since numbers are what changes."""
    def words(line):
        return re.sub(r"[\d,.]+", "0", " ".join(line.split()))
    steps = difflib.SequenceMatcher(None, [words(line) for line in shown], [words(line) for line in printed], False).get_opcodes()
    lines = []
    for kind, begin, end, printed_begin, printed_end in steps:
        old, new = shown[begin:end], printed[printed_begin:printed_end]
        if kind == "insert":
            continue  # what a document leaves out stays left out
        if any(map(SHORTENED.search, old)):
            lines += [line if SHORTENED.search(line) else nearest(line, new) for line in old]
        else:
            old_varying = iter([line for line in old if VARIES.search(line)])
            lines += [next(old_varying, line) if VARIES.search(line) else line for line in new]
    return lines


def check_document(project, folder, name, write=False):
    """(commands that ran, problems); with `write` the document shows afterwards what was printed"""
    ran, problems = 0, []
    output = None  # of the block before, if it was run
    text = (project / name).read_text().splitlines()
    renewals = []  # (index of the first line, lines before, lines now)
    for first_line, excluded, directly_below, lines in code_blocks("\n".join(text)):
        commands = commands_of(lines)
        if not commands or excluded:
            printed = set(output or [])
            missing = [] if output is None or not directly_below else [line for line in lines if line.rstrip() not in printed and not VARIES.search(line)]
            for line in missing if not write else []:
                problems.append(f"{name}:{first_line + lines.index(line)}: the command above does not print this line: {line}")
            if missing and write:
                renewals.append((first_line - 1, lines, renewed(lines, output)))
            output = None
            continue
        output = []
        for command in commands:
            reason = reason_to_skip(command, folder)
            if reason:
                print(f"{name}:{first_line}: skipped, {reason}: {command}")
                output = None
                break
            run = subprocess.run(["bash", "-c", command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            ran += 1
            output += [line.rstrip() for line in run.stdout.splitlines()]
            if run.returncode != 0:
                problems.append(f"{name}:{first_line}: exit status {run.returncode}: {command}\n{run.stdout}")
    for start, before, now in reversed(renewals):
        text[start:start + len(before)] = now
    if renewals:
        (project / name).write_text("\n".join(text) + "\n")
        print(f"{name}: {len(renewals)} outputs renewed; read the text around them")
    return ran, problems


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    project = Path(__file__).resolve().parents[2]
    build = Path(arguments[0]).resolve()
    ran, problems = 0, []
    for name in DOCUMENTS:
        with tempfile.TemporaryDirectory() as folder:
            copy_of(project, build, Path(folder))
            more_ran, more_problems = check_document(project, Path(folder), name, "--write" in sys.argv)
            ran += more_ran
            problems += more_problems
    print(*problems, sep="\n")
    print(f"{ran} commands ran, {len(problems)} problems")
    return 1 if problems or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
