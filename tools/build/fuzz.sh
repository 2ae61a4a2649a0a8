#!/bin/sh
# Runs each fuzz target for some seconds: fuzz.sh SECONDS PROGRAM...
# Seeds come from tests/fuzz/corpus/<target>; what is found new stays beside the programs, in
# corpus/<target>, and is used by the next run. Stops at the first finding.
set -u
seconds=$1
shift
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
total=0
for program in "$@"; do
    name=$(basename "$program")
    folder=$(dirname "$program")
    seeds=tests/fuzz/corpus/$name
    found=$folder/corpus/$name
    log=$folder/$name.log
    [ -d "$seeds" ] || { echo "fuzz: $seeds is missing"; exit 1; }
    mkdir -p "$found"
    # 64 KiB: what one read of the loop gives. 2 GiB and 10 s: far above what any input may cost.
    "$program" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -max_len=65536 \
        -print_final_stats=1 -artifact_prefix="$folder/$name-" "$found" "$seeds" >"$log" 2>&1
    status=$?
    executions=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
    if [ "$status" -ne 0 ]; then
        grep -avE '^#[0-9]+[[:space:]]+(NEW|REDUCE|pulse|RELOAD)' "$log" | tail -n 60
        echo "fuzz: $name failed after ${executions:-some} executions; the input is below $folder"
        exit 1
    fi
    covered=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    echo "fuzz: $name: $executions executions in $seconds s, ${covered:-0} edges covered"
    total=$((total + executions))
done
echo "fuzz: $total executions, nothing found"
