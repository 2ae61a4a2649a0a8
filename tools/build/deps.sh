#!/bin/sh
# Installs what is missing with apt: `deps.sh PACKAGE... COMMAND/PACKAGE...`. The second form is
# satisfied by the command, wherever it came from. Does nothing when all is there.
set -eu
# make runs several of these beside each other; apt refuses all but the first. What one installed the
# next need not.
exec 9<"$0"
flock 9
missing=""
for need in "$@"; do
    case $need in
        */*) command -v "${need%/*}" >/dev/null 2>&1 || missing="$missing ${need#*/}" ;;
        *) dpkg-query -W -f='${Status}' "$need" 2>/dev/null | grep -q 'ok installed' ||
            missing="$missing $need" ;;
    esac
done
[ -n "$missing" ] || exit 0
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "deps: missing:$missing; run as root or install sudo" >&2
        exit 1
    }
    as_root="sudo"
fi
echo "deps: installing with apt:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing; } 9>&- >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "deps: apt failed; the packages needed are:$missing" >&2
    exit 1
fi
echo "deps: done"
