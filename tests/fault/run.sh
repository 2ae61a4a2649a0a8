#!/bin/sh
# The real daemon on a disk that loses power, lies, and fails.
#   tests/fault/run.sh build SCRIPT [OPTION ..]     such as test_power.py --kills 50 --seed 1
set -eu
build=$(realpath "$1")
script=$2
shift 2
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/../..")
generated=$build/e2e/python
mkdir -p "$generated"
(cd "$root/proto" && protoc --proto_path=. --python_out="$generated" $(find . -name '*.proto' | sed 's|^\./||'))
export HAIHE_BUILD="$build" HAIHE_ROOT="$root"
export PYTHONPATH="$generated:$root/tests/e2e/python:$root/tests/hostile:$here"
exec /usr/bin/python3 -B "$here/$script" "$@" # Debian's grpcio and protobuf belong to it
