#!/bin/bash
# Figures, each beside its limit on this machine and the goal. Prints; asserts nothing, since the
# times of a shared machine say more about its neighbours than about us. Run by `make bench`.
#
# A row: row NAME FIGURE LIMIT GOAL, all in the same unit. LIMIT is what the machine itself allows,
# measured in the same minute; the ratio is figure / limit. A goal that ends in x is one for the
# ratio.
set -euo pipefail
: "${BUILD:?the build folder}"
SPAWN=$BUILD/bench/spawn
NECTAR=$BUILD/bin/nectar-net
RUNS=${RUNS:-50}
REACHES=${REACHES:-40}           # of a node with dead routers
REGISTERED=${REGISTERED:-5000}   # nodes at one router
PASSTHROUGHS=${PASSTHROUGHS:-2000}
IDLE=${IDLE:-2000}               # connections that others make to a node
NAMES=${NAMES:-20000}            # in the log of a registry, 2000 a block
ONLY=${ONLY-}                    # names of parts, below; nothing: all

home=$(mktemp -d)
pids=()
cleanup() {
    local pid
    for pid in "${pids[@]}"; do
        { kill "$pid" && wait "$pid"; } 2>/dev/null || true
    done
    rm -rf "$home"
}
trap cleanup EXIT
export XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache
unset "${!NECTAR_@}"

row() {
    awk -v name="$1" -v figure="$2" -v limit="$3" -v goal="$4" 'BEGIN {
        ratio = "-"
        if (limit > 0) ratio = sprintf("%.2f", figure / limit)
        else limit = "-"
        printf "%-46s %9s %9s %7s %9s\n", name, figure, limit, ratio, goal }'
}

heading() {
    printf '\n%s\n%-46s %9s %9s %7s %9s\n' "$1" name figure limit ratio goal
}

# A number of a sorted list, by its place from 0 to 1.
place() { # WHERE FILE
    sort -n "$2" | awk -v at="$1" '{ v[NR] = $1 } END { print v[1 + int(at * (NR - 1))] }'
}

# How long a program takes from start to exit, beside one that does nothing: the median, and the
# shortest, which others on the machine have disturbed the least.
startup() { # WHAT GOAL PROGRAM [ARGUMENT...]
    local what=$1 goal=$2 least middle floor_least floor_middle _
    shift 2
    read -r floor_least floor_middle _ < <("$SPAWN" "$RUNS" /bin/true)
    read -r least middle _ < <("$SPAWN" "$RUNS" "$@")
    row "$what, ms" "$middle" "$floor_middle" "$goal"
    row "$what, shortest, ms" "$least" "$floor_least" -
}

make_node() { # NAME ROUTE...: as publish-tx has it
    "$NECTAR" keygen -q -n "$1" --no-passphrase >/dev/null
    "$NECTAR" publish-tx -q -n "$@" >/dev/null
}

# start VERB NAME OPTION...: serves until the end, on processor 0; it is ready, ADDRESS is where,
# PROCESS which.
start() {
    local verb=$1 name=$2
    shift 2
    : >"$home/$name.out"
    taskset -c 0 "$NECTAR" "$verb" -n "$name" --json "$@" >"$home/$name.out" 2>/dev/null &
    PROCESS=$!
    pids+=("$PROCESS")
    for _ in $(seq 200); do
        grep -q '"ready"' "$home/$name.out" && break
        sleep 0.05
    done
    ADDRESS=$(jq -r 'select(.type == "ready").addr // empty' "$home/$name.out")
}

# Rows of a program: what, figure and limit a line; each GOAL in turn, the last for all that follow.
rows() { # GOAL... <ROWS
    local what figure limit
    while IFS=$'\t' read -r what figure limit; do
        row "$what" "$figure" "$limit" "$1"
        [ $# -eq 1 ] || shift
    done
}

# start_peer PROCESSOR: cod.nec, which answers each request. PAIR says all to who talks with it.
start_peer() {
    local registry=sqlite:$XDG_DATA_HOME/nectar-net/registry.db keys=$XDG_DATA_HOME/nectar-net/keys
    : >"$home/cod.out"
    taskset -c "$1" "$BUILD/helpers/burst" listen cod.nec "$keys/cod.nec.key" "$registry" \
        >"$home/cod.out" 2>/dev/null &
    PROCESS=$!
    pids+=("$PROCESS")
    until [ -s "$home/cod.out" ]; do sleep 0.05; done
    "$NECTAR" publish-tx -q -n cod.nec --ws "$(jq -r .addr "$home/cod.out")" >/dev/null
    PAIR=("$registry" "$keys/loach.nec.key" loach.nec cod.nec "$PROCESS")
}

stop_peer() {
    kill "$PROCESS"
    wait "$PROCESS" 2>/dev/null || true
}

bench_pair() {
    make_node cod.nec --no-route
    start_peer "$(($(nproc) - 1))"
    "$BUILD/bench/messages" "${PAIR[@]}" | rows 500 0.35x - 0.35x - 0.35x
    "$BUILD/bench/handshakes" "${PAIR[@]}" | rows 0.80x 0.80x -
    stop_peer
    start_peer 0
    "$BUILD/bench/hello" "${PAIR[@]}" | rows 2.50x
    stop_peer
}

# A node and others that connect to it, simulated as around the router.
bench_idle() {
    simulate
    start listen idle.nec -p "json:$home/nodes.json" --bind 127.0.0.1:0
    "$BUILD/bench/idle" "json:$home/nodes.json" "$home/data/nectar-net/keys/nodes.nec.key" idle.nec \
        "$ADDRESS" "$PROCESS" "$IDLE" | rows 24
}

bench_start() {
    startup "nectar-net version" 3 "$NECTAR" version
}

bench_send() {
    make_node squid.nec --no-route
    start listen squid.nec --bind 127.0.0.1:0
    # A free port, asked of the system, then published.
    "$NECTAR" publish-tx -q -n squid.nec --ws "$ADDRESS" >/dev/null
    startup "nectar-net send, a short message" 15 \
        "$NECTAR" send -n loach.nec squid.nec -m hello
}

# A router and the registry of the nodes that are simulated around it; once for all.
simulate() {
    local key
    [ -z "${SIMULATION-}" ] || return 0
    make_node router.nec --no-route
    make_node idle.nec --no-route
    "$NECTAR" keygen -q -n nodes.nec --no-passphrase >/dev/null
    key=$("$NECTAR" pubkey -n nodes.nec)
    {
        "$NECTAR" pki-lookup router.nec idle.nec
        seq 0 "$((REGISTERED + 1))" | sed 's/.*/{"name":"n&.nec","username":"n&",'`
            `'"networking_key":"'"$key"'","ws_routing":null,"allowed_routers":["router.nec"]}/'
    } | jq -s . >"$home/nodes.json"
    start router router.nec -p "json:$home/nodes.json" --bind 127.0.0.1:0 \
        --max-peers 100000 --max-passthroughs 100000
    SIMULATION=("json:$home/nodes.json" "$home/data/nectar-net/keys/nodes.nec.key" router.nec
        "$ADDRESS" "$PROCESS")
}

# A registry on a chain, at $URI, that knows squid.nec.
begin_chain() {
    # shellcheck source=tests/chain/registry.bash
    . tests/chain/registry.bash
    registry_start nec
    pids+=("$ANVIL_PID")
    registry_publish squid "$(printf '%064d' 1)" 203.0.113.7 9000 0 "" >/dev/null
}

# As a node asks, and as a program does.
bench_lookup() {
    local ours bare _
    begin_chain
    "$BUILD/bench/lookup" "$URI" squid.nec "$home/batch" | rows 1.30x
    read -r _ ours _ < <("$SPAWN" "$RUNS" "$NECTAR" pki-lookup -p "$URI" squid.nec)
    read -r _ bare _ < <("$SPAWN" "$RUNS" "$(command -v curl)" -s -d "@$home/batch" \
        -H 'Content-Type: application/json' "$ANVIL_URL")
    row "pki-lookup, start to exit, ms" "$ours" "$bare" -
    anvil_stop
}

# What is kept of a name: as a node has it, and from the shell.
bench_kept() {
    begin_chain
    "$BUILD/bench/kept" "$URI" squid.nec "$XDG_CACHE_HOME/nectar-net" | rows -
    anvil_stop
}

bench_recall() {
    begin_chain
    "$NECTAR" pki-lookup -p "$URI" squid.nec >/dev/null
    startup "pki-lookup, in the cache" 5 "$NECTAR" pki-lookup -p "$URI" --max-cached 3600 squid.nec
    anvil_stop
}

# The log is asked for by the block, as curl asks here; what is in it is not looked at.
fetch_logs() { # CONTRACT
    local block
    for ((block = 1; block <= NAMES / 2000 + 1; block++)); do
        printf '{"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[{"address":"%s","fromBlock":"0x%x","toBlock":"0x%x"}]}' \
            "$1" "$block" "$block" >"$home/ask"
        curl -s -d "@$home/ask" -H 'Content-Type: application/json' "$ANVIL_URL" >/dev/null
    done
}

# How long it takes, in us for each name.
for_each_name() { # COMMAND...
    local begun=$EPOCHREALTIME
    "$@" >/dev/null
    awk -v us=$((${EPOCHREALTIME/./} - ${begun/./})) -v names="$NAMES" 'BEGIN { printf "%.1f", us / names }'
}

per_second() { # US
    awk -v us="$1" 'BEGIN { printf "%.0f", 1e6 / us }'
}

bench_sync() {
    local names uri from ours bare
    # shellcheck source=tests/chain/hypermap.bash
    . tests/chain/hypermap.bash
    anvil_start --gas-limit 100000000
    pids+=("$ANVIL_PID")
    names=$(chain_deploy "0x$(jq -r .ManyNames.bin build/chain/ManyNames.json)")
    for ((from = 0; from < NAMES; from += 2000)); do
        chain_send "$names" "$(abi encode 'tell(uint256,uint256)' "$from" 2000)" >/dev/null
    done
    uri="hypermap+$ANVIL_URL?contract=$names"
    ours=$(for_each_name "$NECTAR" registry sync -p "$uri")
    bare=$(for_each_name fetch_logs "$names")
    row "registry sync, $NAMES names, us each" "$ours" "$bare" -
    row "registry sync, $NAMES names, names a second" "$(per_second "$ours")" "$(per_second "$bare")" -
    rm -r "$home/cache"
    row "registry sync, $NAMES names, most memory, KiB" \
        "$("$BUILD/helpers/peak" "$NECTAR" registry sync -p "$uri")" - 65536
    anvil_stop
}

bench_forward() {
    local bytes cpu cpu_loop wall wall_loop goal=0.40x
    simulate
    "$BUILD/bench/forward" "${SIMULATION[@]}" >"$home/forward"
    while read -r bytes cpu cpu_loop wall wall_loop; do
        row "frames of $bytes bytes, MB per CPU second" "$cpu" "$cpu_loop" "$goal"
        row "frames of $bytes bytes, MB/s" "$wall" "$wall_loop" -
        goal=0.20x
    done <"$home/forward"
}

bench_crowd() {
    local what figure limit goal
    simulate
    "$BUILD/bench/crowd" "${SIMULATION[@]}" "$REGISTERED" "$PASSTHROUGHS" >"$home/crowd"
    while IFS=$'\t' read -r what figure limit; do
        case $what in
        "a passthrough: memory, KiB") goal=40 ;;
        *) goal=- ;;
        esac
        row "$what" "$figure" "$limit" "$goal"
    done <"$home/crowd"
}

# reach KIND NODE: how long a cold send takes to it, beside the same to the node of which the one
# router that lives is all, in turns.
reach() {
    local place at
    : >"$home/reach"
    : >"$home/reach.limit"
    for _ in $(seq "$REACHES"); do
        "$SPAWN" 1 "$NECTAR" send -n loach.nec "$2" -m hello | cut -d' ' -f2 >>"$home/reach"
        "$SPAWN" 1 "$NECTAR" send -n loach.nec carol.nec -m hello | cut -d' ' -f2 >>"$home/reach.limit"
    done
    for place in shortest:0 median:0.5 longest:1; do
        at=${place#*:}
        row "send, 3 of 4 routers $1, ms, ${place%:*}" "$(place "$at" "$home/reach")" \
            "$(place "$at" "$home/reach.limit")" "$([ "$at" = 1 ] && echo 1000 || echo -)"
    done
}

bench_reach() {
    local i
    make_node live.nec --no-route
    start router live.nec --bind 127.0.0.1:0
    "$NECTAR" publish-tx -q -n live.nec --ws "$ADDRESS" >/dev/null
    for i in 1 2 3; do
        "$BUILD/helpers/mute" tcp 0 >"$home/mute$i" &
        pids+=("$!")
        make_node "refusing$i.nec" --ws "127.0.0.1:$i"
    done
    for i in 1 2 3; do
        until [ -s "$home/mute$i" ]; do sleep 0.05; done
        make_node "mute$i.nec" --ws "127.0.0.1:$(cat "$home/mute$i")"
    done
    make_node bob.nec --routers live.nec,mute1.nec,mute2.nec,mute3.nec
    make_node dave.nec --routers live.nec,refusing1.nec,refusing2.nec,refusing3.nec
    make_node carol.nec --routers live.nec
    for i in bob.nec carol.nec dave.nec; do
        start listen "$i"
    done
    reach silent bob.nec
    reach refusing dave.nec
}

# part HEADING NAME...: the figures of bench_NAME; of those that ONLY names, if it names some.
part() {
    local title=$1 name told=
    shift
    for name in "$@"; do
        [[ -z ${ONLY-} || " $ONLY " == *" $name "* ]] || continue
        [ -n "$told" ] || heading "$title"
        told=yes
        "bench_$name"
    done
}

make_node loach.nec --no-route
part "start to exit, median of $RUNS runs; limit: a process that does nothing" start send recall
part "two nodes, a processor each, medians; limit: the same primitives in a bare loop" pair
part "at a node, idle; limit: its sockets in the kernel" idle
part "a router's forwarding, medians; limit: a bare loop from socket to socket" forward
part "at a router, idle; limit: of memory its sockets in the kernel, of time its keys" crowd
part "a node through 4 routers, cold, $REACHES runs; limit: through the one that lives" reach
part "a name in a registry on a chain, medians; limit: the same batch by libcurl, and by curl" lookup
part "the same name, kept in the cache, medians; limit: the same row, read by SQLite alone" kept
part "the names of Hypermap, read from its log; limit: curl, for the same log" sync
