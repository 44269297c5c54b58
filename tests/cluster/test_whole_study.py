"""A whole study on a real Slurm: the same tables as without, whatever happens to a job."""

import pytest

pytestmark = pytest.mark.cluster

RESULTS = "results/smoke"


def test_the_smoke_study_has_the_tables_of_a_local_run_despite_a_cancelled_job(copy, slurm, local):
    before = slurm.finished()
    copy.start()
    cancelled, _ = slurm.training()
    slurm.call("scancel", cancelled)
    text = copy.wait(400)
    assert "Trying to restart job" in text
    states = {job: state for job, state in slurm.finished().items() if job not in before}
    assert states.pop(cancelled) == "CANCELLED"
    assert set(states.values()) == {"COMPLETED"}
    tables = sorted(p.relative_to(local) for p in (local / RESULTS / "tables").glob("*.csv"))
    assert len(tables) >= 7
    copy.assert_same(local, *tables)
    assert len(list((copy.folder / RESULTS / "figures").glob("*.pdf"))) >= 10
