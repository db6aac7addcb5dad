#!/usr/bin/env python3
"""usage: completion_test.py SHELL PROGRAM...

Completes command lines in SHELL (bash, zsh or fish) as a user does, with the completion files of the built programs. bash and
zsh run interactively in a terminal of their own: the test types a line and the Tab key, and a shell function in the program's
place says which words arrived. fish tells its candidates without a terminal. Exit status 77: the shell is not installed.
"""
import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

SECONDS = 30

# What is typed before Tab, and the words that the program then gets. {DEVICE} and the like are of the shipped files.
LINES = {
    "bru": [
        ("bru insp", "inspect"),
        ("bru completion fi", "completion fish"),
        ("bru run --deadl", "run --deadline-us"),
        ("bru run --core rt", "run --core rtl"),
        ("bru run --core=rt", "run --core=rtl"),
        ("bru run --bru.scale_b", "run --bru.scale_bits"),
        ("bru resources --bru.device=xc7z04", "resources --bru.device=xc7z045"),
        ("bru sweep x --objectives cycles_per_s", "sweep x --objectives cycles_per_step"),
        ("bru sweep x --objectives lut,cycles_per_s", "sweep x --objectives lut,cycles_per_step"),
        ("bru run --model warpeace_h2", "run --model warpeace_h256.onnx"),
        ("bru run --model mine", "run --model mine.onnx"),  # a file of the current folder
        ("bru inspect mine", "inspect mine.onnx"),
        ("bru check fol", "check folder"),
    ],
    "bru-train": [
        ("bru-train resu", "resume"),
        ("bru-train text --arith", "text --arithmetic"),
        ("bru-train text --arithmetic bf", "text --arithmetic bfloat16"),
        ("bru-train text bo", "text book.txt"),
    ],
    "bru-cosim": [
        ("bru-cosim --fail", "--failure-file"),
        ("bru-cosim --case-file bo", "--case-file book.txt"),
    ],
}


def documents(program, folder):
    subprocess.run([program, "documents", folder], check=True)


class Terminal:
    """An interactive shell in a pseudo-terminal."""

    def __init__(self, command, environment):
        process, self.terminal = pty.fork()
        if process == 0:
            os.execvpe(command[0], command, environment)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait_for(self, wanted):
        seen = ""
        end = time.monotonic() + SECONDS
        while wanted not in seen:
            if time.monotonic() > end or not select.select([self.terminal], [], [], end - time.monotonic())[0]:
                raise SystemExit(f"waited {SECONDS} s for {wanted!r}; the terminal shows:\n{seen}")
            seen += os.read(self.terminal, 65536).decode(errors="replace")
        return seen

    def completed(self, line):
        """The words that the program gets after Tab."""
        self.type(line + "\t")
        time.sleep(0.3)  # what is typed while a shell completes may be taken as an answer
        self.type("\n")
        seen = self.wait_for("<END>\r\n")
        return seen[seen.rindex("GOT<") + len("GOT<"):seen.rindex("><END>")]


def start_bash(files, names, folder, loads_by_name):
    shell = Terminal(["bash", "--norc", "--noprofile", "-i"],
                     {**os.environ, "PS1": "", "TERM": "dumb", "INPUTRC": "/dev/null",
                      "BASH_COMPLETION_USER_DIR": str(files / "by-name")})
    shell.type("bind 'set enable-bracketed-paste off'; bind 'set bell-style none'; bind 'set completion-query-items 0'\n")
    if loads_by_name:
        shell.type("source /usr/share/bash-completion/bash_completion\n")
    for name in names:
        if loads_by_name:
            (files / "by-name/completions").mkdir(parents=True, exist_ok=True)
            shutil.copy(files / "bash" / name, files / "by-name/completions" / name)
        else:
            shell.type(f"source {files}/bash/{name}\n")
        shell.type(f"{name}() {{ echo \"GOT<$*><\"END'>'; }}\n")
    shell.type(f"cd {folder}; echo REA''DY\n")
    shell.wait_for("READY\r\n")
    return shell


def start_zsh(files, names, folder):
    shell = Terminal(["zsh", "-f", "-i"], {**os.environ, "TERM": "dumb"})
    shell.type(f"unsetopt zle_bracketed_paste beep prompt_sp prompt_cr 2> /dev/null; PS1=; fpath=({files}/zsh $fpath)\n"
               f"autoload -Uz compinit && compinit -u -D\n"
               "zstyle ':completion:*' insert-tab false\n")
    for name in names:
        shell.type(f"{name}() {{ print -r -- \"GOT<$*><\"END'>' }}\n")
    shell.type(f"cd {folder}; echo REA''DY\n")
    shell.wait_for("READY\r\n")
    return shell


def fish_candidates(files, name, folder, line):
    command = f"source {files}/fish/{name}.fish; complete -C '{line}'"
    run = subprocess.run(["fish", "--no-config", "-c", command], cwd=folder, capture_output=True, text=True, check=True,
                         env={**os.environ, "HOME": str(folder)})
    if run.stderr:
        raise SystemExit(f"fish says: {run.stderr}")
    return [candidate.split("\t")[0] for candidate in run.stdout.splitlines()]


def differences(got_of, programs):
    bad = []
    for name in programs:
        for line, expected in LINES[name]:
            got = got_of(line).rstrip(" =/")  # what a shell puts behind a word is its own affair
            if got != expected:
                bad.append(f"  {line!r}: expected {expected!r}, got {got!r}")
    return bad


def fish_differences(files, programs, folder):
    bad = []
    for name in programs:
        for line, expected in LINES[name]:
            last = expected.split(" ")[-1]
            candidates = fish_candidates(files, name, folder, line)
            if not any(candidate.rstrip("=/") == last for candidate in candidates):
                bad.append(f"  {line!r}: expected {last!r} among {candidates}")
    return bad


def main():
    shell, *programs = sys.argv[1:]
    if shutil.which(shell) is None:
        print(f"{shell} is not installed; the completion of {shell} was not tested")
        return 77
    with tempfile.TemporaryDirectory(prefix="bru_completion_") as scratch:
        files = pathlib.Path(scratch) / "files"
        folder = pathlib.Path(scratch) / "here"
        (folder / "folder").mkdir(parents=True)
        for name in ("mine.onnx", "book.txt", "folder.txt"):
            (folder / name).write_text("")
        for program in programs:
            documents(program, files)
        names = [pathlib.Path(program).name for program in programs]
        if shell == "fish":
            bad = fish_differences(files, names, folder)
        elif shell == "zsh":
            bad = differences(start_zsh(files, names, folder).completed, names)
        else:
            bad = differences(start_bash(files, names, folder, False).completed, names)
            if pathlib.Path("/usr/share/bash-completion/bash_completion").exists():
                bad += differences(start_bash(files, names, folder, True).completed, names)
            else:
                print("the package bash-completion is not installed; loading by name was not tested")
    if bad:
        print(f"{shell} completes wrongly:", *bad, sep="\n")
        return 1
    print(f"{shell}: {sum(len(LINES[name]) for name in names)} lines completed")
    return 0


sys.exit(main())
