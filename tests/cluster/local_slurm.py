"""A real Slurm on this machine: munge, a controller and two nodes, in one folder."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

DAEMONS = ("munged", "slurmctld", "slurmd")
CLIENTS = (
    "srun",
    "sbatch",
    "squeue",
    "scancel",
    "scontrol",
    "sinfo",
    "sacct",
    "sacctmgr",
    "sshare",
)
NODES = ("node1", "node2")
CPUS, MEMORY = 2, 8000  # of a node; the machine may have less
LOST = 15  # seconds without an answer after which a node counts as lost, and its jobs as failed

CONFIGURATION = """\
ClusterName=local
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
CredType=cred/munge
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=bf_interval=1,sched_interval=2
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill,UsePss
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/finished.log
ReturnToService=2
MinJobAge=3600
KillWait=3
SlurmdTimeout={lost}
CompleteWait=0
JobRequeue=0
SlurmdParameters=config_overrides
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE DefaultTime=10 State=UP
"""
NODE = (
    "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus} Boards=1"
    " SocketsPerBoard=1 CoresPerSocket={cpus} ThreadsPerCore=1 RealMemory={memory} State=UNKNOWN\n"
)


def missing():
    """Return the programs that are not installed."""
    return [program for program in (*DAEMONS, *CLIENTS) if not shutil.which(program)]


def free_ports(count):
    """Return ports that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for s in sockets:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


def until(condition, seconds, what):
    """Wait for a condition and return its value."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds} s")
        time.sleep(0.1)
    return value


class LocalSlurm:
    """One cluster of two nodes; a context manager.

    Parameters
    ----------
    folder : path
        For everything the cluster writes. A short path: sockets allow about 100 characters.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self.daemons = {}

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def environment(self):
        """This process's environment, with the cluster's clients first."""
        own = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM_", "PYTHONPATH"))}
        path = f"{self.folder}/bin:{Path(shutil.which('slurmd')).parent}:{own['PATH']}"
        return own | {"SLURM_CONF": f"{self.folder}/slurm.conf", "PATH": path}

    def start(self):
        """Start everything and wait until both nodes are idle."""
        for part in ("bin", "state"):
            (self.folder / part).mkdir()
        host, ports = socket.gethostname().split(".")[0], free_ports(1 + len(NODES))
        text = CONFIGURATION.format(
            host=host, port=ports[0], user=getpass.getuser(), folder=self.folder, lost=LOST
        )
        for name, port in zip(NODES, ports[1:], strict=True):
            text += NODE.format(name=name, host=host, port=port, cpus=CPUS, memory=MEMORY)
        (self.folder / "slurm.conf").write_text(text)
        (self.folder / "cgroup.conf").write_text("CgroupAutomount=no\n")
        # The plugin clears SLURM_CONF before srun, so the clients themselves must know it.
        for client in CLIENTS:
            wrapper = self.folder / "bin" / client
            wrapper.write_text(
                f'#!/bin/sh\nSLURM_CONF={self.folder}/slurm.conf exec {shutil.which(client)} "$@"\n'
            )
            wrapper.chmod(0o755)

        key, munge = self.folder / "munge.key", self.folder / "munge.socket"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        files = {"key-file": key, "socket": munge}
        files |= {f"{k}-file": self.folder / f"munge.{k}" for k in ("pid", "log", "seed")}
        self.launch("munged", "--foreground", "--force", *(f"--{k}={v}" for k, v in files.items()))
        until(munge.exists, 10, "munge")
        self.launch("slurmctld", "-D", "-i")
        for node in NODES:
            self.start_node(node)

    def launch(self, program, *arguments, name=None):
        with open(self.folder / f"{name or program}.out", "ab") as out:
            self.daemons[name or program] = subprocess.Popen(
                [shutil.which(program), *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def start_node(self, node):
        """Start a node and wait until it takes jobs."""
        self.launch("slurmd", "-D", "-N", node, name=node)
        until(lambda: self.state(node) in ("idle", "mixed"), 60, f"{node} up")

    def kill_node(self, node):
        """Take a node away as a power failure would: the daemon and all it runs."""
        daemon = self.daemons.pop(node)
        daemon.kill()
        daemon.wait()
        for step in [p for p in psutil.process_iter() if self.is_step(p, node)]:
            for process in (step, *step.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    process.kill()

    def is_step(self, process, node):
        """Whether a process is Slurm's keeper of a step on a node of this cluster."""
        with suppress(psutil.Error):
            own = str(self.folder / f"slurmd.{node}.log")
            return process.name() == "slurmstepd" and own in {f.path for f in process.open_files()}
        return False

    def call(self, *command):
        """Run a client and return its output, empty if the controller does not answer."""
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=30
        )
        return done.stdout.strip()

    def state(self, node):
        return self.call("sinfo", "-h", "-N", "-n", node, "-o", "%T")

    def running(self):
        """Return the jobs that run: number -> (name and comment, with the rule; node)."""
        lines = self.call("squeue", "-h", "-t", "R", "-o", "%A|%j %k|%N").splitlines()
        return {job: (text, node) for job, text, node in (x.split("|") for x in lines)}

    def training(self):
        """Wait until encoders are being trained; return the number of the job, and its node."""

        def found():
            jobs = self.running().items()
            return [(job, node) for job, (rule, node) in jobs if "train_enc" in rule]

        return until(found, 60, "a running job that trains")[0]

    def finished(self):
        """Return what became of every job that ended: number -> state."""
        path = self.folder / "finished.log"
        lines = path.read_text().splitlines() if path.exists() else []
        fields = (dict(f.split("=", 1) for f in x.split() if "=" in f) for x in lines)
        return {f["JobId"]: f["JobState"] for f in fields}

    def empty(self):
        """Cancel all jobs and wait until they are gone."""
        self.call("scancel", "--user", getpass.getuser())
        until(lambda: not self.call("squeue", "-h", "-t", "R,PD,CG"), 30, "an empty queue")

    def stop(self):
        """Cancel all jobs and end the daemons, in the reverse order of their start."""
        if "slurmctld" in self.daemons:
            with suppress(TimeoutError, subprocess.TimeoutExpired):
                self.empty()
        for daemon in reversed(self.daemons.values()):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons.clear()
