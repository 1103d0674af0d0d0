#!/bin/bash
# Runs one fuzz target: first what was found before, then new inputs for some seconds. `make fuzz` calls it.
#
#     FUZZER=.build-fuzz/release/Fuzzing Fuzzing/run.sh png 30
set -euo pipefail
shopt -s nullglob
cd "$(dirname "$0")/.."
export FUZZ_TARGET=$1
seconds=$2
# The leak check takes what Swift's globals hold for lost. A leak in a parser still shows: it reaches -rss_limit_mb.
export ASAN_OPTIONS=detect_leaks=0
# libFuzzer prints the stack; Swift's program for that hangs under AddressSanitizer.
export SWIFT_BACKTRACE=enable=no

build=${FUZZER%%/*}
corpus=$build/corpora/$FUZZ_TARGET
findings=$build/findings/$FUZZ_TARGET-
log=$build/$FUZZ_TARGET.log
seeds=(Fuzzing/Corpora/"$FUZZ_TARGET")
regressions=(Fuzzing/Regressions/"$FUZZ_TARGET"/*)
dictionary=Fuzzing/Dictionaries/$FUZZ_TARGET.txt
options=(-timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=512 -artifact_prefix="$findings" -print_final_stats=1)
if [[ -e $dictionary ]]; then options+=(-dict="$dictionary"); fi
mkdir -p "$corpus" "$(dirname "$findings")"

run() {
    if ! "$FUZZER" "${options[@]}" "$@" &> "$log"; then
        tail -n 60 "$log"
        echo "$FUZZ_TARGET: a finding; the whole log is $log"
        return 1
    fi
}

if ((${#regressions[@]})); then run "${regressions[@]}"; fi
# What the target gets of a processor is less than the time, where other programs run.
TIMEFORMAT='%U %S'
{ time run -max_total_time="$seconds" -max_len=16384 "$corpus" "${seeds[@]}"; } 2> "$log.times"
processor=$(awk 'END { printf "%.0f", $1 + $2 }' "$log.times")
echo "$FUZZ_TARGET: $(grep -oE 'number_of_executed_units: +[0-9]+' "$log" | grep -oE '[0-9]+') inputs," \
    "$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | cut -d' ' -f2) edges, $processor s of a processor, no finding"
