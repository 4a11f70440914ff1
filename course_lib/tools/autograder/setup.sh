#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: a Python of 3.11 or newer, and the course's grader.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
source=/autograder/source

find_python() {
    local name
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
            2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

if ! find_python >/dev/null; then
    apt-get update -q
    for packages in "python3 python3-venv" "python3.12 python3.12-venv" "python3.11 python3.11-venv"; do
        apt-get install -q -y --no-install-recommends $packages && find_python >/dev/null && break
    done
fi
python=$(find_python) || {
    echo "There is no Python 3.11 or newer to be had here: choose a newer image in the settings of the autograder." >&2
    exit 1
}

"$python" -m venv /autograder/course
/autograder/course/bin/python -m pip install -q --no-cache-dir -r "$source/requirements.txt"
/autograder/course/bin/python -m pip install -q --no-cache-dir --no-deps "$source"/*.whl
chmod -R go= "$source" # the seed and the settings are nobody else's
