"""Waits until all submitted tasks have ended, with a line that says how far they are: on a terminal always the same
line, else one when something has changed, at most every minute."""

import sys
import time

from .basics import Failure

FIRST_POLL_S, LONGEST_POLL_S = 0.5, 10
SILENCE_S = 300     # of squeue, before waiting is given up
FILE_DELAY_S = 20   # until what another machine wrote is seen here, over a network file system
LINE_INTERVAL_S = 60
LOG_LINES = 5       # of a failed task
MOST_LOGS = 5


class Waiting:
    def __init__(self, job, parts, complete, submitted):
        self.job, self.parts = job, parts
        self.complete, self.submitted = complete, submitted  # submitted: task -> job
        self.failed = {}                                     # task -> (job, state)
        self.arriving = {}                                   # task -> when it ended well, until its file is seen
        self.begin = self.heard = time.monotonic()
        self.on_terminal = sys.stderr.isatty()
        self.last_line, self.last_line_at = "", self.begin

    def until_all_ended(self):
        pause = FIRST_POLL_S
        while True:
            states = self.job.states()
            if states is not None:
                self.heard = time.monotonic()
                if self.look_at(states):
                    break
            elif time.monotonic() - self.heard > SILENCE_S:
                raise Failure(f"squeue has not answered for {SILENCE_S} s: {self.job.silent_because}\n"
                              "tasks go on where Slurm runs; give the same command again to wait for them")
            else:
                self.show("squeue does not answer")
            time.sleep(pause)
            pause = min(pause * 1.3, LONGEST_POLL_S)
        self.clear()

    def look_at(self, states):
        """True: all have ended."""
        running = waiting = 0
        reason = ""
        for task, job in self.submitted.items():
            if task in self.complete or task in self.failed:
                continue
            known = states.get(task)
            if known is not None and not known.has_ended():
                waiting += known.state == "PENDING"
                running += known.state != "PENDING"
                reason = known.reason if known.state == "PENDING" else reason
            elif self.parts.is_complete(task):
                self.complete.add(task)
            elif known is not None and known.state != "COMPLETED":
                self.failed[task] = (known.job, known.state.lower())
            elif time.monotonic() - self.arriving.setdefault(task, time.monotonic()) > FILE_DELAY_S:
                self.failed[task] = (known.job, "part not complete") if known else (job, "no longer known to Slurm")
            else:
                running += 1
        text = f"{len(self.complete)} of {self.parts.tasks} tasks done, {running} running, {waiting} waiting"
        if waiting and not running and reason not in ("", "None"):
            text += f" ({reason})"
        self.show(text + f", {len(self.failed)} failed")
        return running + waiting == 0

    def show(self, text):
        now = time.monotonic()
        if self.on_terminal:
            print(f"\r\033[Ksweep: {text}, {now - self.begin:.0f} s", end="", file=sys.stderr, flush=True)
        elif text != self.last_line and now - self.last_line_at > LINE_INTERVAL_S:
            print(f"sweep: {text}", file=sys.stderr, flush=True)
            self.last_line_at = now
        else:
            return
        self.last_line = text

    def clear(self):
        if self.on_terminal and self.last_line:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self.last_line = ""

    def failures(self):
        """Lines about the tasks that failed, with the ends of their logs."""
        for number, (task, (job, state)) in enumerate(sorted(self.failed.items())):
            if number == MOST_LOGS:
                yield f"and {len(self.failed) - MOST_LOGS} more"
                return
            log = self.parts.log(job, task)
            yield f"task {task}: {state}; the end of {log}:"
            try:
                with open(log, encoding="utf-8", errors="replace") as file:
                    lines = [line.rstrip() for line in file][-LOG_LINES:]
            except OSError as error:
                lines = [f"({error.strerror})"]
            yield from (f"    {line}" for line in lines or ["(empty)"])
