#!/usr/bin/env python3
"""Each gate finds a violation that is planted in a small project, and finds nothing in that project without it.

usage: gates_test.py
"""
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

GATES = Path(__file__).resolve().parent
SKIPPED = 77
sys.path[:0] = [str(GATES), str(GATES.parents[1] / "tools")]
import document_commands  # noqa: E402
import include_direction  # noqa: E402
import tidy  # noqa: E402
import whole_file  # noqa: E402

CLEAN = {
    "src/CMakeLists.txt": "bru_layer(base)\nbru_layer(model base)\n",
    "src/base/CMakeLists.txt": "bru_sources(error.cpp)\n",
    "src/base/error.cpp": '#include "base/error.hpp"\n',
    "src/base/error.hpp": "#pragma once\n",
    "src/model/CMakeLists.txt": "bru_sources(network.cpp)\n",
    "src/model/network.cpp": '#include "model/network.hpp"\n\n#include "base/error.hpp"\n',
    "src/model/network.hpp": "#pragma once\n",
    "tests/CMakeLists.txt": "",
    "tests/gates/plain_english_exceptions.txt": "",
    "README.md": "# Title\n\nOne chunk per cycle. See [layers](docs/architecture.md#layers).\n",
    "docs/architecture.md": "# Layers\n\n| `src/base` | errors |\n| `src/model` | network |\n\n" + include_direction.MARK + "\n\n```text\n```\n",
}


class Gates(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = Path(folder.name).resolve()
        for name, text in CLEAN.items():
            self.write(name, text)
        for settings in (".clang-format", ".clang-tidy"):
            shutil.copy2(GATES.parents[1] / settings, self.project)
        self.run_gate("include_direction", "--write")

    def write(self, name, text):
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_gate(self, name, *options):
        command = [sys.executable, GATES / f"{name}.py", *options, self.project]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    def check(self, gate, name, text, message):
        """`gate` passes, and fails with `message` once the file `name` has `text`."""
        before = self.run_gate(gate)
        if before.returncode == SKIPPED:
            self.skipTest(before.stdout)
        self.assertEqual(before.returncode, 0, before.stdout)
        self.write(name, text)
        after = self.run_gate(gate)
        self.assertEqual(after.returncode, 1, after.stdout)
        self.assertIn(message, after.stdout)

    def test_include_of_a_layer_above(self):
        self.check("include_direction", "src/base/error.cpp", '#include "model/network.hpp"\n', "src/base/error.cpp:1")

    def test_source_that_nobody_names(self):
        self.check("include_direction", "src/base/numbers.cpp", "", "numbers.cpp")

    def test_old_diagram(self):
        self.check("include_direction", "src/CMakeLists.txt", "bru_layer(base)\nbru_layer(model)\n", "diagram")

    def test_format(self):
        self.check("format", "src/base/error.hpp", "int  f( ) ;\n", "error.hpp")

    def test_link_to_a_missing_file(self):
        self.check("document_links", "README.md", "[there](docs/gone.md)\n", "README.md:1: link to docs/gone.md")

    def test_link_to_a_missing_heading(self):
        self.check("document_links", "README.md", "[there](docs/architecture.md#gone)\n", "no heading of that name")

    def test_wide_line(self):
        self.check("plain_english", "README.md", "word " * 21 + "\n", "README.md:1: wider than 100 columns")

    def test_a_where_per_is_meant(self):
        self.check("plain_english", "README.md", "The lanes take one chunk" + " a cycle.\n", "README.md:1")

    def test_a_number_without_a_noun_where_per_is_meant(self):
        self.check("plain_english", "README.md", "The scales, one" + " a row.\n", "README.md:1")

    def test_exception_that_is_no_longer_needed(self):
        self.check("plain_english", "tests/gates/plain_english_exceptions.txt", "README.md\n", "README.md: complies")

    def test_change_of_a_line_that_is_gone(self):
        shown = "```diff\n-#pragma twice\n+#pragma once\n```\n"
        self.check("document_diffs", "README.md", shown, "README.md:2: no file has the line: #pragma twice")

    def test_change_of_a_line_that_is_there(self):
        self.write("README.md", "1. Step:\n\n   ```diff\n    #pra ...\n   ...\n   -#pragma once\n   +#pragma twice\n   ```\n")
        self.assertEqual(self.run_gate("document_diffs").returncode, 0)

    @unittest.skipIf(shutil.which("clang-tidy") is None, "clang-tidy was not found")
    def test_fault_in_a_source(self):
        name = "src/base/fault.cpp"
        self.write("build/compile_commands.json", json.dumps(
            [{"directory": str(self.project), "file": str(self.project / name), "command": f"c++ -std=c++17 -c {name}"}]))
        self.write(name, "int half(int value) { return value / 2; }\n")
        self.assertEqual(tidy.problems(self.project / "build", self.project, [name]), 0)
        self.write(name, "int half(int* value) { if (value == nullptr) return *value; return 0; }\n")
        self.assertEqual(tidy.problems(self.project / "build", self.project, [name]), 1)

    def problems_of_commands(self, program, output):
        """What the gate says of a document that shows `output` for a program `program`."""
        self.write("build/bru", f"#!/bin/sh\n{program}\n")
        (self.project / "build/bru").chmod(0o755)
        self.write("README.md", f"```\nbuild/bru run\n```\n\n```\n{output}\n```\n")
        return document_commands.check_document(self.project, self.project, "README.md")

    def test_command_as_shown(self):
        self.assertEqual(self.problems_of_commands("echo cycles 12", "cycles 12"), (1, []))

    def test_command_with_other_output(self):
        _, problems = self.problems_of_commands("echo cycles 13", "cycles 12")
        self.assertEqual(len(problems), 1)
        self.assertIn("does not print this line: cycles 12", problems[0])

    def renewed(self, shown, printed):
        return document_commands.renewed(shown.splitlines(), printed.splitlines())

    def test_renewed_output(self):
        self.problems_of_commands("echo cycles 13", "cycles 12")
        self.assertEqual(document_commands.check_document(self.project, self.project, "README.md", write=True), (1, []))
        self.assertIn("\n```\ncycles 13\n```\n", (self.project / "README.md").read_text())
        self.assertEqual(self.problems_of_commands("echo cycles 13", "cycles 13"), (1, []))

    def test_renewed_output_keeps_what_differs_from_run_to_run(self):
        self.assertEqual(self.renewed("total 12\nhost 0.1 s", "total 13\nhost 0.2 s"), ["total 13", "host 0.1 s"])

    def test_renewed_output_may_have_other_lines(self):
        self.assertEqual(self.renewed("a 1\nold 2\nb 3", "a 4\nb 5"), ["a 4", "b 5"])
        self.assertEqual(self.renewed("a 1\nold 2\nb 3", "a 4\nnew 6\nc 7\nb 5"), ["a 4", "new 6", "c 7", "b 5"])

    def test_renewed_output_leaves_out_what_was_left_out(self):
        self.assertEqual(self.renewed("a 1\nb 3", "a 4\nnew 6\nb 5\nc 7"), ["a 4", "b 5"])

    def test_renewed_output_stays_shortened(self):
        self.assertEqual(self.renewed("a 1\n...\nd 2", "a 3\nb 4\nc 5\nd 6"), ["a 3", "...", "d 6"])
        self.assertEqual(self.renewed("a 1\n...", "a 3\nb 4\nc 5"), ["a 3", "..."])

    def test_command_that_fails(self):
        _, problems = self.problems_of_commands("echo cycles 12; exit 2", "cycles 12")
        self.assertEqual(len(problems), 1)
        self.assertIn("exit status 2", problems[0])


class WholeFile(unittest.TestCase):
    """tools/whole_file.py, with which the scripts write."""

    def test_a_pipe_is_written_and_stays(self):
        with tempfile.TemporaryDirectory() as folder:
            pipe = os.path.join(folder, "pipe")
            os.mkfifo(pipe)
            reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            whole_file.write(pipe, "written")
            self.assertEqual(os.read(reader, 100), b"written")
            os.close(reader)
            self.assertTrue(stat.S_ISFIFO(os.stat(pipe).st_mode))


if __name__ == "__main__":
    unittest.main()
