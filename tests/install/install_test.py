#!/usr/bin/env python3
"""usage: install_test.py BUILD_FOLDER | install_test.py --installed PREFIX

Installs a build into a temporary folder and uses it as its owner would: by name from any folder, moved as a whole, without the
right to write, and with the program alone moved away. With --installed the installation that is there, for example that of the
Debian package, is tested and stays where it is.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

JOB = ["run", "--config", "z7020.ini", "--model", "warpeace_h256.onnx", "--trace", "warpeace.trace"]
SWEEP = ["sweep", "warpeace.ini", "--steps", "10", "--bru.lanes=32, 64", "--bru.lane_width=16", "--bru.update_width=2",
         "--bru.output_fifo_beats=512", "--processes", "1"]


def run(program, words, folder, data=None, status=0):
    environment = {key: text for key, text in os.environ.items() if key != "BRU_DATA"}
    if data:
        environment["BRU_DATA"] = str(data)
    # As nobody where that is possible: root may write anywhere.
    user = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
    result = subprocess.run([str(program), *words], cwd=folder, env=environment, capture_output=True, text=True, **user)
    assert result.returncode == status, f"{program} {' '.join(words)}: status {result.returncode}\n{result.stdout}{result.stderr}"
    return result.stdout + result.stderr


def listing(prefix):
    return sorted((str(path), path.lstat().st_mtime_ns) for path in prefix.rglob("*"))


def check_use(prefix, folder):
    """By name, from a folder that has nothing to do with the installation."""
    program = prefix / "bin/bru"
    out = run(program, JOB, folder)
    assert re.search(r"golden +[1-9][0-9,]* values checked, 0 mismatches", out), out
    (folder / "own.ini").write_text("[run]\nmodel = warpeace_h256.onnx\ntrace = traces/warpeace.trace\n")
    assert " 0 mismatches" in run(program, ["run", "--config", "own.ini"], folder)
    # A file of the current folder wins.
    (folder / "z7020.ini").write_text("[bru]\nlanes = 128\n")
    assert "128 lanes" in run(program, JOB, folder)
    (folder / "z7020.ini").unlink()
    out = run(program, SWEEP + ["--best", "best.ini"], folder)
    assert (folder / "warpeace.db").exists(), out
    run(program, ["run", "--config", "best.ini"], folder)
    library = list(prefix.glob("share/bru/web/echarts.min.js"))
    out = run(program, ["report", "warpeace.db", "--out", "page.html"], folder, status=0 if library else 2)
    assert library or "tools/get-plotting-library" in out, out
    run(program, ["inspect", "digits_h128.onnx"], folder)
    assert "XC7Z045" in run(program, ["resources", "--device", "all"], folder)
    out = run(program, ["run", "--model", "warpeace_h26.onnx", "--trace", "warpeace.trace"], folder, status=2)
    assert f"{prefix}/share/bru/models" in out and "Did you mean 'warpeace_h256.onnx'" in out, out


def check_program_alone(prefix, folder):
    """The program without its files says where it looked, and what to do."""
    alone = folder / "alone"
    alone.mkdir()
    program = shutil.copy(prefix / "bin/bru", alone / "bru")
    for path in (folder, alone, alone / "bru"):
        path.chmod(0o755)
    for words in (["resources"], JOB):
        out = run(program, words, alone, status=2)
        assert f"{folder}/share/bru/configs" in out and "BRU_DATA" in out, out
    assert " 0 mismatches" in run(program, JOB, alone, data=prefix / "share/bru")


def check_documents(prefix):
    top = prefix / "share/doc/bru"
    pages = [page for folder in (top, prefix / "share/bru") for page in folder.rglob("*.md")]
    assert len(pages) > 10, pages
    broken = []
    for page in pages:
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
            if "://" not in link and not pathlib.Path(os.path.normpath(page.parent / link)).exists():
                broken.append(f"{page}: {link}")
    assert not broken, "\n".join(broken)
    for page in (prefix / "share/man/man1").glob("bru*.1.gz"):
        if shutil.which("man") is None:
            print("man is not installed; the manual pages were not read")
            break
        said = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "MANROFFSEQ": ""})
        assert said.returncode == 0 and not said.stderr and "EXIT STATUS" in said.stdout, f"{page}: {said.stderr}"
    for name in ("bash-completion/completions/bru", "zsh/vendor-completions/_bru", "fish/vendor_completions.d/bru.fish"):
        assert (prefix / "share" / name).read_text().count("deadline-us") > 0, name


def check_no_build_paths(prefix, build):
    """Nothing that is installed names a folder of the machine that built it, but for the Verilated RTL, whose messages name
    its source, and with Verilator 5.032 the C++ files made of it."""
    source = re.search(r"CMAKE_HOME_DIRECTORY:INTERNAL=(.*)", (build / "CMakeCache.txt").read_text()).group(1)
    verilated = re.compile(re.escape(source.encode()) + rb"/(rtl/bru_(core\.sv|top\.v)|[\w./-]*/Vbru_\w+\.(cpp|h))")
    for path in prefix.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = verilated.sub(b"", path.read_bytes())
            assert source.encode() not in content, f"{path} names {source}"


def check_installed(prefix):
    with tempfile.TemporaryDirectory(prefix="bru_use_") as scratch:
        folder = pathlib.Path(scratch) / "use"
        folder.mkdir()
        pathlib.Path(scratch).chmod(0o777)
        folder.chmod(0o777)
        before = listing(prefix / "share/bru")
        check_use(prefix, folder)
        check_program_alone(prefix, folder)
        assert before == listing(prefix / "share/bru"), "the installation was written to"
    check_documents(prefix)


def main():
    if sys.argv[1] == "--installed":
        check_installed(pathlib.Path(sys.argv[2]))
        return
    build = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="bru_install_") as scratch:
        pathlib.Path(scratch).chmod(0o755)
        first = pathlib.Path(scratch) / "first"
        subprocess.run(["cmake", "--install", str(build), "--prefix", str(first)], check=True, capture_output=True)
        check_no_build_paths(first, build)
        moved = first.rename(first.parent / "moved")
        for path in moved.rglob("*"):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~0o222)
        check_installed(moved)
        for path in [moved, *moved.rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
    print("installed, moved, read-only, program alone: all as it should be")


main()
