#!/bin/sh
# `make demo`: a labour market like Tianjin's, loaded over gRPC, matched and explained.
#   tools/demo.sh build
# Every command is shown as a reader could type it. Exit code 0 only if all of it worked.
set -eu
build=${1:-build}
folder=$(mktemp -d)
daemon=""

cleanup() {
    [ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null || true
    rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { printf '\n==> %s\n' "$*"; }
# Shows a command, then runs it.
run() {
    printf '\n$ %s\n' "$*"
    "$@"
}
# Shows a command that must fail with the given exit code.
run_refused() {
    expected=$1
    shift
    printf '\n$ %s\n' "$*"
    status=0
    "$@" || status=$?
    [ "$status" -eq "$expected" ] || { echo "demo: expected exit code $expected, got $status" >&2; exit 1; }
}

say "A market is made: 20,000 vacancies and 50,000 applicants, the same for everybody (seed 1)"
run "$build/market" --seed 1 --vacancies 20000 --applicants 50000 --out "$folder"

say "The daemon starts on a free port of this machine"
printf '\n$ %s &\n' "$build/haihed --listen 127.0.0.1:0 --port-file $folder/port"
"$build/haihed" --listen 127.0.0.1:0 --port-file "$folder/port" --log-level warning &
daemon=$!
waited=0
until [ -s "$folder/port" ]; do
    kill -0 "$daemon" 2>/dev/null || { echo "demo: haihed did not start" >&2; exit 1; }
    waited=$((waited + 1))
    [ "$waited" -lt 300 ] || { echo "demo: haihed was not ready after 30 s" >&2; exit 1; }
    sleep 0.1
done
HAIHE_SERVER=127.0.0.1:$(cat "$folder/port")
export HAIHE_SERVER
printf '\n$ export HAIHE_SERVER=%s\n' "$HAIHE_SERVER"

say "The market is loaded over gRPC"
run "$build/haihectl" load vacancies "$folder/vacancies.jsonl"
run "$build/haihectl" load applicants "$folder/applicants.jsonl"
run "$build/haihectl" stats

say "The best vacancies for one jobseeker"
applicant=$(sed -n '2s/^{"key":{"platform":"\([^"]*\)","id":"\([^"]*\)"}.*/\1:\2/p' "$folder/applicants.jsonl")
run "$build/haihectl" match vacancies "$applicant" -k 10

say "Why the first of them is first: every point of its score"
vacancy=$("$build/haihectl" match vacancies "$applicant" -k 1 --json | tr -d ' \n' |
    sed -n 's/.*"matches":\[{"key":{"platform":"\([^"]*\)","id":"\([^"]*\)"}.*/\1:\2/p')
run "$build/haihectl" explain "$vacancy" "$applicant"

say "The other way round: the best applicants for that vacancy"
run "$build/haihectl" match applicants "$vacancy" -k 10

say "A vacancy below the statutory minimum wage is refused by name, and changes nothing"
cat >"$folder/underpaid.jsonl" <<'JSON'
{"key":{"platform":"demo","id":"underpaid"},"title":"装卸工","job_locations":[{"area_code":"120116"}],"base_salary":{"min_amount":180000,"max_amount":210000,"unit":"PAY_UNIT_MONTH"},"hiring_organization":"示例物流公司","total_job_openings":2,"valid_through":"2099-12-31"}
JSON
run_refused 1 "$build/haihectl" load vacancies "$folder/underpaid.jsonl"

say "The daemon is told to end, finishes what is open and leaves"
kill -TERM "$daemon"
status=0
wait "$daemon" || status=$?
daemon=""
[ "$status" -eq 0 ] || { echo "demo: haihed ended with $status" >&2; exit 1; }
printf '\nhaihed ended with exit code 0. The whole tour is in README.md.\n'
