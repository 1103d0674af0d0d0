"""Dreams in double precision, computed with NumPy; resampled with Pillow."""

import numpy as np
from PIL import Image


class SplitMix64:
    """The random number generator of Steele, Lea and Flood, 2014."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = 2**64 - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def integer(self, low, high):
        return low + ((self.next() * (high - low + 1)) >> 64)


def resized(picture, height, width):
    """Resizes with Pillow's bilinear filter, which becomes wider when it reduces a picture."""
    channels = [Image.fromarray(picture[..., c].astype(np.float32)) for c in range(3)]
    done = [np.asarray(c.resize((width, height), Image.Resampling.BILINEAR)) for c in channels]
    return np.stack(done, axis=-1).astype(np.float64)


def blurred(picture, deviation):
    """A Gaussian blur cut off at three standard deviations; the picture is mirrored without repeating its edge."""
    radius = int(3 * deviation + 0.5)
    weights = np.exp(-(np.arange(-radius, radius + 1) ** 2) / (2 * deviation**2))
    weights /= weights.sum()
    for axis in (0, 1):
        margin = [(radius, radius) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(picture, margin, mode="reflect")
        count = picture.shape[axis]
        picture = sum(w * padded.take(np.arange(i, i + count), axis) for i, w in enumerate(weights))
    return picture


def decorrelated(gradient, strength):
    """Mixes colours with ImageNet's covariance (from Lucid's `color_correlation_svd_sqrt`), mean diagonal 1."""
    root = np.array([[0.26, 0.09, 0.02], [0.27, 0.00, -0.05], [0.27, -0.09, 0.03]])
    covariance = root @ root.T
    covariance /= np.diag(covariance).mean()
    return gradient @ ((1 - strength) * np.eye(3) + strength * covariance).T


def mirrored(picture, smallest_side):
    """The picture, with its mirror images around it where a side is smaller than the network accepts."""
    missing = [max(0, smallest_side - side) for side in picture.shape[:2]]
    return np.pad(picture, [(m // 2, m - m // 2) for m in missing] + [(0, 0)], mode="symmetric")


def middle(canvas, height, width):
    """The picture that `mirrored` has padded."""
    top, left = (canvas.shape[0] - height) // 2, (canvas.shape[1] - width) // 2
    return canvas[top : top + height, left : left + width]


def unit(gradient):
    return gradient / (gradient.std() + 1e-8)


def direction(gradient, bands):
    """The gradient's bands, each divided by its standard deviation; the sum of several is divided again."""
    parts = [unit(blurred(gradient, band) if band > 0 else gradient) for band in bands]
    return parts[0] if bands == [0] else unit(sum(parts))


def octave_sizes(height, width, recipe, smallest_side):
    """The octaves' sizes, small to large, without those that are too small for the network."""
    scales = [recipe["octave_scale"] ** octave for octave in range(1, recipe["octaves"])]
    smaller = [(max(1, round(height / scale)), max(1, round(width / scale))) for scale in reversed(scales)]
    return [size for size in smaller if max(size) >= smallest_side] + [(height, width)]


def dream(photo, recipe, gradient_of, smallest_side=75):
    """The dream, and the objective before each step.

    `gradient_of` gives the objective of a picture in [-1, 1] and its gradient.
    """
    random = SplitMix64(recipe["seed"])
    whole = photo.astype(np.float64) / 127.5 - 1
    height, width, _ = whole.shape
    objectives = []
    picture = base = whole
    for octave, size in enumerate(octave_sizes(height, width, recipe, smallest_side)):
        original = whole if size == (height, width) else resized(whole, *size)
        picture = original if octave == 0 else resized(picture - base, *size) + original
        base = original
        picture = mirrored(picture, smallest_side)
        for _ in range(recipe["steps"]):
            jitter = recipe["jitter"]
            shift = (random.integer(-jitter, jitter), random.integer(-jitter, jitter)) if jitter else (0, 0)
            picture = np.roll(picture, shift, (0, 1))
            value, gradient = gradient_of(picture)
            objectives.append(float(value))
            mixed = decorrelated(gradient, recipe.get("color_decorrelation", 0))
            picture = np.clip(picture + recipe["step_size"] * direction(mixed, recipe["bands"]), -1, 1)
            picture = np.roll(picture, (-shift[0], -shift[1]), (0, 1))
        picture = middle(picture, *size)
    return np.clip(np.round((picture + 1) * 127.5), 0, 255).astype(np.uint8), objectives


def described(recipe, objectives):
    """As the tests read it."""
    return {
        "recipe": {
            "layers": ",".join(f"{layer}:{weight}" for layer, weight in recipe["layers"].items()),
            **{
                key: str(recipe[key])
                for key in ("diversity", "steps", "step_size", "octaves", "octave_scale", "jitter", "seed")
            },
            "bands": ",".join(map(str, recipe["bands"])),
            "color_decorrelation": str(recipe.get("color_decorrelation", 0)),
            "size": f"max:{recipe['size']}" if recipe["size"] else "original",
        },
        "objectives": objectives,
    }
