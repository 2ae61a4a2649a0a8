#!/bin/sh
# How many unary questions a second the daemon answers over gRPC on a tiny data set, where the cost
# is that of the byte path rather than of the search.
#   bench/unary.sh [build]      (after: make all bench)
# Loads 10 vacancies and 10 applicants, then asks for one applicant's best vacancies again and again
# with our own generator, and with nghttp2's h2load where that is installed. Prints name=value lines.
set -eu
build=${1:-build}
root=$(dirname "$0")/..
work=$(mktemp -d)
daemon=""
cleanup() {
    [ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# Ten times the sample's first vacancy, ten times its first applicant: every pair matches.
ten_times() {
    awk -F, -v OFS=, 'NR == 1 { print }
        NR == 2 { for (i = 1; i <= 10; i++) { $2 = "x-" i; print } }' "$root/tools/sample/$1.csv" \
        >"$work/$1.csv"
    "$build/haihectl" load "$1" "$work/$1.csv" >/dev/null
}
"$build/haihed" --listen 127.0.0.1:0 --port-file "$work/port" --log-level error &
daemon=$!
waited=0
until [ -s "$work/port" ]; do
    waited=$((waited + 1))
    [ "$waited" -lt 100 ] || { echo "unary.sh: haihed did not serve within 10 s" >&2; exit 1; }
    sleep 0.1
done
HAIHE_SERVER=127.0.0.1:$(cat "$work/port")
export HAIHE_SERVER
ten_times vacancies
ten_times applicants
echo "matches_per_answer=$("$build/haihectl" match vacancies sample:x-1 -k 10 --json | grep -c '"tie":')"

echo 'applicant_key { platform: "sample" id: "x-1" } options { k: 10 }' |
    protoc --proto_path="$root/proto" --encode=haihe.v1.MatchVacanciesRequest \
        haihe/v1/match_service.proto >"$work/request"
method=/haihe.v1.MatchService/MatchVacancies
"$build/bench/load_grpc" --address "$HAIHE_SERVER" --method "$method" --request-file "$work/request" \
    --connections 4 --in-flight 32 --seconds 5

command -v h2load >/dev/null || { echo "unary.sh: h2load skipped, it is not installed" >&2; exit 0; }
# gRPC's prefix: not compressed, four bytes of length (the request is below 256 bytes).
size=$(wc -c <"$work/request")
{ printf '\0\0\0\0'; printf "\\$(printf %o "$size")"; cat "$work/request"; } >"$work/framed"
h2load --requests 400000 --clients 4 --max-concurrent-streams 32 --data "$work/framed" \
    --header 'content-type: application/grpc' --header 'te: trailers' \
    "http://$HAIHE_SERVER$method" |
    sed -n 's/^finished in .*, \([0-9.]*\) req\/s.*/h2load_calls_per_second=\1/p
            s/^requests: .* \([0-9]*\) succeeded, \([0-9]*\) failed.*/h2load_succeeded=\1\nh2load_failed=\2/p'
