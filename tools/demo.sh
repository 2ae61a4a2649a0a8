#!/bin/sh
# A Tianjin-like labour market, end to end: generate, serve, load over gRPC, match, explain, refuse.
#   tools/demo.sh [build]
# Every step shows its command; exit status 0 only when all of them did what they should.
set -eu
build=${1:-build}
sample=$(dirname "$0")/sample
work=$(mktemp -d)
daemon=""
started=$(date +%s)

cleanup() {
    status=$?
    [ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null || true
    if [ "$status" -ne 0 ] && [ -s "$work/haihed.log" ]; then
        echo "demo: failed; the end of the daemon's log:" >&2
        tail -n 20 "$work/haihed.log" >&2
    fi
    rm -rf "$work"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

heading() { printf '\n==> %s\n' "$1"; }
# Shows a command and runs it.
run() {
    printf '    $ %s\n' "$*"
    "$@"
}
fail() {
    echo "demo: $1" >&2
    exit 1
}

heading "Generate a market: 20,000 vacancies and 50,000 applicants, the same for the same seed"
run "$build/market" --seed 1 --vacancies 20000 --applicants 50000 --out "$work"

# Starts the daemon on the store in $work/store and waits until it has read its records.
serve() {
    rm -f "$work/port"
    printf '    $ %s\n' "$build/haihed --data-dir $work/store --listen 127.0.0.1:0 --port-file $work/port &"
    "$build/haihed" --data-dir "$work/store" --listen 127.0.0.1:0 --port-file "$work/port" >>"$work/haihed.log" 2>&1 &
    daemon=$!
    waited=0
    until [ -s "$work/port" ] && HAIHE_SERVER=127.0.0.1:$(cat "$work/port") "$build/haihectl" health >/dev/null 2>&1; do
        kill -0 "$daemon" 2>/dev/null || { daemon=""; fail "haihed ended before it served"; }
        [ "$waited" -lt 200 ] || fail "haihed did not serve within 20 s"
        waited=$((waited + 1))
        sleep 0.1
    done
    HAIHE_SERVER=127.0.0.1:$(cat "$work/port")
    export HAIHE_SERVER
    printf '    $ export HAIHE_SERVER=%s\n' "$HAIHE_SERVER"
    run "$build/haihectl" health
}

heading "Start the daemon on a free port of this machine, with a store on disk"
serve

heading "Load both files over one gRPC stream each; every row is acknowledged"
run "$build/haihectl" load vacancies "$work/vacancies.jsonl"
run "$build/haihectl" load applicants "$work/applicants.jsonl"

heading "What the daemon holds now"
run "$build/haihectl" stats

# Somebody with a few matches to show: the first of the first platform's applicants who has five.
platform=$(sed -n '1s/.*"platform":"\([^"]*\)".*/\1/p' "$work/applicants.jsonl")
applicant=""
for key in $("$build/haihectl" list applicants "$platform" --limit 200 | cut -f 1); do
    matches=$("$build/haihectl" match vacancies "$key" -k 5 --json | grep -c '"tie":' || true)
    [ "$matches" -lt 5 ] || { applicant=$key; break; }
done
[ -n "$applicant" ] || fail "nobody has five matches"

heading "The best vacancies for one jobseeker, of all 20,000, exactly"
run "$build/haihectl" match vacancies "$applicant" -k 5 --counts >"$work/matches"
cat "$work/matches"
vacancy=$(awk '$1 == "1" { print $NF; exit }' "$work/matches")
[ -n "$vacancy" ] || fail "no match to explain"

heading "Why the first one has its score: every criterion, gate and skill"
run "$build/haihectl" explain "$vacancy" "$applicant"

heading "The other direction: the best applicants for that vacancy, of all 50,000"
run "$build/haihectl" match applicants "$vacancy" -k 5 --counts

heading "A vacancy below Tianjin's minimum wage is refused: field, value and rule are named"
run cat "$sample/refused.csv"
status=0
run "$build/haihectl" load vacancies "$sample/refused.csv" >"$work/refused" 2>&1 || status=$?
cat "$work/refused"
[ "$status" -eq 1 ] || fail "exit status $status where 1 (rows were refused) was due"
grep -q 'wage_below_statutory_minimum' "$work/refused" || fail "the rule was not named"

heading "Kill it as a power cut would, start it again: everything acknowledged is there"
before=$("$build/haihectl" stats --json | grep -E '"(sequence|vacancy_count|applicant_count)"')
printf '    $ kill -KILL %s\n' "$daemon"
kill -KILL "$daemon"
wait "$daemon" 2>/dev/null || true
serve
after=$("$build/haihectl" stats --json | grep -E '"(sequence|vacancy_count|applicant_count)"')
printf '%s\n' "$after"
[ "$before" = "$after" ] || fail "before the kill it was: $before"
run "$build/haihectl" backup "$work/backup"
run "$build/haihectl" check "$work/backup"
run "$build/haihectl" history tail -n 3

heading "Stop the daemon: it drains and ends with status 0"
printf '    $ kill -TERM %s\n' "$daemon"
kill -TERM "$daemon"
status=0
wait "$daemon" || status=$?
daemon=""
[ "$status" -eq 0 ] || fail "haihed ended with status $status"

printf '\ndemo: all of it worked, in %s s\n' "$(($(date +%s) - started))"
