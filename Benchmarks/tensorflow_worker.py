"""Takes TensorFlow's steps on command; see worker.py."""

import worker
from tensorflow_dream import dream_model, gradient_step, tf


def main():
    arguments = worker.arguments()
    tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
    tf.config.threading.set_inter_op_parallelism_threads(arguments.threads)
    model = dream_model(arguments.model)

    def prepare(photo):
        picture = tf.constant(photo[None])
        step = gradient_step(model)

        def take_step():
            nonlocal picture
            picture, objective = step(picture)
            return objective.numpy()

        return take_step

    worker.serve(tf.__version__, prepare)


if __name__ == "__main__":
    main()
