"""Tests of every motif and scene (shape, range, determinism, labels), of the pool, and of other sets of motifs."""

import json
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

from deepdream_training import pictures, scenes
from deepdream_training.motifs import motifs
from deepdream_training.pool import block_majority, render_pool, scene_at
from deepdream_training.scenes import BACKGROUND, motif_names, render_scene

SIZE = 64
INDICES = range(len(motif_names()))


def draw(motif: int, seed: int) -> list[np.ndarray]:
    drawn = motifs()[motif].draw(np.random.default_rng(seed), SIZE)
    return list(drawn) if motifs()[motif].KIND == "object" else [drawn]


@pytest.mark.parametrize("motif", INDICES, ids=motif_names())
def test_motif_draws_finite_values_in_range(motif):
    assert motifs()[motif].KIND in ("texture", "object")
    assert motifs()[motif].__doc__
    rgb, *alpha = draw(motif, 1)
    assert rgb.shape == (SIZE, SIZE, 3)
    assert all(part.shape == (SIZE, SIZE) for part in alpha)
    for part in (rgb, *alpha):
        assert part.dtype == np.float32
        assert np.isfinite(part).all()
        assert part.min() >= 0
        assert part.max() <= 1
    if alpha:
        assert 0.05 < (alpha[0] > 0.5).mean() < 1


@pytest.mark.parametrize("motif", INDICES, ids=motif_names())
def test_motif_is_its_seeds(motif):
    first, again, other = draw(motif, 2)[0], draw(motif, 2)[0], draw(motif, 3)[0]
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("motif", INDICES, ids=motif_names())
def test_scene_is_deterministic_and_shows_its_motif(motif):
    scenes = [render_scene(motif, seed, SIZE) for seed in range(4)]
    again = render_scene(motif, 0, SIZE)
    assert np.array_equal(scenes[0].picture, again.picture)
    assert np.array_equal(scenes[0].labels, again.labels)
    assert not np.array_equal(scenes[0].picture, scenes[1].picture)
    for scene in scenes:
        assert scene.picture.shape == (SIZE, SIZE, 3)
        assert scene.picture.dtype == scene.labels.dtype == np.uint8
        assert set(np.unique(scene.labels)) <= {*INDICES, BACKGROUND}
    assert any((scene.labels == motif).any() for scene in scenes)


def test_scenes_of_several_motifs_are_about_a_third_and_more():
    several = [
        len(set(np.unique(render_scene(seed % len(INDICES), seed, SIZE).labels)) - {BACKGROUND}) > 1
        for seed in range(120)
    ]
    assert 0.25 < np.mean(several) < 0.65


def test_block_majority_takes_the_most_frequent_label():
    labels = np.full((16, 16), BACKGROUND, np.uint8)
    labels[:8, :8], labels[:2, :2] = 3, 7
    labels[8:, 8:12], labels[8:, 12:14] = 5, 9
    assert block_majority(labels).tolist() == [[3, BACKGROUND], [BACKGROUND, 5]]


def test_pool_says_what_is_complete_and_resumes(tmp_path):
    render_pool(tmp_path, scenes=6, size=SIZE, processes=1, seed=4)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["complete"] == 6
    assert manifest["motifs"] == motif_names()
    pictures = np.load(tmp_path / "pictures.npy", mmap_mode="r+")
    before = pictures.copy()
    assert np.array_equal(before[5], scene_at(5, 4, SIZE)[0])
    pictures[3:] = 0
    pictures.flush()
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "complete": 3}))
    render_pool(tmp_path, scenes=6, size=SIZE, processes=1, seed=4)
    assert np.array_equal(np.load(tmp_path / "pictures.npy"), before)


def test_pool_refuses_a_folder_of_another_pool(tmp_path):
    render_pool(tmp_path, scenes=1, size=SIZE, processes=1, seed=0)
    with pytest.raises(SystemExit, match="a different pool"):
        render_pool(tmp_path, scenes=1, size=SIZE, processes=1, seed=1)


def keep(monkeypatch: pytest.MonkeyPatch, wanted: Callable[[str, ModuleType], bool]) -> None:
    """Acts as if the files of all other motifs had been deleted."""
    kept = [pair for pair in zip(motif_names(), motifs(), strict=True) if wanted(*pair)]
    monkeypatch.setattr(scenes, "motif_names", lambda: [name for name, _ in kept])
    monkeypatch.setattr(scenes, "motifs", lambda: [motif for _, motif in kept])


def test_judged_scenes_are_of_the_named_motifs_that_exist(monkeypatch: pytest.MonkeyPatch):
    for missing, expected in (
        ([], ["castle", "rose", "waves", "pebbles"]),
        (["castle", "waves"], ["arch", "rose", "bird", "pebbles"]),
    ):
        names = [name for name in ("arch", "bird", "castle", "eye", "pebbles", "rose", "waves") if name not in missing]
        monkeypatch.setattr(scenes, "motif_names", lambda names=names: names)
        assert pictures.scene_motifs() == expected


def test_judged_pictures_do_without_deleted_motifs(monkeypatch: pytest.MonkeyPatch):
    deleted = pictures.SCENES[::2]
    keep(monkeypatch, lambda name, _: name not in deleted)
    judged, shown = pictures.judged(), pictures.scene_motifs()
    assert list(judged)[8:] == [f"scene-{motif}" for motif in shown]
    assert not set(shown) & set(deleted)
    for place, motif in enumerate(shown):
        assert np.array_equal(judged[f"scene-{motif}"], pictures.rendered(motif, 900_000_000 + place))


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (lambda _, motif: motif.KIND == "object", "of which 0 are textures"),
        (lambda name, _: name in motif_names()[:4], "motifs has 4, of which"),
    ],
    ids=["no texture", "four motifs"],
)
def test_motifs_that_make_no_scenes_are_refused(wanted, message: str, tmp_path, monkeypatch: pytest.MonkeyPatch):
    keep(monkeypatch, wanted)
    with pytest.raises(ValueError, match=message):
        render_scene(0, 0, SIZE)
    with pytest.raises(ValueError, match=message):
        render_pool(tmp_path / "pool", scenes=1, size=SIZE, processes=1, seed=0)
    assert not (tmp_path / "pool").exists()
