#!/bin/sh
# A private PostgreSQL cluster for one benchmark, reached through a socket in its own folder:
#   cluster.sh start FOLDER     makes it and starts it; FOLDER must be empty or absent
#   cluster.sh stop FOLDER      stops it and removes FOLDER
# The server refuses to run as root: then it runs as the package's user postgres.
set -eu
action=$1
folder=$2
programs=$(dirname "$(find /usr/lib/postgresql -path '*/bin/initdb' | sort -V | tail -n 1)")

as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd "$folder" && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

# For two clients that only read, on a machine with 24 GiB that serves nothing else: all data in
# shared memory, no parallel workers (both cores have a client already), no compilation of plans
# (it costs more than these statements take). A prepared statement keeps its plan; without sorts the
# plan aggregates by hashing, which its guess of one row would not. What makes writes durable is off:
# it speeds up loading and costs searches nothing.
settings() {
    cat <<'END'
listen_addresses = ''
max_connections = 50
shared_buffers = 6GB
huge_pages = try
effective_cache_size = 16GB
work_mem = 512MB
hash_mem_multiplier = 1.0
maintenance_work_mem = 2GB
max_parallel_workers_per_gather = 0
jit = off
random_page_cost = 1.0
plan_cache_mode = force_generic_plan
enable_sort = off
autovacuum = off
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 16GB
END
}

case $action in
start)
    mkdir -p "$folder"
    [ "$(id -u)" -ne 0 ] || chown postgres "$folder"
    as_owner "$programs/initdb" -D "$folder/data" --username postgres --auth trust --no-sync \
        --no-locale --encoding UTF8 >/dev/null
    settings >>"$folder/data/postgresql.conf"
    as_owner "$programs/pg_ctl" --pgdata "$folder/data" --wait --silent --log "$folder/log" \
        --options "-k $folder" start
    ;;
stop)
    as_owner "$programs/pg_ctl" --pgdata "$folder/data" --wait --silent --mode immediate stop || true
    rm -rf "$folder"
    ;;
*)
    echo "usage: cluster.sh start|stop FOLDER" >&2
    exit 2
    ;;
esac
