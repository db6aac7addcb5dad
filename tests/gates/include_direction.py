#!/usr/bin/env python3
"""Fails where a source file includes against the order of the layers, or where the documents show another order.

The one declaration of the order is the table of bru_layer() lines in src/CMakeLists.txt. This test checks against it:
  - the table itself: a layer stands below every layer that it may include, and every folder with sources is a layer;
  - every include in src/: its folder is the layer itself, or one that the layer may include, directly or through another;
  - the CMakeLists.txt of each layer and tests/CMakeLists.txt: they name every source file of their folders;
  - docs/architecture.md: it shows the diagram of the layers (--write renews it) and says of each layer what it is for.

usage: include_direction.py [--write] [PROJECT_FOLDER]
"""
import re
import sys
from pathlib import Path

import gate

TABLE = "src/CMakeLists.txt"
DOCUMENT = "docs/architecture.md"
MARK = "<!-- The diagram of the layers: tests/gates/include_direction.py --write -->"
SOURCE_SUFFIXES = {".cpp", ".hpp", ".ipp", ".c", ".h"}


def declared_layers(project):
    """The table: layer -> layers that it names, in the order of the table."""
    lines = (project / TABLE).read_text().splitlines()
    matches = (re.match(r"\s*bru_layer\(([^)]+)\)", line) for line in lines)
    words = [match.group(1).split() for match in matches if match]
    return {layer: named for layer, *named in words}


def all_below(layers):
    """layer -> every layer that it may include, directly or through another."""
    below = {}
    for layer, named in layers.items():
        below[layer] = set(named).union(*(below.get(name, set()) for name in named))
    return below


def layer_of(path, layers):
    """The layer whose folder holds `path`, the innermost one, or None. `path` is relative to src/."""
    for parent in path.parents:
        if parent.as_posix() in layers:
            return parent.as_posix()
    return None


def source_files(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCE_SUFFIXES)


def check_table(project, layers):
    seen = set()
    for layer, named in layers.items():
        for name in named:
            if name not in seen:
                yield f"{TABLE}: `{layer}` names `{name}`, which is no layer above it in the table. Order the table from the lowest layer up; a circle has no such order."
        seen.add(layer)
        if not (project / "src" / layer).is_dir():
            yield f"{TABLE}: the layer `{layer}` has no folder src/{layer}. Remove its line."
    for path in source_files(project / "src"):
        if layer_of(path.relative_to(project / "src"), layers) is None:
            yield f"{path.relative_to(project)}: its folder is no layer. Add a bru_layer() line to {TABLE}."


def check_includes(project, layers):
    below = all_below(layers)
    for path in source_files(project / "src"):
        layer = layer_of(path.relative_to(project / "src"), layers)
        if layer is None:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
            if not match:
                continue
            place = f"{path.relative_to(project)}:{number}: includes \"{match.group(1)}\""
            if not (project / "src" / match.group(1)).exists():
                if "/" not in match.group(1):
                    yield f"{place}, which does not name its layer. Write \"{layer}/{match.group(1)}\"."
                continue
            other = layer_of(Path(match.group(1)), layers)
            if other == layer or other in below[layer]:
                continue
            yield (f"{place}, but `{layer}` may not include `{other}`. "
                   f"`{layer}` may include: {', '.join(sorted(below[layer])) or 'no other layer'}. "
                   + (f"`{other}` is above `{layer}`: move what both need into a layer below both."
                      if other in below and layer in below[other]
                      else f"If `{layer}` is meant to depend on `{other}`, add `{other}` to the line of `{layer}` in {TABLE}."))


def check_named_sources(project, layers):
    """Sources are named, not globbed: a file that nobody names would silently not be built."""
    for path in source_files(project / "src") + source_files(project / "tests"):
        if path.suffix not in {".cpp", ".c"}:
            continue
        relative = path.relative_to(project)
        if relative.parts[0] == "tests":
            if relative.parts[1] in ("install", "data"):  # projects of their own
                continue
            own = project / "tests" / relative.parts[1]
            folder = own if (own / "CMakeLists.txt").exists() else project / "tests"
        else:
            layer = layer_of(path.relative_to(project / "src"), layers)
            if layer is None:
                continue
            folder = project / "src" / layer
        names = re.split(r"[\s()]+", (folder / "CMakeLists.txt").read_text())
        if path.relative_to(folder).as_posix() not in names and path.name not in names:
            yield f"{relative}: {folder.relative_to(project)}/CMakeLists.txt does not name it, so nothing builds it. Add it there."


def diagram(layers):
    """The layers from the top down, one line each, those that include the same layers together: every arrow points down."""
    rows = []
    for layer, named in reversed(layers.items()):
        if rows and rows[-1][1] == named:
            rows[-1][0].append(layer)
        else:
            rows.append(([layer], named))
    left = [", ".join(names) for names, _ in rows]
    width = max(map(len, left))
    lines = [f"{text:<{width}}  ──►  {', '.join(reversed(named))}" if named else f"{text}" for text, (_, named) in zip(left, rows)]
    return "\n".join([MARK, "", "```text", *lines, "```"])


def shown_diagram(text):
    match = re.search(re.escape(MARK) + r"\n\n```text\n.*?```", text, re.S)
    return match.group(0) if match else None


def check_document(project, layers):
    text = (project / DOCUMENT).read_text()
    if shown_diagram(text) != diagram(layers):
        yield f"{DOCUMENT}: its diagram of the layers differs from {TABLE}. Run tests/gates/include_direction.py --write."
    for layer in layers:
        if not re.search(rf"(?m)^\|.*`src/{layer}/?`.*\|", text):
            yield f"{DOCUMENT}: no row of its table of folders says what `src/{layer}` is for. Add one."


def write_document(project, layers):
    path = project / DOCUMENT
    text = path.read_text()
    shown = shown_diagram(text)
    if shown is None:
        sys.exit(f"{DOCUMENT}: put this line, an empty line and an empty ```text block where the diagram is to be:\n{MARK}")
    path.write_text(text.replace(shown, diagram(layers)))


def main():
    project = gate.examined_project()
    layers = declared_layers(project)
    if "--write" in sys.argv:
        write_document(project, layers)
    problems = [problem for check in (check_table, check_includes, check_named_sources, check_document) for problem in check(project, layers)]
    return gate.report(problems, f"{len(layers)} layers, {len(source_files(project / 'src'))} source files")


if __name__ == "__main__":
    sys.exit(main())
