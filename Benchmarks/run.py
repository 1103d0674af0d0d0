"""Measures deepdream against TensorFlow, PyTorch and the Flask program that it replaces; writes tables and a plot.

    make bench                                                  # everything, about ten minutes
    make bench BENCH_FLAGS="--sizes 225x225 --threads 2 --no-service"

It only measures: no result makes it fail.
"""

import argparse
import functools
import os
from pathlib import Path

import contenders
import plot
import pytorch_networks
import report
import service
import steps
import topology

HERE = Path(__file__).parent
#: Sizes that have a goal. Some contenders are measured only at these.
MAIN_SIZES = (225, 225), (512, 512)
SIZES = (225, 225), (512, 384), (512, 512), (1024, 768)
#: Other networks: the sizes of a step that have a goal.
NETWORK_SIZES = {"efficientnet_lite0": ((224, 224), (512, 512)), "vgg16": ((224, 224),), "googlenet": ((224, 224),)}
#: Other networks that compute with reduced precision too.
FAST_NETWORKS = {"efficientnet_lite0"}
REQUEST_ROUNDS = 3
#: Load per core from other processes above which the results are unreliable.
MOST_OTHER_LOAD = 0.5


def size(text):
    width, height = text.split("x")
    return int(width), int(height)


def parsed_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--deepdream", type=Path, default=HERE / "../.build/release/deepdream", help="what to measure")
    parser.add_argument("--output", type=Path, default=HERE / "../docs/benchmarks", help="folder for the results")
    parser.add_argument("--model", type=Path, default=HERE / ".cache/inception_v3_random.safetensors")
    parser.add_argument(
        "--lite0",
        type=Path,
        default=Path("~/.local/share/deepdream/models/efficientnet_lite0.safetensors").expanduser(),
        help="EfficientNet-Lite0's weights (make weights)",
    )
    parser.add_argument("--sizes", type=size, nargs="+", default=SIZES, metavar="WIDTHxHEIGHT")
    parser.add_argument("--threads", type=int, nargs="+", default=sorted({1, os.cpu_count()}))
    parser.add_argument("--rounds", type=int, default=7, help="most rounds at sizes with a goal; half of it at others")
    parser.add_argument("--no-service", action="store_true", help="measure only steps")
    parser.add_argument("--no-steps", action="store_true", help="measure no steps of InceptionV3")
    parser.add_argument("--no-networks", action="store_true", help="measure only InceptionV3")
    return parser.parse_args()


def measured_steps(arguments, results):
    """Times of the step at all sizes and numbers of threads."""
    executable, model = arguments.deepdream, arguments.model
    for threads in arguments.threads:
        make = [
            functools.partial(contenders.Ours, executable, model, threads),
            functools.partial(contenders.tensorflow, model, threads),
            functools.partial(contenders.pytorch, model, threads),
        ]
        has_all = threads == max(arguments.threads)
        if has_all:
            make.append(functools.partial(contenders.openblas, executable, model, threads))
            if report.has_bf16():
                make.append(functools.partial(contenders.fast, executable, model, threads))
                make.append(functools.partial(contenders.pytorch_bf16, model, threads))
        with contenders.running(make) as everyone:
            for each in everyone:
                if isinstance(each, contenders.Peer):
                    results["versions"][each.name] = each.version
            for width, height in arguments.sizes:
                is_main = (width, height) in MAIN_SIZES
                present = everyone if is_main else everyone[:3]
                rounds = arguments.rounds if is_main else max(3, arguments.rounds // 2)
                times = steps.alternate(present, (width, height), rounds)
                entry = {"size": f"{width}x{height}", "threads": threads, "contenders": steps.summary(times)}
                results["steps"].append(entry)
                print(f"{entry['size']}, threads {threads}: ", end="")
                print(", ".join(f"{name} {e['milliseconds']:.0f} ms" for name, e in entry["contenders"].items()))


def measured_networks(arguments, results):
    """Times of a step of other networks, against PyTorch, and of EfficientNet-Lite0's recommended recipe over HTTP."""
    executable, threads = arguments.deepdream, max(arguments.threads)
    models = {network: HERE / f".cache/{network}_random.safetensors" for network in ("vgg16", "googlenet")}
    for network, model in models.items():
        if not model.exists():
            topology.write_random_model(model, network)
    if arguments.lite0.exists():
        models["efficientnet_lite0"] = arguments.lite0
        results["lite0_recipe_seconds"] = service.recipe_seconds(executable, arguments.lite0)
    else:
        results["notes"].append(f"EfficientNet-Lite0 was not measured: {arguments.lite0.name} is not installed.")
    for network, model in models.items():
        layers = "--layers", pytorch_networks.LAYERS[network]
        make = [
            functools.partial(contenders.Ours, executable, model, threads, *layers),
            functools.partial(contenders.pytorch, model, threads),
        ]
        if report.has_bf16() and network in FAST_NETWORKS:
            make.append(functools.partial(contenders.fast, executable, model, threads, *layers))
        with contenders.running(make) as everyone:
            for width, height in NETWORK_SIZES[network]:
                times = steps.alternate(everyone, (width, height), arguments.rounds)
                entry = {
                    "network": network,
                    "layers": layers[1],
                    "size": f"{width}x{height}",
                    "contenders": steps.summary(times),
                }
                results["networks"].append(entry)
                print(f"{network}, {entry['size']}: ", end="")
                print(", ".join(f"{name} {e['milliseconds']:.1f} ms" for name, e in entry["contenders"].items()))


def measured_service(arguments):
    """All measurements except the times of single steps."""
    executable, model = arguments.deepdream, arguments.model
    result = {"start_seconds": service.start_seconds(executable, model)}
    result["embedded"] = service.embedded(executable)
    result["large_megabytes"] = service.large_megabytes(executable, model)
    result["huge"] = service.huge(executable, model)
    result["neighbour"] = service.neighbour(executable, model, max(arguments.threads), arguments.rounds)
    precisions = ["full", "fast"] if report.has_bf16() else ["full"]
    result["plans"] = service.plans(executable, model, max(arguments.threads), MAIN_SIZES, precisions)
    print("starting, memory, neighbour: done")
    return result | service.requests(executable, model, REQUEST_ROUNDS, report.has_bf16())


def main():
    arguments = parsed_arguments()
    if not arguments.deepdream.exists():
        raise SystemExit(f"{arguments.deepdream} is missing; run make build")
    if not arguments.model.exists():
        topology.write_random_model(arguments.model)
    results = {"machine": report.machine(), "versions": {}, "steps": [], "networks": [], "notes": []}
    if not report.has_bf16():
        results["notes"].append("bf16 was not measured: this CPU has no bfloat16 products.")
    if not arguments.no_steps:
        measured_steps(arguments, results)
    if not arguments.no_networks:
        measured_networks(arguments, results)
    if not arguments.no_service:
        results["service"] = measured_service(arguments)
    if results["machine"]["load"][0] > MOST_OTHER_LOAD * os.cpu_count():
        results["notes"].append(
            "**The machine was busy.** Threads that wait for each other by spinning, as PyTorch's do, lose much more "
            "time then than others. With several threads, these results are only a rough idea."
        )
    results["load_after"] = round(os.getloadavg()[0], 1)
    report.write(results, arguments.output)
    if results["steps"]:
        plot.write(results, arguments.output)
    print(report.markdown(results))


if __name__ == "__main__":
    main()
