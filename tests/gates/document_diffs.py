#!/usr/bin/env python3
"""Fails where a document shows a change of a line that no file of the project has: in a code block of the kind `diff`, every line
that is removed or kept must stand in a source, a test, a configuration or a document. " ..." stands for the rest of a line.

usage: document_diffs.py [PROJECT_FOLDER]
"""
import re
import sys

import gate

FOLDERS = ("src", "rtl", "tests", "configs", "docs", "driver", "examples")
DIFF = re.compile(r"(?ms)^([ \t]*)```diff\n(.*?)^[ \t]*```")


def lines_of(project, leave_out):
    """Every line of the project's files, without the blanks around it."""
    lines = set()
    for folder in FOLDERS:
        for path in (project / folder).rglob("*"):
            if path.is_file() and path != leave_out and path.stat().st_size < 1_000_000:
                lines.update(line.strip() for line in path.read_text(errors="replace").splitlines())
    return lines


def problems_of(project, document):
    text = document.read_text()
    blocks = list(DIFF.finditer(text))
    lines = lines_of(project, document) if blocks else set()
    for block in blocks:
        indent, content = block.groups()
        first = text.count("\n", 0, block.start()) + 2
        for number, line in enumerate(content.splitlines(), first):
            change = line[len(indent):]
            wanted = change[1:].strip()
            if change[:1] not in ("-", " ") or wanted in ("", "..."):
                continue
            begin, shortened, _ = wanted.partition(" ...")
            if wanted not in lines and not (shortened and any(there.startswith(begin) for there in lines)):
                yield f"{document.relative_to(project)}:{number}: no file has the line: {wanted}"


def main():
    project = gate.examined_project()
    documents = [*sorted(project.glob("*.md")), *sorted((project / "docs").rglob("*.md"))]
    problems = [problem for document in documents for problem in problems_of(project, document)]
    return gate.report(problems, f"{len(documents)} documents")


if __name__ == "__main__":
    sys.exit(main())
