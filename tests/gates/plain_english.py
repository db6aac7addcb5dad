#!/usr/bin/env python3
"""Fails where the text of the project breaks one of the two rules of its English that a program can check:

  - width: no line of a Markdown document is longer than 100 columns, outside tables, code blocks and lines that one link fills;
  - "per", not "a": "one chunk per cycle", never "one chunk a cycle", in documents, comments, help texts and messages.

Files that do not comply yet stand in plain_english_exceptions.txt, beside this script; the test also fails where a file of
that list has become clean, so the list only shrinks.

usage: plain_english.py [PROJECT_FOLDER]
"""
import itertools
import re
import sys
from pathlib import Path

import gate

WIDTH = 100
EXCEPTIONS = "tests/gates/plain_english_exceptions.txt"
DOCUMENTS = ["*.md", "docs/**/*.md", "models/*.md", "traces/*.md", "driver/**/*.md", "examples/**/*.md", "packaging/**/*.md"]
SOURCES = [f"{folder}/**/*" for folder in ("src", "tests", "bench", "rtl", "tools", "configs", "packaging", "driver", "examples")]
SOURCES += ["CMakeLists.txt", ".ci/*"]
TEXT_SUFFIXES = {"", ".cpp", ".hpp", ".ipp", ".c", ".h", ".sv", ".svh", ".py", ".txt", ".cmake", ".ini", ".sh", ".js", ".html", ".css", ".vlt"}

# What is counted, and what it is counted per: a number or a counted noun, then "a", then one of the second.
COUNTED = ("activations|addresses|beats|bits|bytes|cases|characters|chunks|columns|configurations|cycles|elements|entries|figures|files|"
           "groups|images|inputs|instructions|lanes|layers|lines|logits|LUTs|messages|multiplications|networks|operations|outputs|"
           "packages|parts|passes|planes|points|products|programs|registers|rows|samples|seconds|sequences|shapes|slices|steps|tasks|"
           "times|tokens|traces|transactions|units|values|vectors|weights|words|FFs|DSPs|BRAMs|pJ|nJ|uJ|mJ|us|ns|ms|MB|GB|KiB|MiB")
UNIT = ("activation|address|axis|batch|beat|bit|block|burst|byte|case|cell|character|chunk|clock|column|core|cycle|day|descriptor|"
        "device|direction|element|entry|epoch|file|folder|frame|function|gate|group|hour|image|inference|key|lane|layer|line|"
        "metric|microsecond|millisecond|minute|model|module|month|network|operation|option|package|packet|page|parameter|part|pass|plane|point|"
        "process|program|row|run|sample|second|sequence|shape|slice|stage|step|subcommand|symbol|table|task|test|thread|token|trace|"
        "transaction|transfer|unit|value|vector|weight|word|worker|year")
NUMBER = r"(?:\d+(?:[,.]\d+)*|[Oo]ne|[Tt]wo|[Tt]hree|[Ff]our|[Ff]ive|[Ss]ix|[Ee]ight|ten|half|several|many|few|each|single|\d?[DELNSTUW])"
PHRASES = re.compile(
    rf"(?<![\w-])(?<![Ww]ithout )(?:(?:{COUNTED})|{NUMBER}\s+(?:[\w-]+\s+)?[\w-]+|[Aa]n?\s+[\w-]+)\s+an?\s+(?:{UNIT})(?![\w-])(?!\s+(?:takes|needs|costs))")
# A bare number: "one a row". Its verb may stand before it, so it needs no counted noun.
BARE = re.compile(rf"(?<![\w.-])(?:[Oo]ne|[Tt]wo|[Tt]hree|[Ff]our)\s+an?\s+(?:{UNIT})(?![\w-])")
NO_NOUN = (r"of|in|is|for|from|with|by|as|at|to|on|and|or|not|into|after|before|than|that|was|be|per|has|have|had|if|when|where|like|once|only|without|"
           r"within|through|over|under|between|means|makes|gives|takes|needs|holds|ends|begins|names|wants|such|but|are|then|during|until|about|"
           r"makes|reads|writes|behind|becomes|one|two|whose|it|via|while|so|does|can|must|may|out|up|off|down|there|even|just|left|"
           r"given|called|used|found|shown|written|asked|against|inside|outside|beside|beyond|also|still|always|never|share|shares|make|fit|fits|since|ago|take|need|hold|have|use|uses|begin|end|repeat|repeats")
# Verbs and prepositions before "a" are no counted noun: "one of a step", "two in a cycle".
FALSE_FRIENDS = re.compile(rf"(?:^|\s)(?:{NO_NOUN})\s+an?\s+\S+$", re.I)


def files_of(project, patterns):
    files = {path for pattern in patterns for path in project.glob(pattern) if path.is_file()}
    return sorted(path for path in files if not any(part.startswith("build") or part == "data" for part in path.relative_to(project).parts))


def too_wide(lines):
    """Numbers of the lines that are too wide."""
    in_code = False
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("```"):
            in_code = not in_code
        elif in_code or line.startswith(("|", "    ")) or re.fullmatch(r"[-*\s]*!?\[[^\]]*\]\([^)]*\)[.,]?", line):
            continue
        elif len(line) > WIDTH:
            yield number


def wrong_phrases(text):
    """(number of line, phrase)"""
    text = re.sub(r"\n[ \t]*(?:///?<?|#+|\*)[ \t]+", "\n", text)  # a comment that goes on in the next line
    counted = (match for match in PHRASES.finditer(text) if not FALSE_FRIENDS.search(match.group(0)))
    for match in itertools.chain(counted, BARE.finditer(text)):
        phrase = match.group(0)
        if "\n\n" not in phrase:
            yield text.count("\n", 0, match.start()) + 1, re.sub(r"\s+", " ", phrase)


def problems_of(path, is_document):
    text = path.read_text(errors="replace")
    if is_document:
        for number in too_wide(text.splitlines()):
            yield f"{number}: wider than {WIDTH} columns: break the line"
    for number, phrase in wrong_phrases(text):
        yield f"{number}: \"{phrase}\": write \"per\" instead of \"a\""


def main():
    project = gate.examined_project()
    exceptions = {line for line in (project / EXCEPTIONS).read_text().splitlines() if line and not line.startswith("#")}
    documents = files_of(project, DOCUMENTS)
    this = Path(__file__).resolve()  # shows phrases of the kind
    sources = [path for path in files_of(project, SOURCES) if path.suffix in TEXT_SUFFIXES and path.resolve() != this]
    told = []
    excused = set()
    for path in sorted(set(documents) | set(sources)):
        name = path.relative_to(project).as_posix()
        problems = list(problems_of(path, path in documents))
        if name in exceptions:
            excused.add(name)
            if not problems:
                told.append(f"{name}: complies. Remove its line from {EXCEPTIONS}")
            continue
        told += [f"{name}:{problem}" for problem in problems]
    told += [f"{EXCEPTIONS}: {name}: no such file. Remove its line" for name in sorted(exceptions - excused)]
    return gate.report(told, f"{len(documents)} documents, {len(sources)} source files, {len(excused)} excused")


if __name__ == "__main__":
    sys.exit(main())
