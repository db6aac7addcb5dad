"""The folder of a sweep on Slurm: a database for each task, which bru writes and which is only looked at here, logs,
and a lock. Whether a task is complete is known from its database alone: the fact `complete` is `yes`."""

import contextlib
import fcntl
import os
import pathlib
import re
import sqlite3
import urllib.parse

from .basics import Failure

LOCK_WAIT_S = 1  # for a database that another program has open


def facts_of(path, repair=False):
    """What a sweep's database says about itself; {} where there is none, nothing is in it, or a task has it open. With
    `repair`, what a killed task left half done is taken back, and the whole file is looked through. Raises
    sqlite3.DatabaseError for a damaged file."""
    if not os.path.exists(path):
        return {}
    address = f"file:{urllib.parse.quote(path)}?mode={'rw' if repair else 'ro'}"
    try:
        with contextlib.closing(sqlite3.connect(address, uri=True, timeout=LOCK_WAIT_S)) as database:
            facts = dict(database.execute("SELECT key, value FROM facts"))
            if repair and database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("some of its pages are damaged")
            return facts
    except sqlite3.OperationalError:
        return {}


def same_sweep(one, other):
    return all(one.get(key) == other.get(key) for key in ("plan_text", "inputs"))


def check_output(path, plan):
    """An OUT.db that cannot take these results is told before hours of work. True: it has them all."""
    try:
        there = facts_of(path, repair=True)
    except sqlite3.DatabaseError as error:
        raise Failure(f"{path}: is a file but no sweep database ({error}); give another --db") from None
    if there and not same_sweep(there, plan):
        raise Failure(f"{path}: holds the results of another sweep (other values, objectives, seed or model files than "
                      "now); give another --db, or remove the file")
    return there.get("complete") == "yes"


class Parts:
    def __init__(self, database, tasks):
        self.folder = database + ".parts"
        self.tasks = tasks
        self.held = None

    def name(self, task):
        return f"part-{task}-of-{self.tasks}.db"

    def path(self, task):
        return os.path.join(self.folder, self.name(task))

    def log(self, job, task):
        return os.path.join(self.folder, "logs", f"{job}_{task}.log")

    def open(self):
        """Makes the folder, locks it until the program ends, and refuses one that was cut otherwise."""
        os.makedirs(os.path.join(self.folder, "logs"), exist_ok=True)
        self.held = open(os.path.join(self.folder, "lock"), "w", encoding="utf-8")
        try:
            fcntl.flock(self.held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"{self.folder}: another sweep-slurm is at work there; wait for it") from None
        except OSError:
            pass  # a file system without locks
        for name in sorted(os.listdir(self.folder)):
            found = re.fullmatch(r"part-\d+-of-(\d+)\.db", name)
            if found and int(found[1]) != self.tasks:
                raise Failure(f"{self.folder}: was begun in {found[1]} tasks, now there are {self.tasks}; "
                              f"give --tasks {found[1]}, or remove that folder")

    def take_up(self, plan, under_way):
        """Tasks that are complete, and messages. A damaged part is set aside: its points are evaluated again."""
        complete, messages = set(), []
        for task in set(range(1, self.tasks + 1)) - set(under_way):
            path = self.path(task)
            try:
                facts = facts_of(path, repair=True)
            except sqlite3.DatabaseError as error:
                os.replace(path, path + ".damaged")
                pathlib.Path(path + "-journal").unlink(missing_ok=True)
                messages.append(f"{path}: is damaged ({error}); renamed to {self.name(task)}.damaged, "
                                f"task {task} runs again")
                continue
            self.check_same(path, facts, plan)
            if facts.get("complete") == "yes":
                complete.add(task)
        return complete, messages

    def check_same(self, path, facts, plan):
        if facts and not same_sweep(facts, plan):
            raise Failure(f"{path}: is of another sweep (other values, objectives, seed or model files than now); "
                          f"give another --db, or remove {self.folder}")

    def is_complete(self, task):
        with contextlib.suppress(sqlite3.DatabaseError):
            return facts_of(self.path(task)).get("complete") == "yes"
        return False

    def readable(self, plan):
        """Paths of the databases that can be joined. Tasks of an earlier call may have been of another sweep."""
        paths = []
        for task in range(1, self.tasks + 1):
            with contextlib.suppress(sqlite3.DatabaseError):
                if facts := facts_of(self.path(task), repair=True):
                    self.check_same(self.path(task), facts, plan)
                    paths.append(self.path(task))
        return paths
