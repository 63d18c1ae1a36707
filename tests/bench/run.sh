#!/bin/bash
# Figures, each beside its limit on this machine and the goal. Prints; asserts nothing, since the
# times of a shared machine say more about its neighbours than about us. Run by `make bench`.
#
# A row: row NAME FIGURE LIMIT GOAL, all in the same unit. LIMIT is what the machine itself allows,
# measured in the same minute; the ratio is figure / limit.
set -euo pipefail
: "${BUILD:?the build folder}"
SPAWN=$BUILD/bench/spawn
NECTAR=$BUILD/bin/nectar-net
RUNS=${RUNS:-50}

home=$(mktemp -d)
listener=
cleanup() {
    [ -z "$listener" ] || { kill "$listener" && wait "$listener"; } 2>/dev/null || true
    rm -rf "$home"
}
trap cleanup EXIT
export XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache
unset "${!NECTAR_@}"

row() {
    awk -v name="$1" -v figure="$2" -v limit="$3" -v goal="$4" 'BEGIN {
        ratio = limit > 0 ? sprintf("%.1f", figure / limit) : "-"
        printf "%-44s %9s %9s %7s %9s\n", name, figure, limit, ratio, goal }'
}

median() { # PROGRAM [ARGUMENT...]: ms
    "$SPAWN" "$RUNS" "$@" | cut -d' ' -f2
}

bench_start() {
    local floor
    floor=$(median /bin/true)
    row "nectar-net version, start to exit, ms" "$(median "$NECTAR" version)" "$floor" "3"
}

bench_send() {
    local addr floor
    "$NECTAR" keygen -q -n squid.nec --no-passphrase >/dev/null
    "$NECTAR" keygen -q -n loach.nec --no-passphrase >/dev/null
    mkfifo "$home/ready"
    # A free port, asked of the system, then published.
    "$NECTAR" publish-tx -q -n loach.nec --no-route >/dev/null
    "$NECTAR" publish-tx -q -n squid.nec --ws 127.0.0.1:1 >/dev/null
    "$NECTAR" listen -n squid.nec --bind 127.0.0.1:0 --json >"$home/ready" 2>/dev/null &
    listener=$!
    exec 3<"$home/ready"
    read -r -t 10 -u 3 line
    # The rest is read and dropped, or the listener would wait for us.
    cat <&3 >/dev/null &
    addr=$(jq -r 'select(.type == "ready").addr' <<<"$line")
    "$NECTAR" publish-tx -q -n squid.nec --ws "$addr" >/dev/null
    floor=$(median /bin/true)
    row "nectar-net send, one short message, ms" \
        "$(median "$NECTAR" send -n loach.nec squid.nec -m hello)" "$floor" "15"
    exec 3<&-
}

printf 'median of %s runs; limit: a process that does nothing, ratio: figure / limit\n' "$RUNS"
printf '%-44s %9s %9s %7s %9s\n' name figure limit ratio goal
bench_start
bench_send
