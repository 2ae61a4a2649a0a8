#!/bin/sh
# Runs the named Criterion programs and closes with one line that sums them up. A sanitizer's report
# is a failure even where Criterion saw none: leaks, for one, are found after a test has passed.
set -u
passed=0 failed=0 skipped=0 crashed=0
for program in "$@"; do
    output=$(mktemp)
    "$program" >"$output" 2>&1
    status=$?
    cat "$output"
    summary=$(grep -a 'Synthesis: Tested' "$output" | tail -n 1 | sed 's/\x1b\[[0-9;]*m//g')
    passed=$((passed + $(echo "$summary" | sed -n 's/.*Passing: \([0-9]*\).*/\1/p' | grep . || echo 0)))
    failed=$((failed + $(echo "$summary" | sed -n 's/.*Failing: \([0-9]*\).*/\1/p' | grep . || echo 0)))
    reports=$(grep -ac 'SUMMARY: [A-Za-z]*Sanitizer' "$output")
    skipped=$((skipped + $(grep -ac '^\[SKIP\] ' "$output")))
    if [ "$status" -ne 0 ] || [ -z "$summary" ] || [ "$reports" -gt 0 ]; then
        crashed=$((crashed + 1))
        echo "run-tests: $program ended with status $status and $reports sanitizer reports"
    fi
    rm -f "$output"
done
[ "$crashed" -eq 0 ] || [ "$failed" -gt 0 ] || failed=$crashed
echo "unit: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$crashed" -eq 0 ]
