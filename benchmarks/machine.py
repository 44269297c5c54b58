"""What a number was measured on."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = ("torch", "numpy", "scipy", "scikit-learn", "snakemake", "matplotlib", "pandas")


def described() -> dict[str, object]:
    """Return processor, cores, memory, versions and commit."""
    git = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "load": round(os.getloadavg()[0], 1),
        "memory_gb": round(psutil.virtual_memory().total / 1024**3),
        "system": platform.system(),
        "python": platform.python_version(),
        "commit": commit or "unknown",
        **{name: version(name) for name in PACKAGES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
