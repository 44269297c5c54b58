"""Jobs on a real Slurm that need more memory, lose their node or their Snakemake."""

import pytest

pytestmark = pytest.mark.cluster

#: One job on Slurm: training.
CELL = "results/smoke/synthetic-R4/alignment=infonce/strength=0.4/seeds=0-1/history.csv"


def test_a_job_over_its_memory_gets_more(copy, slurm, local):
    before = slurm.finished()
    copy.run(CELL, "--set-resources", "train_encoders:mem_mb=attempt ** 4 * 100")
    states = [state for job, state in slurm.finished().items() if job not in before]
    assert states == ["FAILED", "COMPLETED"]
    copy.assert_same(local, CELL)


def test_a_lost_node_is_replaced_by_another(copy, slurm, local):
    copy.start(CELL)
    job, node = slurm.training()
    slurm.kill_node(node)
    try:
        copy.wait()
    finally:
        slurm.start_node(node)
    assert slurm.finished()[job] == "NODE_FAIL"
    copy.assert_same(local, CELL)


@pytest.mark.parametrize("profile", ["slurm", "cluster-generic"])
def test_a_killed_snakemake_starts_again(profile, copy, slurm, local):
    copy.start(CELL, profile=profile)
    slurm.training()
    copy.kill()
    assert slurm.running(), "Slurm's jobs outlive Snakemake"
    slurm.empty()
    copy.run("--unlock", profile=profile)
    copy.run(CELL, profile=profile)
    copy.assert_same(local, CELL)
