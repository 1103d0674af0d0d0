"""Measures gradient steps. Contenders take turns, so that a busy moment of the machine affects all of them."""

import statistics
import time

#: How long a contender's turn should take, in milliseconds; a turn is at least one step.
TURN = 600
MOST_STEPS = 20
#: After this many seconds no further round begins, so that slow machines finish too; a few rounds are always run.
ENOUGH_SECONDS = 40
FEWEST_ROUNDS = 3


def alternate(contenders, size, rounds):
    """Each contender's milliseconds per step, one number per round, at most `rounds`.

    The order rotates from round to round.
    """
    # The first turn compiles, plans and warms up; it only tells how many steps fit into one turn.
    steps = {}
    for contender in contenders:
        contender.step_milliseconds(size, 1)
        steps[contender] = max(1, min(MOST_STEPS, round(TURN / contender.step_milliseconds(size, 1))))
    times = {contender.name: [] for contender in contenders}
    begin = time.perf_counter()
    for turn in range(rounds):
        if turn >= FEWEST_ROUNDS and time.perf_counter() - begin > ENOUGH_SECONDS:
            break
        start = turn % len(contenders)
        for contender in contenders[start:] + contenders[:start]:
            times[contender.name].append(contender.step_milliseconds(size, steps[contender]))
    return times


def summary(times):
    """Median milliseconds of each contender, and the median, least and greatest ratio of ours to theirs."""
    result = {}
    for name, milliseconds in times.items():
        result[name] = {"milliseconds": statistics.median(milliseconds), "rounds": milliseconds}
        # Reduced precision is compared with reduced precision.
        baseline = "deepdream fast" if name == "pytorch bf16" else "deepdream"
        if name not in (baseline, "deepdream fast"):
            ratios = sorted(ours / theirs for ours, theirs in zip(times[baseline], milliseconds, strict=True))
            result[name]["ratio"] = {"median": statistics.median(ratios), "least": ratios[0], "greatest": ratios[-1]}
    return result
