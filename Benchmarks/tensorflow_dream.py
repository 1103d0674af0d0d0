"""The gradient step of the program that the service replaces, in TensorFlow."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf

from topology import CONVOLUTIONS, NORM, read_model

LAYERS = "mixed3", "mixed5"
STEP_SIZE = 0.01


def _by_creation(network, kind):
    """Layers of a kind in the order in which Keras created them: `conv2d`, `conv2d_1`, …"""

    def number(layer):
        suffix = layer.name.rsplit("_", 1)[-1]
        return int(suffix) if suffix.isdigit() else 0

    return sorted((layer for layer in network.layers if isinstance(layer, kind)), key=number)


def dream_model(model_file):
    """Keras's InceptionV3 with the weights of a model file, from a picture to the objective's layers."""
    network = keras.applications.InceptionV3(include_top=False, weights=None)
    weights = read_model(model_file)
    convolutions = _by_creation(network, keras.layers.Conv2D)
    norms = _by_creation(network, keras.layers.BatchNormalization)
    for name, convolution, norm in zip(CONVOLUTIONS, convolutions, norms, strict=True):
        convolution.set_weights([weights[f"{name}.kernel"]])
        norm.set_weights([weights[f"{name}.{part}"] for part in NORM])
    return keras.Model(network.input, [network.get_layer(name).output for name in LAYERS])


def gradient_step(model):
    """A compiled function from a picture (1 x height x width x 3, in [-1, 1]) to the next one and the objective."""

    @tf.function
    def step(picture):
        with tf.GradientTape() as tape:
            tape.watch(picture)
            objective = tf.add_n([tf.reduce_mean(output) for output in model(picture, training=False)])
        gradient = tape.gradient(objective, picture)
        gradient /= tf.math.reduce_std(gradient) + 1e-8
        return tf.clip_by_value(picture + STEP_SIZE * gradient, -1, 1), objective

    return step
