# Routers, and nodes that are reached through them; to be loaded beside net.bash.

# start_router NAME OPTION...: a `router --json`, published where it listens, or, if ROUTER_AT is
# set, there. Its output goes to $HOME/NAME.out; ROUTER is its process, ADDRESS where it listens.
start_router() {
    local name=$1
    shift
    [ -e "$(key_of "$name")" ] || make_node "$name"
    : >"$HOME/$name.out" # or the last one's "ready" might be taken for this one's
    nectar-net router -n "$name" --json --bind "${ROUTER_AT:-127.0.0.1:0}" "$@" \
        >"$HOME/$name.out" 2>"$HOME/$name.err" 3>&- &
    ROUTER=$!
    PIDS+=("$ROUTER")
    wait_for 10 grep -q '"type":"ready"' "$HOME/$name.out"
    ADDRESS=$(jq -r 'select(.type=="ready").addr' "$HOME/$name.out")
    nectar-net publish-tx -n "$name" --ws "$ADDRESS" >/dev/null
}

# launch_indirect NAME ROUTERS OPTION...: a `listen --json` of a node that has these routers (commas
# between) and no address, as start_listener; it need not be ready.
launch_indirect() {
    local name=$1 routers=$2
    shift 2
    [ -e "$(key_of "$name")" ] || make_node "$name"
    nectar-net publish-tx -n "$name" --routers "$routers" >/dev/null
    : >"$HOME/$name.out" # or the last one's "ready" might be taken for this one's
    nectar-net listen -n "$name" --json "$@" >"$HOME/$name.out" 2>"$HOME/$name.err" 3>&- &
    LISTENER=$!
    PIDS+=("$LISTENER")
}

# start_indirect: the same, and waits until it stands at all of its routers.
start_indirect() {
    launch_indirect "$@"
    wait_for 10 stands_at "$1" "$(tr -cd , <<<"$2" | wc -c)"
}

# stands_at NAME N: is it ready, and N more routers are up?
stands_at() {
    grep -q '"type":"ready"' "$HOME/$1.out" &&
        [ "$(grep -c '"type":"router_up"' "$HOME/$1.out")" -ge "$2" ]
}

# fell_from NAME N: has it been told of N routers that went down?
fell_from() {
    [ "$(grep -c '"type":"router_down"' "$HOME/$1.out")" -ge "$2" ]
}

# has_line NAME TEXT: does its output have that in a line?
has_line() {
    grep -qF -- "$2" "$HOME/$1.out"
}

# routing_of NAME: what a router has said of what it does: EVENT FROM TO, each a line.
routing_of() {
    jq -r 'select(.type=="router") | "\(.event) \(.from) \(.to // "-")"' "$HOME/$1.out"
}

# within MS COMMAND...: its status, but 1 if it takes longer.
within() {
    local limit=$1 start=${EPOCHREALTIME/./} took code=0
    shift
    "$@" || code=$?
    took=$(((${EPOCHREALTIME/./} - start) / 1000))
    [ "$took" -le "$limit" ] || { echo "took $took ms, not $limit: $*" && return 1; }
    return "$code"
}
