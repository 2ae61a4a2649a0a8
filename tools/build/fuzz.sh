#!/bin/sh
# Runs each fuzz target for some seconds, as many beside each other as there are cores:
#   fuzz.sh SECONDS PROGRAM...
# Seeds come from tests/fuzz/corpus/<target>; what is found new stays beside the programs, in
# corpus/<target>, and is used by the next run. Closes with one line that counts all targets.
set -u
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

run_one() { # seconds program
    name=$(basename "$2")
    folder=$(dirname "$2")
    seeds=tests/fuzz/corpus/$name
    found=$folder/corpus/$name
    log=$folder/$name.log
    rm -f "$folder/$name.passed"
    [ -d "$seeds" ] || { echo "fuzz: $name: its seeds are missing: $seeds"; return; }
    mkdir -p "$found"
    # 64 KiB: what one read of the loop gives. 2 GiB and 10 s: far above what any input may cost.
    "$2" -max_total_time="$1" -rss_limit_mb=2048 -timeout=10 -max_len=65536 \
        -print_final_stats=1 -artifact_prefix="$folder/$name-" "$found" "$seeds" >"$log" 2>&1
    status=$?
    executions=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
    if [ "$status" -ne 0 ]; then
        grep -avE '^#[0-9]+[[:space:]]+(NEW|REDUCE|pulse|RELOAD)' "$log" | tail -n 60
        echo "fuzz: $name: FAILED after ${executions:-some} executions; the input is below $folder"
        return
    fi
    covered=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    echo "fuzz: $name: $executions executions in $1 s, ${covered:-0} edges covered, nothing found"
    echo "$executions" >"$folder/$name.passed"
}

if [ "$1" = --one ]; then
    run_one "$2" "$3"
    exit
fi
seconds=$1
shift
printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" "$0" --one "$seconds"
passed=0 total=0
for program in "$@"; do
    result=$(dirname "$program")/$(basename "$program").passed
    [ -f "$result" ] || continue
    passed=$((passed + 1))
    total=$((total + $(cat "$result")))
done
echo "fuzz: $passed passed, $(($# - passed)) failed, $total executions"
[ "$passed" -eq $# ]
