"""The profiles on a real Slurm: the same tables as without, whatever happens to jobs and nodes."""

import pytest
from local_slurm import until

pytestmark = pytest.mark.cluster

RESULTS = "results/smoke"
#: One job on Slurm: training.
CELL = f"{RESULTS}/synthetic-R4/alignment=infonce/strength=0.4/seeds=0-1/history.csv"


def training(slurm):
    """Wait until encoders are being trained; return the number of the job, and its node."""

    def found():
        return [(job, node) for job, (rule, node) in slurm.running().items() if "train_enc" in rule]

    return until(found, 60, "a running job that trains")[0]


def assert_same(copy, local, *files):
    for file in files:
        assert (copy.folder / file).read_bytes() == (local / file).read_bytes(), file


def test_the_smoke_study_has_the_tables_of_a_local_run_despite_a_cancelled_job(copy, slurm, local):
    before = slurm.finished()
    copy.start()
    cancelled, _ = training(slurm)
    slurm.call("scancel", cancelled)
    text = copy.wait(400)
    assert "Trying to restart job" in text
    states = {job: state for job, state in slurm.finished().items() if job not in before}
    assert states.pop(cancelled) == "CANCELLED"
    assert set(states.values()) == {"COMPLETED"}
    tables = sorted(p.relative_to(local) for p in (local / RESULTS / "tables").glob("*.csv"))
    assert len(tables) >= 7
    assert_same(copy, local, *tables)
    assert len(list((copy.folder / RESULTS / "figures").glob("*.pdf"))) >= 10


def test_a_job_over_its_memory_gets_more(copy, slurm, local):
    before = slurm.finished()
    copy.run(CELL, "--set-resources", "train_encoders:mem_mb=attempt ** 4 * 100")
    states = [state for job, state in slurm.finished().items() if job not in before]
    assert states == ["FAILED", "COMPLETED"]
    assert_same(copy, local, CELL)


def test_a_lost_node_is_replaced_by_another(copy, slurm, local):
    copy.start(CELL)
    job, node = training(slurm)
    slurm.kill_node(node)
    try:
        copy.wait()
    finally:
        slurm.start_node(node)
    assert slurm.finished()[job] == "NODE_FAIL"
    assert_same(copy, local, CELL)


@pytest.mark.parametrize("profile", ["slurm", "cluster-generic"])
def test_a_killed_snakemake_starts_again(profile, copy, slurm, local):
    copy.start(CELL, profile=profile)
    training(slurm)
    copy.kill()
    assert slurm.running(), "Slurm's jobs outlive Snakemake"
    slurm.empty()
    copy.run("--unlock", profile=profile)
    copy.run(CELL, profile=profile)
    assert_same(copy, local, CELL)
