#!/bin/sh
# Haihe beside its strongest peers: the same job, the same data, one run.
#   bench/peers/run.sh VACANCIES.tsv APPLICANTS.tsv QUERIES.tsv vacancies|applicants
# The direction is what is ranked; QUERIES are records of the other kind. Installs what is missing,
# builds, then runs one engine after the other with two threads (or clients) each, ours first and
# last. Prints name=value lines, an engine's name behind each. THREADS and K change the defaults
# 2 and 50; PEERS names the peers to run, by default all: "lucene lucene_sorted postgresql scan".
set -eu
[ $# -eq 4 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
queries=$(realpath "$3")
direction=$4
case $direction in
vacancies) records=$(realpath "$1") ;;
applicants) records=$(realpath "$2") ;;
*) echo "run.sh: direction '$direction': must be vacancies or applicants" >&2; exit 2 ;;
esac
threads=${THREADS:-2}
k=${K:-50}
peers=${PEERS:-lucene lucene_sorted postgresql scan}
cd "$(dirname "$0")/../.."
build=build/bench
make --no-print-directory bench-peers >&2

work=$(mktemp -d /tmp/haihe-peers-XXXXXX)
chmod 755 "$work" # the database server, another user, passes through
cleanup() {
    [ ! -d "$work/cluster" ] || bench/peers/postgresql/cluster.sh stop "$work/cluster"
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

ours() { # NAME
    "$build/bench_search" "--tsv-$direction" "$records" --tsv-queries "$queries" \
        --direction "$direction" --profile lab --k "$k" --threads "$threads" \
        --out "$work/$1.tsv" >"$work/$1"
}

lucene() { # NAME arrival|place
    jars=$(echo /usr/share/java/lucene-core-8*.jar)
    java -Xms4g -Xmx4g -XX:+AlwaysPreTouch -XX:+UseParallelGC -cp "$jars:$build/peers/lucene" \
        LucenePeer "$records" "$queries" "$direction" "$k" "$threads" "$2" \
        "$work/index-$1" "$work/$1.tsv" >"$work/$1"
    rm -rf "$work/index-$1"
}

postgresql() { # NAME
    sql=bench/peers/postgresql
    $sql/cluster.sh start "$work/cluster"
    begin=$(date +%s)
    for script in functions "schema_$direction"; do
        psql --host "$work/cluster" --username postgres --quiet --no-psqlrc \
            --set ON_ERROR_STOP=1 --file "$sql/$script.sql" <"$records"
    done
    echo "load_seconds=$(($(date +%s) - begin))" >"$work/$1"
    "$build/peers/postgresql" "$sql/search_$direction.sql" "host=$work/cluster user=postgres" \
        "$queries" "$direction" "$k" "$threads" "$work/$1.tsv" >>"$work/$1"
    $sql/cluster.sh stop "$work/cluster"
}

scan() { # NAME
    "$build/peers/scan" "$records" "$queries" "$direction" "$k" "$threads" "$work/$1.tsv" \
        >"$work/$1"
}

# An engine's figures, its name behind each. Load is the machine's when it had ended.
report() { # NAME
    sed -n "s/^\(searches_per_second\|mean_us\|p50_us\|p99_us\|max_us\|cpu_us\|load_seconds\)=/\1_$1=/p" \
        "$work/$1"
    echo "machine_load_$1=$(cut -d ' ' -f 1 /proc/loadavg)"
}

ours haihe
sed -n '/^\(machine\|cores\|revision\|direction\|k\|threads\|records\|queries\)=/p' "$work/haihe"
report haihe
status=0
for peer in $peers; do
    case $peer in
    lucene) lucene lucene arrival ;;
    lucene_sorted) lucene lucene_sorted place ;;
    postgresql) postgresql postgresql ;;
    scan) scan scan ;;
    *) echo "run.sh: peer '$peer': there is none of that name" >&2; exit 2 ;;
    esac
    report "$peer"
    bench/peers/compare.py "$peer" "$work/haihe" "$work/haihe.tsv" "$work/$peer" \
        "$work/$peer.tsv" || status=1
done
ours haihe_again
report haihe_again
exit $status
