"""A Slurm of one node on the local host, for tests: munged, slurmctld and slurmd with keys, sockets, ports and folders
of their own, so that services of the system are neither used nor disturbed. Needs root, as slurmd does.

    with Cluster(folder) as cluster:
        subprocess.run(["sbatch", ...], env=cluster.environment)

All processes that come of it, those of jobs included, are ended with the block, however it is left."""

import contextlib
import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

CPUS = 4  # of the node, whatever the host has: four tasks run at once
START_S = 60
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "sinfo")
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIBC = ctypes.CDLL(None)

CONFIGURATION = """\
ClusterName=brutest
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller_port}
SlurmdPort={node_port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/controller
SlurmdSpoolDir={folder}/node
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SlurmdParameters=config_overrides
PropagateResourceLimits=NONE
MailProg=/bin/true
SchedulerParameters=batch_sched_delay=0,sched_interval=2
JobRequeue=0
ReturnToService=2
KillWait=5
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=10 State=UP
"""


def missing():
    """Why there can be no cluster here, or None."""
    if os.geteuid() != 0:
        return "slurmd needs root"
    absent = [program for program in PROGRAMS if find(program) is None]
    return f"{', '.join(absent)} not installed" if absent else None


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def free_ports(number):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def processes():
    """(id, state, parent, session) of all."""
    for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent, _, session = status.read_text().rpartition(")")[2].split()[:4]
            yield int(status.parent.name), state, int(parent), int(session)


def descendants(process):
    """Ids of all processes that come of this one."""
    children = {}
    for child, _, parent, _ in processes():
        children.setdefault(parent, []).append(child)
    found, open_ones = [], [process]
    while open_ones:
        mine = children.get(open_ones.pop(), [])
        found += mine
        open_ones += mine
    return found


class Cluster:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.daemons = []
        self.ending = threading.Event()
        self.reaper = threading.Thread(target=self.reap_orphans, daemon=True)
        others = ("SBATCH_", "SQUEUE_", "SLURM_")  # of a Slurm that the test may itself run under
        self.environment = {name: text for name, text in os.environ.items() if not name.startswith(others)}
        self.environment["SLURM_CONF"] = str(self.folder / "slurm.conf")
        self.environment["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

    def version(self):
        """Of Slurm, as (24, 11)."""
        words = re.search(r"(\d+)\.(\d+)", subprocess.run([find("slurmd"), "-V"], capture_output=True, text=True).stdout)
        return tuple(int(word) for word in words.groups())

    def __enter__(self):
        # Daemons and jobs that lose their parent become children of this process, which can then end them all.
        if LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            raise RuntimeError("prctl(PR_SET_CHILD_SUBREAPER) failed")
        self.reaper.start()
        try:
            self.start_all()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def start_all(self):
        for name in ("controller", "node"):
            (self.folder / name).mkdir(mode=0o755)
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(64))
        key.chmod(0o600)
        host = socket.gethostname().split(".")[0]
        controller_port, node_port = free_ports(2)
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=host, folder=self.folder, cpus=CPUS, controller_port=controller_port, node_port=node_port))
        own = [f"--{name}={self.folder}/munge.{name.split('-')[0]}"
               for name in ("key-file", "socket", "pid-file", "log-file", "seed-file")]
        if not any(pathlib.Path("/sys/fs/cgroup").glob("*")):  # slurmd looks for the mounted file system, and ends
            plugin = "disabled" if self.version() >= (23, 11) else "cgroup/v1"  # named, it is not looked for
            (self.folder / "cgroup.conf").write_text(f"CgroupPlugin={plugin}\n")
        self.start("munged", "--foreground", "--force", "--num-threads=2", *own)
        self.wait_for(lambda: (self.folder / "munge.socket").exists(), "munged")
        self.start("slurmctld", "-D", "-f", str(self.folder / "slurm.conf"))
        self.start("slurmd", "-D", "-f", str(self.folder / "slurm.conf"), "-N", host)
        self.wait_for(lambda: "idle" in self.output("sinfo", "--noheader", "--format=%T"), "slurmctld and slurmd")

    def reap_orphans(self):
        """What init does elsewhere: slurmd takes a node out of service where a job's process stays, be it a zombie.
        Those of jobs have sessions of their own; others are waited for by who started them."""
        while not self.ending.wait(0.1):
            for process, state, parent, session in processes():
                if state == "Z" and parent == os.getpid() and session != os.getsid(0):
                    with contextlib.suppress(ChildProcessError):
                        os.waitpid(process, os.WNOHANG)

    def start(self, program, *arguments):
        def die_with_parent():
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

        with open(self.folder / f"{program}.out", "w") as out:
            self.daemons.append(subprocess.Popen([find(program), *arguments], stdin=subprocess.DEVNULL, stdout=out,
                                                 stderr=out, env=self.environment, preexec_fn=die_with_parent))

    def wait_for(self, condition, what):
        begin = time.monotonic()
        while not condition():
            gone = [each.args[0] for each in self.daemons if each.poll() is not None]
            if gone or time.monotonic() - begin > START_S:
                why = f"{gone[0]} ended" if gone else f"not ready after {START_S} s"
                raise RuntimeError(f"{what}: {why}\n{self.logs()}")
            time.sleep(0.05)

    def output(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=START_S).stdout

    def logs(self):
        return "".join(f"--- {path.name}\n{path.read_text(errors='replace')[-2000:]}\n"
                       for path in sorted(self.folder.glob("*.out")))

    def end(self):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            if len(self.daemons) == 3:
                subprocess.run(["scancel", f"--user={os.getuid()}", "--signal=KILL", "--full"], env=self.environment,
                               timeout=5, capture_output=True)
        for each in reversed(self.daemons):  # one that ends in order leaves nothing behind
            each.terminate()
        for each in self.daemons:
            with contextlib.suppress(subprocess.TimeoutExpired):
                each.wait(timeout=5)
        self.ending.set()
        self.reaper.join()
        deadline = time.monotonic() + 10
        while (left := descendants(os.getpid())) and time.monotonic() < deadline:
            for process in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0] != 0:
                    pass
            time.sleep(0.02)
