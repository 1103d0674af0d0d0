"""Fast tests of the network, its geometry, the losses' targets, the gains and the model file."""

import numpy as np
import pytest
import torch

from deepdream_training import balance, dreaming, export, metrics
from deepdream_training.augmentation import NONE, warped_labels
from deepdream_training.checkpoints import constant
from deepdream_training.network import LAYERS, PRODUCERS, InceptionV3, Widths, grid_centres
from deepdream_training.objectives.evidence import TrainingHeads, channel_motifs
from deepdream_training.objectives.losses import targets_at
from deepdream_training.objectives.negatives import FLOOR, DreamNegatives, Objectives, References

NARROW = Widths(0.05, 0.05)


@pytest.fixture
def network() -> InceptionV3:
    torch.manual_seed(1)
    made = InceptionV3(NARROW)
    for unit in made.units().values():
        unit.norm.running_mean.normal_(std=0.1)
        unit.norm.running_var.uniform_(0.5, 2)
        unit.norm.weight.data.uniform_(0.5, 2)
    return constant(made)


def test_units_have_the_projects_names_and_order():
    names = list(InceptionV3(NARROW).units())
    assert len(names) == 94
    assert names[:6] == [
        "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", "Conv2d_3b_1x1", "Conv2d_4a_3x3", "mixed0.branch1x1",
    ]  # fmt: skip
    assert names[-4:] == [
        "mixed10.branch3x3dbl_2", "mixed10.branch3x3dbl_3a", "mixed10.branch3x3dbl_3b", "mixed10.branch_pool",
    ]  # fmt: skip


def test_channel_counts_round_halves_to_even():
    widths = Widths(0.25, 0.34)
    assert [widths.channels(count) for count in (32, 48, 80, 192)] == [8, 16, 16, 48]
    assert widths.channels(192, "mixed8") == 64


@pytest.mark.parametrize("layer", ["mixed0", "mixed4", "mixed5"])
def test_grid_centres_are_where_a_layer_looks(layer: str, network: InceptionV3):
    """The gradient of one position of a layer is centred on that position."""
    picture = (0.1 * torch.randn(1, 3, 299, 299)).requires_grad_(True)
    activations = network.layers(picture, layer)[layer]
    row = activations.shape[2] // 2
    (gradient,) = torch.autograd.grad(activations[0, :, row, row].sum(), picture)
    rows = torch.nonzero(gradient[0].abs().sum((0, 2)))[:, 0]
    expected = grid_centres(layer, row + 1)[-1]
    assert abs((rows[0] + rows[-1]) / 2 - expected) < 4


def test_folded_units_compute_the_same(network: InceptionV3):
    picture = torch.randn(1, 3, 96, 96)
    folded = network.layers(picture)
    network.freeze_norms(False)
    for layer, values in network.layers(picture).items():
        torch.testing.assert_close(folded[layer], values, rtol=1e-3, atol=1e-3)


def test_every_motif_has_channels_in_several_branches():
    owners = channel_motifs(256, 68)
    assert torch.bincount(owners).min() >= 3
    assert all(len({int(place) // 64 for place in torch.nonzero(owners == motif)}) >= 3 for motif in range(68))


def test_labels_follow_the_crop():
    labels = np.arange(400).reshape(20, 20).astype(np.uint8)
    shift = np.array([[1.0, 0, -16], [0, 1.0, -8]])
    assert (warped_labels(labels, shift, 128)[1::2, 1::2] == labels[1:17, 2:18]).all()


def test_places_without_a_motif_are_none():
    labels = torch.full((1, 32, 32), NONE, dtype=torch.uint8)
    labels[:, :, :16] = 3
    targets = targets_at("mixed5", labels, torch.Size((1, 8, 6, 6)), 7)
    assert targets[0, 0].tolist() == [3, 3, 3, 7, 7, 7]


@pytest.mark.parametrize("layer", ["mixed3", "mixed5"])
def test_gains_scale_a_layer_and_nothing_behind_it(layer: str, network: InceptionV3):
    picture = torch.randn(1, 3, 96, 96)
    before = network.layers(picture)
    gains = torch.rand(network.channels[layer]) + 0.5
    balance.apply_gains(network, layer, gains)
    after = network.layers(picture)
    torch.testing.assert_close(after[layer], before[layer] * gains[:, None, None], rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(after[LAYERS[-1]], before[LAYERS[-1]], rtol=1e-3, atol=1e-4)


def test_a_model_file_reads_back(tmp_path, network: InceptionV3):
    path = tmp_path / "model.safetensors"
    described = export.metadata(network.widths, ["eye", "rose"], 6, dreaming.Recipe(), "a test")
    export.write(path, export.tensors_of(network), described)
    read, found = export.read(path)
    assert found["channels.mixed5"] == "eye=0+2+4,rose=1+3+5"
    picture = torch.randn(1, 3, 96, 96)
    expected = network.layers(picture)["mixed7"]
    assert (read.layers(picture)["mixed7"] - expected).norm() < 0.01 * expected.norm()


def test_a_dream_climbs_its_objective(network: InceptionV3):
    start = 0.3 * torch.randn(2, 3, 96, 96)
    recipe = dreaming.Recipe(steps=8, octaves=1)
    dream = dreaming.dream_tensor(network, start, recipe, half=False)
    with torch.no_grad():
        assert dreaming.objective(network, dream, recipe) > dreaming.objective(network, start, recipe)


def test_diversity_favours_what_is_shown_little():
    means = torch.tensor([[4.0, 1.0, 0.0]], requires_grad=True)
    assert dreaming.power_means(means, 0).item() == pytest.approx(5 / 3)
    raised = means.detach() + dreaming.RAISE * 5 / 3
    for diversity, expected in ((0.5, raised.sqrt().mean() ** 2), (1, raised.prod() ** (1 / 3))):
        value = dreaming.power_means(means, diversity)
        assert value.item() == pytest.approx(expected.item(), rel=1e-5)
        (gradient,) = torch.autograd.grad(value, means)
        assert gradient[0, 0] < gradient[0, 1] < gradient[0, 2]


def test_selective_channels_stand_out_from_their_layer(network: InceptionV3):
    channels = network.channels["mixed5"]
    own = torch.zeros(channels)
    own[:2] = 1
    recipe = dreaming.Recipe(layers={"mixed5": 1.0}, channels={"mixed5": own}, selectivity=0.5)
    picture = 0.3 * torch.randn(1, 3, 96, 96)
    means = network.layers(picture, "mixed5")["mixed5"].float().mean((2, 3))[0]
    expected = (means[:2].mean() + 0.05 * means.mean()) / means.mean().sqrt()
    assert dreaming.objective(network, picture, recipe).item() == pytest.approx(expected.item(), rel=1e-4)


def test_a_layer_that_fades_takes_the_arithmetic_mean(network: InceptionV3):
    picture = 0.3 * torch.randn(1, 3, 96, 96)
    plain = dreaming.Recipe(layers={"mixed3": -1.0})
    diverse = dreaming.Recipe(layers={"mixed3": -1.0}, diversity=0.8)
    assert dreaming.objective(network, picture, diverse) == dreaming.objective(network, picture, plain)


def test_figures_of_known_pictures():
    rows = torch.arange(64.0)[:, None].expand(64, 64)
    coarse, fine = torch.sin(rows * 0.4), torch.sin(rows * 2.5)
    nothing = torch.zeros(1, 3, 64, 64)
    assert metrics.grain(nothing, coarse.expand(1, 3, 64, 64)) < 0.05
    assert metrics.grain(nothing, fine.expand(1, 3, 64, 64)) > 0.95
    halves = torch.zeros(1, 4, 4, 3)
    halves[:, :2, :, 0] = 1
    halves[:, 2:, :, 1] = 1
    assert metrics.variety(halves)["entropy"] == pytest.approx(0.693, abs=1e-3)


def test_evidence_is_the_activation_of_a_motifs_channels(network: InceptionV3):
    heads = TrainingHeads(network, 3)
    activations = torch.zeros(1, network.channels["mixed5"], 2, 2)
    activations[:, channel_motifs(network.channels["mixed5"], 3) == 1] = 1
    assert heads.evidence_logits(activations)[..., :-1].argmax(-1).eq(1).all()


@pytest.fixture
def negatives(network: InceptionV3) -> DreamNegatives:
    """Four dreams, each of one of three motifs, that the network must learn not to respond to."""
    references = References(torch.full((3,), 0.1), torch.full((3,), 0.01), 1.0)
    return DreamNegatives(
        TrainingHeads(network, 3), references, network.channels["mixed3"], size=96, count=4, visit=4, seed=1,
        objectives=Objectives(everything=0, motifs=1, most_motifs=1), evidence_limit=0.0,
    )  # fmt: skip


@torch.no_grad()
def descend(network: InceptionV3, length: float) -> None:
    """Takes one step of gradient descent, of this length for each parameter."""
    for parameter in network.parameters():
        if parameter.grad is not None:
            parameter -= length * parameter.grad / parameter.grad.norm().clamp(min=1e-9)


def test_dreams_climb_while_the_network_unlearns_them(network: InceptionV3, negatives: DreamNegatives):
    @torch.no_grad()
    def evidence(pictures: torch.Tensor) -> float:
        found = negatives.heads.evidence(network.layers(pictures, "mixed5")["mixed5"]).mean((1, 2))
        return float((found * negatives.motif_weights).sum())

    network.requires_grad_(True)
    real = 0.3 * torch.randn(4, 3, 96, 96)
    negatives.loss(network, real, 1.0)
    before = negatives.pictures.clone()
    for _ in range(6):
        network.zero_grad()
        negatives.loss(network, real, 1.0)
    assert evidence(negatives.pictures) > 1.1 * evidence(before)
    level = evidence(before)
    descend(network, 0.001)
    assert evidence(before) < level


def test_silent_channels_are_woken(network: InceptionV3, negatives: DreamNegatives):
    network.requires_grad_(True)
    for name in PRODUCERS["mixed5"]:
        network.units()[f"mixed5.{name}"].norm.bias.data.fill_(-60.0)
    assert network.layers(torch.zeros(1, 3, 96, 96), "mixed5")["mixed5"].max() == 0

    def silence() -> torch.Tensor:
        negatives.random.manual_seed(1)
        return negatives.silence(network, 4)

    before = silence()
    assert before > FLOOR
    before.backward()
    descend(network, 0.1)
    assert silence() < before
