#!/bin/sh
# Runs each fuzz target for some seconds: fuzz.sh SECONDS PROGRAM...
# Seeds come from tests/fuzz/corpus/<target>; what is found new stays below the build folder.
set -eu
seconds=$1
shift
for program in "$@"; do
    name=$(basename "$program")
    found=$(dirname "$program")/corpus/$name
    seeds=tests/fuzz/corpus/$name
    mkdir -p "$found"
    echo "fuzz: $name for $seconds s"
    "$program" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -max_len=65536 \
        -print_final_stats=1 -artifact_prefix="$found-" -verbosity=0 \
        "$found" $([ -d "$seeds" ] && echo "$seeds") 2>&1 | grep -aE 'number_of_executed|ERROR|SUMMARY|Assertion|runtime error' || true
    ls "$found"-crash-* "$found"-leak-* "$found"-timeout-* "$found"-oom-* 2>/dev/null && exit 1
done
echo "fuzz: nothing found"
