"""Keras's own InceptionV3 with this project's names, at any width."""


def convolution_names():
    """The 94 convolutions in the order in which Keras creates them."""
    names = [
        "Conv2d_1a_3x3",
        "Conv2d_2a_3x3",
        "Conv2d_2b_3x3",
        "Conv2d_3b_1x1",
        "Conv2d_4a_3x3",
    ]

    def block(number, *branches):
        names.extend(f"mixed{number}.{branch}" for branch in branches)

    def chain(prefix, length):
        return [f"{prefix}_{position}" for position in range(1, length + 1)]

    for number in (0, 1, 2):
        block(number, "branch1x1", *chain("branch5x5", 2), *chain("branch3x3dbl", 3), "branch_pool")
    block(3, "branch3x3", *chain("branch3x3dbl", 3))
    for number in (4, 5, 6, 7):
        block(number, "branch1x1", *chain("branch7x7", 3), *chain("branch7x7dbl", 5), "branch_pool")
    block(8, *chain("branch3x3", 2), *chain("branch7x7x3", 4))
    for number in (9, 10):
        block(
            number,
            "branch1x1",
            "branch3x3_1",
            "branch3x3_2a",
            "branch3x3_2b",
            "branch3x3dbl_1",
            "branch3x3dbl_2",
            "branch3x3dbl_3a",
            "branch3x3dbl_3b",
            "branch_pool",
        )
    return names


def scaled(channels, width, minimum):
    """The project's rule for narrow networks; `round` rounds halves to even."""
    return channels if width == 1 else max(minimum, round(channels * width / 8) * 8)


def build(dtype, width=1.0, tail_width=None, minimum=8, gamma=False):
    """InceptionV3 without its top, in `dtype`; `gamma` gives the BatchNorms a scale.

    `tail_width` is the width of mixed8 to mixed10 if it differs; no layer has fewer channels than `minimum`.
    """
    import keras
    from keras.src.applications import inception_v3

    keras.backend.clear_session()
    keras.config.set_floatx(dtype)
    original, names = inception_v3.conv2d_bn, iter(convolution_names())

    def conv2d_bn(x, filters, rows, columns, padding="same", strides=(1, 1)):
        name = next(names).replace(".", "__")  # a layer's name cannot hold a dot
        in_tail = name.startswith(("mixed8__", "mixed9__", "mixed10__"))
        x = keras.layers.Conv2D(
            scaled(filters, tail_width if in_tail and tail_width else width, minimum),
            (rows, columns),
            strides=strides,
            padding=padding,
            use_bias=False,
            name=f"{name}_conv",
        )(x)
        x = keras.layers.BatchNormalization(axis=3, scale=gamma, name=f"{name}_bn")(x)
        return keras.layers.Activation("relu", name=name)(x)

    inception_v3.conv2d_bn = conv2d_bn
    try:
        model = inception_v3.InceptionV3(include_top=False, weights=None, input_shape=(None, None, 3))
    finally:
        inception_v3.conv2d_bn = original
    assert next(names, None) is None
    return model


def read(path):
    """A model file's network in float64, with its weights."""
    import numpy as np
    from safetensors import safe_open

    with safe_open(path, "numpy") as file:
        # The file itself is not iterable.
        weights = {name: file.get_tensor(name).astype(np.float64) for name in file.keys()}  # noqa: SIM118
        widths = file.metadata()
    width = float(widths["width"])
    tail_width = float(widths.get("tail_width", width))
    model = build("float64", width, tail_width, int(widths["channel_minimum"]), gamma=True)
    for name in convolution_names():
        convolution, norm = layers_of(model, name)
        convolution.kernel.assign(weights[f"{name}.kernel"])
        for part in ("gamma", "beta", "moving_mean", "moving_variance"):
            getattr(norm, part).assign(weights[f"{name}.{part}"])
    return model


def layers_of(model, name):
    """The convolution and the BatchNorm of one of `convolution_names`."""
    name = name.replace(".", "__")
    return model.get_layer(f"{name}_conv"), model.get_layer(f"{name}_bn")


def objective(model, terms, diversity=0, channels=None, selectivity=0):
    """A function of a picture that gives the weighted sum of the layers' means and its gradient.

    A layer's mean is the power mean of order 1 - diversity of its channels' means, each raised by a twentieth of their
    arithmetic mean, where there is diversity and the weight is positive. Where only some channels count, that mean is
    raised by a tenth of selectivity times the arithmetic mean of the whole layer, and divided by the latter to the
    power of selectivity.
    """
    import keras
    import tensorflow as tf

    def value(activations, weight):
        means = tf.reduce_mean(activations, (0, 1, 2))
        if channels is None:
            return mean(means, weight)
        whole = tf.reduce_mean(means)
        return (mean(tf.gather(means, channels), weight) + 0.1 * selectivity * whole) / whole**selectivity

    def mean(means, weight):
        if diversity == 0 or weight < 0:
            return tf.reduce_mean(means)
        raised = means + 0.05 * tf.reduce_mean(means)
        if diversity == 1:
            return tf.exp(tf.reduce_mean(tf.math.log(raised)))
        return tf.reduce_mean(raised ** (1 - diversity)) ** (1 / (1 - diversity))

    part = keras.Model(model.input, {name: model.get_layer(name).output for name in terms})
    part.trainable = False

    @tf.function
    def loss_and_gradient(picture):
        with tf.GradientTape() as tape:
            tape.watch(picture)
            outputs = part(picture[None], training=False)
            loss = tf.add_n([weight * value(outputs[name], weight) for name, weight in terms.items()])
        return loss, tape.gradient(loss, picture)

    return loss_and_gradient
