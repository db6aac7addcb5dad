#!/usr/bin/env python3
"""tools/sweep-slurm against a real Slurm: munged, slurmctld and slurmd of its own on the local host. The joined table
must be that of one undisturbed `bru sweep`, whatever happened to the tasks. Skipped (exit status 77) where Slurm is
missing or without root. Arguments: the built bru."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import slurm_cluster  # noqa: E402

PROJECT = pathlib.Path(__file__).resolve().parents[2]
TOOL = PROJECT / "tools" / "sweep-slurm"
TASKS = 4
LONGEST_S = 60  # of one call on a busy machine
# Each point has number formats of its own, so that it takes tens of milliseconds and a task can be met in the middle.
SWEEP = """
[sweep]
objectives = cycles_per_step, nats_per_label
constraints = fits
accuracy_steps = 900
[run]
model = {project}/models/warpeace_h256.onnx
trace = {project}/traces/warpeace.trace
output = logits
steps = 50
[bru]
activation_bits = 4..10
lut_address_bits = 6..12
scale_bits = 12, 16
"""


class Failed(Exception):
    pass


def expect(condition, text, *seen):
    if not condition:
        raise Failed(text + "".join(f"\n--- seen:\n{each}" for each in seen))


class Session:
    """A folder with the sweep file, and calls of bru and of the tool in it."""

    def __init__(self, cluster, folder, bru):
        self.cluster, self.folder, self.bru = cluster, folder, bru
        (folder / "my sweep.ini").write_text(SWEEP.format(project=PROJECT))
        self.place = {"cwd": folder, "env": cluster.environment, "text": True}

    def command(self, database, *more):
        return [str(TOOL), "my sweep.ini", "--tasks", str(TASKS), "--db", database, "--bru", self.bru,
                f"--csv={database}.csv", *more]

    def call(self, status, database, *more):
        answer = subprocess.run(self.command(database, *more), capture_output=True, timeout=LONGEST_S, **self.place)
        expect(answer.returncode == status,
               f"{database} {' '.join(more)}: exit status {answer.returncode}, expected {status}",
               answer.stdout, answer.stderr)
        return answer.stdout + answer.stderr

    def started(self, database):
        return subprocess.Popen(self.command(database), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **self.place)

    def reference(self):
        """The table, from one bru sweep alone."""
        command = [self.bru, "sweep", "my sweep.ini", "--processes", "2", "--db", "alone.db", "--csv", "alone.csv"]
        subprocess.run(command, check=True, capture_output=True, timeout=LONGEST_S, **self.place)
        return (self.folder / "alone.csv").read_text()

    def table(self, database):
        return (self.folder / f"{database}.csv").read_text()

    def part(self, database, task):
        return self.folder / f"{database}.parts" / f"part-{task}-of-{TASKS}.db"

    def process_of(self, database, task, tool):
        """Id of the task's bru, as soon as it has saved some of its points."""
        part, begin = self.part(database, task), time.monotonic()
        while time.monotonic() - begin < LONGEST_S and tool.poll() is None:
            with contextlib.suppress(OSError, sqlite3.Error):
                if saved_points(part) > 0:
                    for process in slurm_cluster.descendants(os.getpid()):
                        words = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
                        if os.fsencode(self.bru) == words[0] and os.fsencode(part) in words and is_first(process):
                            return process
            time.sleep(0.01)
        raise Failed(f"task {task} of {database} was not met at work")

    def jobs(self):
        return self.cluster.output("squeue", "--noheader", "--states=all", "--format=%F").split()


def saved_points(database):
    """How many points the database holds, as a crash at this moment would leave it: of a copy with its journal, since the
    sweep keeps the database locked. Raises OSError or sqlite3.Error where it is not there yet, or changes meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / database.name
        for suffix in ("", "-journal"):
            shutil.copy(f"{database}{suffix}", f"{copy}{suffix}")
        with contextlib.closing(sqlite3.connect(copy)) as connection:
            return connection.execute("SELECT COUNT(*) FROM points").fetchone()[0]


def is_first(process):
    """And not a worker, whose parent is a bru with the same command line."""
    parent = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1]
    own, above = (pathlib.Path(f"/proc/{each}/cmdline").read_bytes() for each in (process, parent))
    return own != above


def errors_are_told(session, _):
    """Once, and before anything is submitted."""
    text = session.call(2, "errors.db", "--sampling=nsga2", "--points=10")
    expect("nsga2" in text and "nothing was submitted" in text, "a guided search is refused", text)
    text = session.call(2, "errors.db", "--bru.lanez=64")
    expect(text.count("lanez") == 1, "an unknown key is told once", text)
    text = session.call(2, "errors.db", "--", "--partition=nowhere")
    expect("nowhere" in text, "what sbatch says is shown", text)
    expect(session.jobs() == [], "nothing was submitted", session.jobs())


def undisturbed(session, reference):
    text = session.call(0, "plain.db")
    expect(session.table("plain.db") == reference, "the joined table is that of one bru sweep", text)
    expect(f"{TASKS} tasks submitted" in text and "best:" in text, "the summary is shown", text)
    for part in range(1, TASKS + 1):
        expect(session.part("plain.db", part).exists(), "each task has its part")
    text = session.call(0, "plain.db")
    expect("plain.db is complete" in text, "a complete table is not made again", text)
    text = session.call(2, "plain.db", "--seed=2")
    expect("another sweep" in text, "a table of another sweep is not touched", text)


def killed_task(session, reference):
    """kill -9 of one task's bru; then the same command. And a part that is damaged afterwards."""
    tool = session.started("killed.db")
    os.kill(session.process_of("killed.db", 2, tool), signal.SIGKILL)
    text = tool.communicate(timeout=LONGEST_S)[0]
    expect(tool.returncode == 1, f"exit status {tool.returncode}, expected 1", text)
    expect("task 2: failed" in text and "signal 9" in text, "the failed task and the end of its log are shown", text)
    expect(session.table("killed.db") != reference, "points are missing", text)
    text = session.call(0, "killed.db")
    expect("1 task submitted" in text and "3 tasks complete" in text, "only the killed task runs again", text)
    logs = (session.folder / "killed.db.parts" / "logs").glob("*_2.log")
    log = max(logs, key=lambda path: path.stat().st_mtime).read_text()
    evaluated = int(re.search(r"(\d+) evaluated now", log)[1])
    rows = int(re.search(r"(\d+) rows", log)[1])
    expect(0 < evaluated < rows, f"the task went on where it was: {evaluated} of {rows} points evaluated", log)
    expect(session.table("killed.db") == reference, "after kill -9 the table is the same", text)

    (session.folder / "killed.db").unlink()
    with open(session.part("killed.db", 3), "r+b") as file:
        file.write(b"no database, this!")
    text = session.call(0, "killed.db")
    expect("is damaged" in text and "1 task submitted" in text, "a damaged part is made again", text)
    expect(session.table("killed.db") == reference, "with a damaged part the table is the same", text)


def interrupted_and_cancelled(session, reference):
    tool = session.started("left.db")
    session.process_of("left.db", 1, tool)
    tool.send_signal(signal.SIGINT)
    text = tool.communicate(timeout=LONGEST_S)[0]
    job = re.search("scancel ([0-9]+)", text)
    expect(tool.returncode == 130 and job, f"exit status {tool.returncode}, expected 130", text)
    session.cluster.output("scontrol", "suspend", f"{job[1]}_4")  # so that it surely is there in what follows
    tool = session.started("left.db")
    text = tool.stdout.readline()
    expect("of an earlier call under way" in text and "submitted" not in text, "tasks that go on are waited for", text)
    session.cluster.output("scancel", f"{job[1]}_4")
    text = tool.communicate(timeout=LONGEST_S)[0]
    expect(tool.returncode == 1 and "task 4: cancelled" in text, "the cancelled task is told", text)
    text = session.call(0, "left.db")
    expect("1 task submitted" in text and "3 tasks complete" in text, "the cancelled task runs again", text)
    expect(session.table("left.db") == reference, "after Ctrl-C and scancel the table is the same", text)


def main():
    why = slurm_cluster.missing()
    if why is not None:
        print(f"skipped: {why}; tools/dependencies-slurm.txt names the packages")
        return 77
    bru = os.path.abspath(sys.argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="bru-slurm-") as folder, slurm_cluster.Cluster(folder) as cluster:
        work = pathlib.Path(folder) / "my work 100%a"
        work.mkdir()
        session = Session(cluster, work, bru)
        name = "reference"
        try:
            reference = session.reference()
            for each in (errors_are_told, undisturbed, killed_task, interrupted_and_cancelled):
                name, begin = each.__name__, time.monotonic()
                each(session, reference)
                print(f"{name}: good, {time.monotonic() - begin:.1f} s", flush=True)
        except (Failed, subprocess.SubprocessError) as failure:
            print(f"{name}: FAILED: {failure}\n{cluster.logs()}")
            return 1
    left = slurm_cluster.descendants(os.getpid())
    if left:
        print(f"FAILED: processes are left: {left}")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
