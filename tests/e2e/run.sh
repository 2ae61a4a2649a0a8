#!/bin/sh
# End to end: the real daemon, and clients nobody here wrote (python3-grpcio, @grpc/grpc-js, grpc-go).
#   tests/e2e/run.sh build [suite ..]     suites: python node hostile interop faults; all unless told
# Closes with one line that counts all cases.
set -u
build=$(realpath "${1:-build}")
[ $# -gt 0 ] && shift
suites=${*:-python node hostile interop faults}
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/../..")
python=/usr/bin/python3 # Debian's grpcio and protobuf belong to it, whatever is on the PATH
export HAIHE_BUILD="$build" HAIHE_ROOT="$root"

generated=$build/e2e/python
mkdir -p "$generated"
(cd "$root/proto" && protoc --proto_path=. --python_out="$generated" $(find . -name '*.proto' | sed 's|^\./||')) || exit 1

passed=0 failed=0

# All test_*.py of a folder; harness.py is there for each of them.
run_python() { # name folder
    log=$build/e2e/$1.log
    PYTHONPATH=$generated:$here/python:$root/tests/hostile:$2 "$python" -B -m unittest discover -s "$2" -t "$2" -v >"$log" 2>&1
    status=$?
    cat "$log"
    ran=$(sed -n 's/^Ran \([0-9]*\) tests\{0,1\} .*/\1/p' "$log" | tail -n 1)
    bad=$(grep -cE '^(FAIL|ERROR): ' "$log")
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    passed=$((passed + ${ran:-0} - bad))
    failed=$((failed + bad))
}

# npm's packages beside a copy of the tests; npm reads the pinned lock file, nothing of it is committed.
prepare_node() {
    if ! command -v npm >/dev/null 2>&1; then
        echo "e2e: npm is missing: the Node clients cannot run"
        return 1
    fi
    mkdir -p "$build/e2e/node"
    cp "$here"/node/.npmrc "$here"/node/package.json "$here"/node/package-lock.json "$here"/node/*.mjs "$build/e2e/node/"
    (cd "$build/e2e/node" && { [ -d node_modules ] && cmp -s package-lock.json node_modules/.installed ||
        { npm ci --no-audit --no-fund --silent && cp package-lock.json node_modules/.installed; }; }) && return
    echo "e2e: npm could not install the Node client's packages"
    return 1
}

run_node() { # file
    if ! prepare_node; then
        failed=$((failed + 1))
        return
    fi
    log=$build/e2e/$1.log
    (cd "$build/e2e/node" && node --test "$1") >"$log" 2>&1
    status=$?
    cat "$log"
    ok=$(sed -n 's/^[#ℹ] pass \([0-9]*\).*/\1/p' "$log" | tail -n 1)
    bad=$(sed -n 's/^[#ℹ] fail \([0-9]*\).*/\1/p' "$log" | tail -n 1)
    [ "$status" -eq 0 ] || [ "${bad:-0}" -gt 0 ] || bad=1
    passed=$((passed + ${ok:-0}))
    failed=$((failed + ${bad:-1}))
}

# Debian's Go packages, no network: there is no module, GOPATH is where they are.
run_go() { # folder
    log=$build/e2e/go.log
    (cd "$1" && GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$build/e2e/go-cache GOFLAGS= \
        go build -o "$build/e2e/go_client" . && "$build/e2e/go_client" "$INTEROP_ADDRESS") >"$log" 2>&1
    status=$?
    cat "$log"
    bad=$(grep -c '^FAIL ' "$log")
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    passed=$((passed + $(grep -c '^ok ' "$log")))
    failed=$((failed + bad))
}

# gRPC's own cases, from three implementations, against grpc.testing.TestService on our rpc floor.
run_interop() {
    port_file=$build/e2e/interop.port
    rm -f "$port_file"
    "$build/interop/server" "$port_file" &
    server=$!
    for _ in $(seq 500); do
        [ -s "$port_file" ] && break
        sleep 0.02
    done
    INTEROP_ADDRESS=127.0.0.1:$(cat "$port_file")
    export INTEROP_ADDRESS
    (cd "$root/tests/interop" && protoc --proto_path=. --python_out="$generated" testing.proto) || failed=$((failed + 1))
    run_python interop "$root/tests/interop"
    run_node interop.test.mjs
    run_go "$root/tests/interop/go"
    kill "$server"
    wait "$server" || { echo "e2e: the interop server ended badly" && failed=$((failed + 1)); }
}

for suite in $suites; do
    case $suite in
    python) run_python python "$here/python" ;;
    faults) run_python faults "$root/tests/faults" ;;
    hostile) run_python hostile "$root/tests/hostile" ;;
    node) run_node e2e.test.mjs ;;
    interop) run_interop ;;
    *)
        echo "e2e: suite '$suite': unknown"
        failed=$((failed + 1))
        ;;
    esac
done
echo "e2e: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
