#!/bin/sh
# A folder of matcher/ may include only folders on lower floors (and itself); only wire/ may include
# generated code. The floors are those of the README.
set -eu
floor() {
    case $1 in
        base) echo 0 ;; net|model|store) echo 1 ;; rpc|core) echo 2 ;; wire) echo 3 ;;
        engine) echo 4 ;; market|jobs) echo 5 ;; cluster) echo 6 ;; server|ops) echo 7 ;;
        config) echo 8 ;; *) echo 99 ;;
    esac
}
bad=0
count=0
for file in matcher/*/*.[ch]; do
    folder=$(basename "$(dirname "$file")")
    from=$(floor "$folder")
    [ "$from" -lt 99 ] || { echo "floors: matcher/$folder has no floor"; bad=1; }
    count=$((count + 1))
    for include in $(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$file"); do
        case $include in
            *.pb-c.h) [ "$folder" = wire ] || { echo "floors: $file includes generated $include"; bad=1; }; continue ;;
        esac
        to=${include%%/*}
        [ "$to" = "$folder" ] || [ "$(floor "$to")" -lt "$from" ] ||
            { echo "floors: $file (floor $from) includes $include (floor $(floor "$to"))"; bad=1; }
    done
done
[ "$bad" -eq 0 ] && echo "floors: $count files include only lower floors"
exit "$bad"
