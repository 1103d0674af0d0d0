"""Makes files of weights of a narrow InceptionV3 in each layout that Keras has written, with Keras itself.

    python make_keras_files.py

All hold the same values, which `expected.safetensors` has under this project's names. Needs tensorflow, keras,
h5py, numpy and safetensors from PyPI. README.md says what is in each file.
"""

import pathlib
import re
import sys

import h5py
import keras
import numpy as np
from keras.src.applications import inception_v3
from keras.src.legacy.saving import legacy_h5_format
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "VisionNetTests/Fixtures"))

from inception_network import convolution_names, scaled

WIDTH = 0.05


def build():
    """Keras's InceptionV3 with its own names, its channels scaled."""
    original = inception_v3.conv2d_bn

    def conv2d_bn(x, filters, *arguments, **options):
        return original(x, scaled(filters, WIDTH), *arguments, **options)

    inception_v3.conv2d_bn = conv2d_bn
    try:
        return inception_v3.InceptionV3(include_top=False, weights=None, input_shape=(None, None, 3))
    finally:
        inception_v3.conv2d_bn = original


def number(layer):
    return int((re.search(r"_(\d+)$", layer.name) or [0, 0])[1])


def in_order(model, kind):
    return sorted((layer for layer in model.layers if isinstance(layer, kind)), key=number)


def fill(model):
    """Random values of two digits, which compress well; the same in every model."""
    generator = np.random.default_rng(1)
    values = {}
    layers = zip(in_order(model, keras.layers.Conv2D), in_order(model, keras.layers.BatchNormalization))
    for name, (convolution, norm) in zip(convolution_names(), layers, strict=True):
        parts = {
            "kernel": convolution.kernel,
            "beta": norm.beta,
            "moving_mean": norm.moving_mean,
            "moving_variance": norm.moving_variance,
        }
        for part, variable in parts.items():
            low = 1 if part == "moving_variance" else -64
            value = (generator.integers(low, 64, variable.shape) / 64).astype(np.float32)
            variable.assign(value)
            values[f"{name}.{part}"] = value
    return values


def repacked(path):
    """Rewrites a file with compressed kernels and small groups, to keep this repository small."""
    temporary = path.with_suffix(".old")
    path.rename(temporary)
    with h5py.File(temporary) as old, h5py.File(path, "w", libver="latest") as new:
        copy_attributes(old, new)

        def visit(name, item):
            if isinstance(item, h5py.Group):
                copy = new.require_group(name)
            elif item.size >= 512:
                copy = new.create_dataset(name, data=item[()], compression="gzip", compression_opts=9, shuffle=True)
            else:
                copy = new.create_dataset(name, data=item[()])
            copy_attributes(item, copy)

        old.visititems(visit)
    temporary.unlink()


def copy_attributes(old, new):
    for key in old.attrs:
        attribute = old.attrs.get_id(key)
        copy = h5py.h5a.create(new.id, key.encode(), attribute.get_type(), attribute.get_space())
        if attribute.get_space().get_simple_extent_npoints():
            data = np.empty(attribute.shape, attribute.dtype)
            attribute.read(data)
            copy.write(data)


def write_official_layout(path, values):
    """As Keras 1 wrote the published file: fixed-length strings, numbers from 1, ':0', layers sorted by depth."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"], file.attrs["backend"] = b"2.0.2", b"tensorflow"
        names = []
        # The order by depth is not the order of creation. Any other order will do, so here it is reversed.
        for index, name in reversed(list(enumerate(convolution_names(), 1))):
            for layer, parts in (
                (f"conv2d_{index}", ("kernel",)),
                (f"batch_normalization_{index}", ("beta", "moving_mean", "moving_variance")),
                (f"activation_{index}", ()),
            ):
                names.append(layer)
                group = file.create_group(layer)
                group.attrs["weight_names"] = [f"{layer}/{part}:0".encode() for part in parts]
                for part in parts:
                    group.create_dataset(f"{layer}/{part}:0", data=values[f"{name}.{part}"])
        # Keras does this if the list is too long for one attribute.
        file.attrs["layer_names0"] = [name.encode() for name in names[:100]]
        file.attrs["layer_names1"] = [name.encode() for name in names[100:]]
    repacked(path)


def without_names(source, path):
    """A Keras 3 file as written by versions of Keras that did not store the layers' names."""
    with h5py.File(source) as old, h5py.File(path, "w", libver="latest") as new:

        def visit(name, item):
            if isinstance(item, h5py.Dataset) and not re.search("/activation|pooling", name):
                new.create_dataset(name, data=item[()], compression="gzip" if item.size >= 512 else None)

        old.visititems(visit)


def write_strangers():
    """Small HDF5 files that do not hold InceptionV3."""
    with h5py.File(HERE / "no_keras.h5", "w", libver="latest") as file:
        file["temperature"] = np.arange(4.0)
    with h5py.File(HERE / "outward.h5", "w", libver="latest") as file:
        file["inside"] = np.arange(4, dtype=np.float32)
        file["whole_numbers"] = np.arange(4)
        file["soft_link"] = h5py.SoftLink("/inside")
        file["external_link"] = h5py.ExternalLink("no_keras.h5", "/temperature")
        file.create_dataset("external_values", (4,), np.float32, external=[("README.md", 0, 16)])
        layout = h5py.VirtualLayout((4,), np.float64)
        layout[:] = h5py.VirtualSource("no_keras.h5", "temperature", (4,))
        file.create_virtual_dataset("virtual_values", layout)
    keras.utils.set_random_seed(1)
    small = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(2, 3), keras.layers.BatchNormalization()])
    with h5py.File(HERE / "other_network.h5", "w", libver="latest") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, small)


def main():
    write_strangers()
    keras.backend.clear_session()
    model = build()
    values = fill(model)
    save_file({name: value.astype(np.float16) for name, value in values.items()}, HERE / "expected.safetensors")

    with h5py.File(HERE / "legacy.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, model)

    # Built after another model in the same session, so the numbers start at 94; with a classifier on top.
    second = build()
    fill(second)
    pooled = keras.layers.GlobalAveragePooling2D()(second.output)
    whole = keras.Model(second.input, keras.layers.Dense(3, name="predictions")(pooled))
    whole.save(HERE / "whole_model.h5")
    repacked(HERE / "whole_model.h5")

    # Within another model, as in transfer learning.
    with h5py.File(HERE / "nested.h5", "w") as file:
        outer = keras.Sequential([keras.Input((None, None, 3)), model])
        legacy_h5_format.save_weights_to_hdf5_group(file, outer)
    repacked(HERE / "nested.h5")

    second.save_weights(HERE / "keras3.weights.h5")
    without_names(HERE / "keras3.weights.h5", HERE / "keras3_without_names.weights.h5")
    write_official_layout(HERE / "official_layout.h5", values)


if __name__ == "__main__":
    main()
