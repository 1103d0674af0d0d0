"""Makes the references of the full-width InceptionV3 from TensorFlow in float64 and float32.

    python make_inception_reference.py PHOTO

PHOTO is any photo; the committed files were made from scikit-image's `coffee` (CC0, Rachel Michetti).
Needs tensorflow, keras, numpy, pillow and safetensors from PyPI; takes some minutes. README.md says what is in the
files; `GeneratedWeights.swift` defines the same weights in Swift.
"""

import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image

from inception_network import build, convolution_names, layers_of, objective

HERE = pathlib.Path(__file__).resolve().parent
CALIBRATION = HERE / "inception_v3_calibration.safetensors"
PHOTO = HERE / "coffee_225x225.ppm"
STEPS = (1, 10, 100)
STEP_SIZE = 0.01
ACTIVATIONS = ("mixed0", "mixed3", "mixed5", "mixed10")
CLASSIC = {"mixed3": 1.0, "mixed5": 1.0}
# Objectives whose gradients are taken at the small, odd size.
SMALL_OBJECTIVES = {
    "mixed0": {"mixed0": 1.0},
    "mixed4_mixed6": {"mixed4": 0.5, "mixed6": 1.5},
    "mixed10": {"mixed10": 1.0},
}
# One picture has about one ReLU or pool decision that rounding flips, so the error of one gradient is luck; these
# shifts of the photo show its spread.
SHIFTS = [(7 * k, 11 * k) for k in range(1, 17)]
VARIANTS = {"float64": "0", "float32": "1", "float32_without_onednn": "0"}


# The generator of weights ------------------------------------------------------------------------------------------


def fnv1a64(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


def bits(name, count):
    """`count` 64-bit numbers of SplitMix64, seeded by the name's FNV-1a."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a64(name)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def uniform(name, count, amplitude):
    """`count` float32 values in [-amplitude, amplitude) of the top 24 bits."""
    unit = (bits(name, count) >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23) - np.float32(1)  # exact
    return unit * np.float32(amplitude)  # one rounding


def kernel(name, shape):
    fan_in = shape[0] * shape[1] * shape[2]
    return uniform(f"{name}.kernel", math.prod(shape), math.sqrt(6 / fan_in)).reshape(shape)


def beta(name, channels):
    """In [0, 2): about 78 % of the activations are positive.

    Betas around 0 leave half of them, and a random network of 48 convolutions then multiplies rounding errors by 100
    on its way to mixed10, which no trained network does.
    """
    return uniform(f"{name}.beta", channels, 1) + np.float32(1)  # exact


# Pictures ----------------------------------------------------------------------------------------------------------


def formula_picture(height, width):
    """Waves and noise in 8 bits, made by integer arithmetic only, so that it is the same in any language.

    Without the noise the waves would repeat, and repeated patches are ties in max pools, which rounding decides.
    """

    def triangle(n):
        return np.abs(n % 256 - 128)

    h, w, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    noise = (bits("picture", h.size) >> np.uint64(57)).astype(np.int64).reshape(h.shape)
    waves = triangle(2 * h + w + 37 * c) + triangle(h * w // 8 + 61 * c)
    return (waves // 2 + noise).astype(np.uint8)


def network_input(picture):
    """Pixels to [-1, 1]: computed in float64, rounded to float32 once; float64 runs start from the same values."""
    return (picture.astype(np.float64) / 127.5 - 1).astype(np.float32)


def pixels(values):
    return np.round((np.clip(values, -1, 1) + 1) * 127.5).astype(np.uint8)


def write_ppm(path, picture):
    height, width, _ = picture.shape
    path.write_bytes(b"P6\n%d %d\n255\n" % (width, height) + picture.tobytes())


def read_photo():
    return np.asarray(Image.open(PHOTO))


# The network -------------------------------------------------------------------------------------------------------


def build_with_generated_weights(dtype):
    """The network in `dtype` with generated kernels and betas; its BatchNorms' statistics are still to be set."""
    model = build(dtype)
    for name in convolution_names():
        convolution, norm = layers_of(model, name)
        convolution.kernel.assign(kernel(name, tuple(convolution.kernel.shape)).astype(dtype))
        norm.beta.assign(beta(name, norm.beta.shape[0]).astype(dtype))
    return model


def calibrate(model, pictures):
    """Sets every BatchNorm's statistics, rounded to float32, to those of its own input, from the stem upwards."""
    import tensorflow as tf

    statistics, values = {}, {}
    names = {layers_of(model, name)[1].name: name for name in convolution_names()}
    for layer in model.layers:
        inputs = layer.input if isinstance(layer.input, list) else [layer.input]
        if layer.name in names:
            given = values[id(inputs[0])].numpy()
            mean = given.mean(axis=(0, 1, 2)).astype(np.float32)
            variance = given.var(axis=(0, 1, 2)).astype(np.float32)
            layer.moving_mean.assign(mean)
            layer.moving_variance.assign(variance)
            name = names[layer.name]
            statistics[f"{name}.moving_mean"], statistics[f"{name}.moving_variance"] = mean, variance
        if not hasattr(layer, "batch_shape"):
            given = [values[id(tensor)] for tensor in inputs]
            values[id(layer.output)] = layer(given if len(given) > 1 else given[0])
        else:
            values[id(layer.output)] = tf.constant(np.stack(pictures))
    return statistics


def load_statistics(model, dtype):
    from safetensors.numpy import load_file

    statistics = load_file(CALIBRATION)
    for name in convolution_names():
        _, norm = layers_of(model, name)
        norm.moving_mean.assign(statistics[f"{name}.moving_mean"].astype(dtype))
        norm.moving_variance.assign(statistics[f"{name}.moving_variance"].astype(dtype))


# Measuring ---------------------------------------------------------------------------------------------------------


def measure(dtype):
    """Everything that the references need, computed in one arithmetic, as a dictionary of arrays."""
    import keras
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()
    model = build_with_generated_weights(dtype)
    load_statistics(model, dtype)
    results = {}
    photo = network_input(read_photo()).astype(dtype)
    small = network_input(formula_picture(131, 160)).astype(dtype)
    reader = keras.Model(model.input, [model.get_layer(name).output for name in ACTIVATIONS])
    for size, picture in (("225x225", photo), ("160x131", small)):
        for name, output in zip(ACTIVATIONS, reader(picture[None], training=False)):
            results[f"activation/{size}/{name}"] = output.numpy()[0]
    for title, terms in SMALL_OBJECTIVES.items():
        loss, gradient = objective(model, terms)(tf.constant(small))
        results[f"loss/160x131/{title}"], results[f"gradient/160x131/{title}"] = loss.numpy(), gradient.numpy()

    classic = objective(model, CLASSIC)
    loss, gradient = classic(tf.constant(photo))
    results["loss/225x225/mixed3_mixed5"], results["gradient/225x225/mixed3_mixed5"] = loss.numpy(), gradient.numpy()

    for number, shift in enumerate(SHIFTS):
        shifted = tf.constant(np.roll(photo, shift, axis=(0, 1)))
        results[f"shifted/{number}"] = classic(shifted)[1].numpy()

    @tf.function
    def step(picture):
        loss, gradient = classic(picture)
        gradient /= tf.math.reduce_std(gradient) + 1e-8
        return loss, tf.clip_by_value(picture + STEP_SIZE * gradient, -1, 1)

    picture, objectives = tf.constant(photo), []
    for number in range(1, max(STEPS) + 1):
        loss, picture = step(picture)
        objectives.append(loss.numpy())
        if number in STEPS:
            results[f"picture/{number}"] = picture.numpy()
    objectives.append(classic(picture)[0].numpy())
    results["objectives"] = np.array(objectives)
    return results


def psnr(difference, peak):
    error = float(np.mean(np.square(difference, dtype=np.float64)))
    return 10 * math.log10(peak**2 / error) if error else None


def compare(truth, found):
    """How far another arithmetic is from float64."""
    figures = {"activations": {}, "gradients": {}, "pictures": {}}
    spread = {"norm_of_difference_over_norm": [], "psnr_after_1_step": []}
    for key, expected in truth.items():
        kind, *rest = key.split("/")
        difference = found[key].astype(np.float64) - expected
        if kind == "activation":
            figures["activations"]["/".join(rest)] = {
                "largest_error_over_largest": float(np.abs(difference).max() / np.abs(expected).max()),
                "rms_error_over_std": float(np.sqrt(np.mean(difference**2)) / expected.std()),
            }
        elif kind == "gradient":
            figures["gradients"]["/".join(rest)] = {
                "median_error_over_std": float(np.median(np.abs(difference)) / expected.std()),
                "norm_of_difference_over_norm": float(np.linalg.norm(difference) / np.linalg.norm(expected)),
            }
        elif kind == "picture":
            levels = pixels(found[key]).astype(np.float64) - pixels(expected)
            figures["pictures"][rest[0]] = {"psnr": psnr(difference, 2), "psnr_8_bit": psnr(levels, 255)}
        elif kind == "shifted":
            steps = [STEP_SIZE * g / (g.std() + 1e-8) for g in (found[key].astype(np.float64), expected)]
            spread["norm_of_difference_over_norm"].append(float(np.linalg.norm(difference) / np.linalg.norm(expected)))
            spread["psnr_after_1_step"].append(psnr(steps[0] - steps[1], 2))
    figures["shifted_photos"] = spread
    figures["objectives"] = {str(n): float(found["objectives"][n]) for n in (0, *STEPS)}
    return figures


# The files ---------------------------------------------------------------------------------------------------------


def slice_of(array, count):
    """About `count` elements: every stride-th in row-major order (an odd stride visits every colour and channel)."""
    stride = max(1, array.size // count) | 1
    return stride, array.reshape(-1)[::stride].astype(np.float32)


def write_files(runs):
    import keras
    import tensorflow as tf
    from safetensors.numpy import save_file

    truth, tensors, described = runs["float64"], {}, {}
    for key, array in truth.items():
        kind, *rest = key.split("/")
        if kind not in ("activation", "gradient"):
            continue
        whole = kind == "gradient" and rest[0] == "225x225"
        count = array.size if whole else 4096 if kind == "activation" else 16384
        stride, tensors[key] = slice_of(array, count)
        described[key] = {
            "shape": list(array.shape),
            "stride": stride,
            "mean": float(array.mean()),
            "std": float(array.std()),
            "norm": float(np.linalg.norm(array)),
        }
    save_file(tensors, HERE / "inception_v3_reference.safetensors")
    for number in STEPS:
        write_ppm(HERE / f"coffee_after_{number}_steps.ppm", pixels(truth[f"picture/{number}"]))
    samples = {
        "Conv2d_1a_3x3.kernel": kernel("Conv2d_1a_3x3", (3, 3, 3, 32)),
        "Conv2d_1a_3x3.beta": beta("Conv2d_1a_3x3", 32),
        "mixed7.branch7x7_2.kernel": kernel("mixed7.branch7x7_2", (1, 7, 192, 192)),
    }
    generator = {
        "fnv1a64": {name: str(fnv1a64(name)) for name in ("", "a", "mixed0.branch1x1.kernel")},
        "tensors": {
            name: {
                "shape": list(tensor.shape),
                "first": tensor.reshape(-1)[:4].tolist(),
                "last": tensor.reshape(-1)[-4:].tolist(),
            }
            for name, tensor in samples.items()
        },
        "formula_picture_131x160": {
            "first": formula_picture(131, 160).reshape(-1)[:8].tolist(),
            "last": formula_picture(131, 160).reshape(-1)[-8:].tolist(),
            "sum": int(formula_picture(131, 160).sum(dtype=np.int64)),
        },
    }
    reference = {
        "made_with": {"tensorflow": tf.__version__, "keras": keras.__version__, "numpy": np.__version__},
        "objectives": {"225x225/mixed3_mixed5": CLASSIC, **{f"160x131/{k}": v for k, v in SMALL_OBJECTIVES.items()}},
        "losses": {key.removeprefix("loss/"): float(value) for key, value in truth.items() if key.startswith("loss/")},
        "tensors": described,
        "step_size": STEP_SIZE,
        "objective_after_steps": {str(n): float(truth["objectives"][n]) for n in (0, *STEPS)},
        "tensorflow": {name: compare(truth, found) for name, found in runs.items() if name != "float64"},
        "generator": generator,
    }
    (HERE / "inception_v3_reference.json").write_text(json.dumps(reference, indent=1) + "\n")


def run(*arguments, onednn="0"):
    """Runs in a process of its own, because oneDNN is chosen when TensorFlow is imported."""
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": onednn, "TF_CPP_MIN_LOG_LEVEL": "2"}
    subprocess.run([sys.executable, __file__, *map(str, arguments)], env=environment, check=True)


def main(arguments):
    if arguments[0] == "--calibrate":
        from safetensors.numpy import save_file

        pictures = [network_input(p).astype(np.float64) for p in (read_photo(), formula_picture(225, 225))]
        save_file(calibrate(build_with_generated_weights("float64"), pictures), CALIBRATION)
    elif arguments[0] == "--measure":
        np.savez(arguments[2], **measure(arguments[1]))
    else:
        photo = Image.open(arguments[0]).convert("RGB")
        side = min(photo.size)
        left, top = (photo.width - side) // 2, (photo.height - side) // 2
        box = (left, top, left + side, top + side)
        write_ppm(PHOTO, np.asarray(photo.resize((225, 225), Image.Resampling.BICUBIC, box=box)))
        run("--calibrate")
        with tempfile.TemporaryDirectory() as folder:
            runs = {}
            for name, onednn in VARIANTS.items():
                path = pathlib.Path(folder) / f"{name}.npz"
                run("--measure", name.split("_")[0], path, onednn=onednn)
                runs[name] = dict(np.load(path))
            write_files(runs)


if __name__ == "__main__":
    main(sys.argv[1:])
