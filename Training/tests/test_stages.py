"""Tests of a stage's checkpoints: what a team of processes resumes with."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from deepdream_training.dataset import SceneSet
from deepdream_training.network import Widths
from deepdream_training.pool import render_pool
from deepdream_training.stages import STAGES, Training, run
from deepdream_training.team import Team, alone, run_team

STAGE = replace(STAGES["names"], widths=Widths(0.05, 0.05), size=80, batch=4, negatives_visit=4, pictures=8)


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    render_pool(tmp_path / "pool", scenes=8, size=96, processes=1, seed=0)
    return tmp_path / "pool"


def trained(team: Team, pool: Path, folder: Path) -> Training:
    """Two steps of a stage, with a checkpoint after each."""
    training = Training(STAGE, SceneSet(pool), team)
    training.begin(None)
    run(training, folder, save_every=STAGE.batch)
    return training


def resumed(team: Team, pool: Path, checkpoint: Path) -> Training:
    training = Training(STAGE, SceneSet(pool), team)
    training.resume(checkpoint)
    return training


def go_on(team: Team, pool: Path, folder: Path) -> None:
    """Checks in each process that it resumes with its own dreams, references and random numbers."""
    training = trained(team, pool, folder)
    random, had = torch.get_rng_state(), training.negatives.state()
    for path in (folder / "names.pt", folder / "history" / "names-0000008.pt"):
        found = resumed(team, pool, path)
        assert torch.equal(torch.get_rng_state(), random)
        torch.testing.assert_close(found.negatives.state(), had, rtol=0, atol=0)


def gather_by_turns(team: Team) -> None:
    """Gathers twice in a row, while one process is slow."""
    for turn in range(2):
        if team.rank == 2:
            time.sleep(0.3)
        found = team.gathered((team.rank, turn))
        assert found == ([(rank, turn) for rank in range(team.workers)] if team.rank == 0 else [])


def test_each_gathering_has_one_message_of_each_process():
    run_team(3, gather_by_turns)


def test_each_process_goes_on_with_its_own(pool: Path, tmp_path: Path):
    run_team(2, go_on, pool, tmp_path)


def test_a_process_that_is_new_begins_dreams_of_its_own(pool: Path, tmp_path: Path):
    first = trained(alone(), pool, tmp_path)
    second = resumed(replace(alone(), rank=1, workers=2), pool, tmp_path / "names.pt")
    assert torch.equal(second.negatives.references.evidence, first.negatives.references.evidence)
    assert second.negatives.pictures is None
    assert not torch.equal(second.negatives.random.get_state(), first.negatives.random.get_state())
