#!/usr/bin/env python3
"""Fails where a link in a Markdown document leads nowhere: no such file, or no such heading in it. Links to the web are not tried.

usage: document_links.py [PROJECT_FOLDER]
"""
import re
import sys

import gate


def without_code(text):
    """The text with code blocks and inline code blanked, lines kept."""
    text = re.sub(r"(?ms)^[ \t]*```.*?^[ \t]*```", lambda match: "\n" * match.group(0).count("\n"), text)
    return re.sub(r"`[^`\n]*`", "``", text)


def anchors(path):
    """The names that GitHub gives to the headings of a document, and those that it sets itself."""
    text = path.read_text()
    names = set(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    count = {}
    for heading in re.findall(r"(?m)^#{1,6} +(.*?)\s*#*$", re.sub(r"(?ms)^[ \t]*```.*?^[ \t]*```", "", text)):
        heading = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        names.add(name if name not in count else f"{name}-{count[name]}")
        count[name] = count.get(name, 0) + 1
    return names


def problems_of(project, document):
    text = without_code(document.read_text())
    for match in re.finditer(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|(?m:^\[[^\]]+\]:\s*(\S+))|(?:src|href)=\"([^\"]+)\"", text):
        link = next(group for group in match.groups() if group)
        if re.match(r"[a-z]+:", link):
            continue
        place = f"{document.relative_to(project)}:{text.count(chr(10), 0, match.start()) + 1}: link to {link}"
        file_name, _, anchor = link.partition("#")
        target = (document.parent / file_name).resolve() if file_name else document
        if not target.exists():
            yield f"{place}: there is no such file"
        elif project not in target.parents and target != project:
            yield f"{place}: it leads out of the project"
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            yield f"{place}: {target.relative_to(project)} has no heading of that name; it has: {', '.join(sorted(anchors(target)))}"


def main():
    project = gate.examined_project()
    documents = sorted(path for path in project.rglob("*.md")
                       if not any(part.startswith((".", "build")) for part in path.relative_to(project).parts))
    problems = [problem for document in documents for problem in problems_of(project, document)]
    return gate.report(problems, f"{len(documents)} documents")


if __name__ == "__main__":
    sys.exit(main())
