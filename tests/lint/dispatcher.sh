#!/bin/bash
# dispatcher.sh BUILD: the dispatcher starts with libc alone; no verb links what costs start-up time.
set -eu
needed() {
    readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}
[ -f "$1/bin/nectar-net" ] || { echo "$1: no dispatcher built there" && exit 1; }
libs=$(needed "$1/bin/nectar-net")
[ "$libs" = libc.so.6 ] || { echo "nectar-net needs:" "$libs" && exit 1; }
for program in "$1"/bin/nectar-net-*; do
    if needed "$program" | grep -E 'libcurl|libnectar\.a'; then
        echo "$program: links it at start-up"
        exit 1
    fi
done
