"""The array jobs of a sweep. Slurm finds them by their name, which is made from the folder of the parts: nothing about
them has to be kept, and what was submitted by a program that was then killed is found again."""

import hashlib
import os
import pathlib
import re
import shlex
import shutil
from typing import NamedTuple

from .basics import Failure, answer_of, ending

ENDED = set("COMPLETED CANCELLED FAILED TIMEOUT NODE_FAIL PREEMPTED BOOT_FAIL DEADLINE OUT_OF_MEMORY REVOKED".split())


class TaskState(NamedTuple):
    job: int
    state: str  # in Slurm's words
    reason: str  # why it is not running

    def has_ended(self):
        return self.state in ENDED


def ranges(numbers):
    """[1, 2, 3, 7] -> 1-3,7"""
    spans = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


class ArrayJob:
    """`command` is `bru sweep FILE options`, without what differs from task to task."""

    def __init__(self, command, sweep_file, processes, parts, sbatch_options):
        for name in ("sbatch", "squeue"):
            if shutil.which(name) is None:
                raise Failure(f"{name} is not installed here: give this command where jobs are submitted (a login "
                              "node), or run the sweep on this machine with bru sweep")
        if "\\" in parts.folder:
            raise Failure(f"{parts.folder}: Slurm takes no backslash in a path; give --db FILE in another folder")
        self.command, self.processes, self.parts, self.sbatch_options = command, processes, parts, sbatch_options
        digest = hashlib.sha256(f"{parts.folder} {parts.tasks}".encode(errors="surrogateescape")).hexdigest()[:10]
        self.name = "bru-" + re.sub("[^A-Za-z0-9_-]", "_", pathlib.Path(sweep_file).stem)[:40] + "-" + digest
        self.silent_because = ""

    def states(self):
        """What Slurm knows of each task, from the latest job that it was in; None where squeue does not answer."""
        answer = answer_of(["squeue", "--noheader", "--array", "--states=all", f"--user={os.getuid()}",
                            f"--name={self.name}", "--format=%F|%K|%T|%r"])
        if answer.returncode != 0:
            self.silent_because = answer.stderr.strip() or ending(answer.returncode)
            return None
        states = {}
        for line in answer.stdout.splitlines():
            job, task, state, reason = (line.split("|", 3) + [""] * 4)[:4]
            if not (job.strip().isdigit() and task.isdigit()):
                continue
            if int(task) not in states or int(job) > states[int(task)].job:
                states[int(task)] = TaskState(int(job), state, reason)
        return states

    def script(self):
        """A task that fails says in its log how bru ended, which Slurm does not."""
        database = shlex.quote(self.parts.folder) + "/" + self.parts.name('"$task"')
        options = f'--shard "$task"/{self.parts.tasks} --db {database} --processes {self.processes}'
        return (f"#!/bin/sh\ntask=$SLURM_ARRAY_TASK_ID\ncd {shlex.quote(os.getcwd())} || exit 2\n"
                f"{shlex.join(self.command)} {options}\nstatus=$?\n[ $status -eq 0 ] && exit\n"
                'echo "bru sweep ended with exit status $status'
                '$([ $status -le 128 ] || echo ": signal $((status - 128))") on $(uname -n)"\nexit $status\n')

    def submit(self, tasks):
        """The job's number."""
        logs = os.path.join(self.parts.folder, "logs").replace("%", "%%")  # a % begins a replacement
        command = ["sbatch", *self.sbatch_options, "--parsable", f"--job-name={self.name}", f"--array={ranges(tasks)}",
                   "--nodes=1", "--ntasks=1", f"--cpus-per-task={self.processes}", f"--output={logs}/%A_%a.log",
                   "--open-mode=append"]
        answer = answer_of(command, self.script())
        job = answer.stdout.strip().split(";")[0]
        if answer.returncode == 0 and job.isdigit():
            return int(job)
        said = answer.stderr.strip() or answer.stdout.strip() or ending(answer.returncode)
        if "array" in said.lower():
            said += "\n--tasks must be less than MaxArraySize, which `scontrol show config` tells"
        raise Failure(f"sbatch refused the job:\n{said}")
