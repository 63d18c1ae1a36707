# Nodes for the black-box tests: a temporary home, keys, a registry, listeners that are ended again.

bats_require_minimum_version 1.5.0

BUILD=$(realpath "${BUILD:-build}")
PATH=$BUILD/bin:$PATH
load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load

net_setup() {
    HOME=$(mktemp -d "${TMPDIR:-/tmp}/nectar-test.XXXXXX")
    export HOME XDG_DATA_HOME=$HOME/data XDG_CONFIG_HOME=$HOME/config XDG_STATE_HOME=$HOME/state
    export XDG_RUNTIME_DIR=$HOME/run XDG_CACHE_HOME=$HOME/.cache NO_COLOR=1
    unset NECTAR_KEY NECTAR_PKI NECTAR_NAME NECTAR_PASSPHRASE_FILE NECTAR_ETH_KEY_FILE NECTAR_ETH_PASSPHRASE_FILE
    REGISTRY=sqlite:$XDG_DATA_HOME/nectar-net/registry.db
    PIDS=()
}

net_teardown() {
    local pid
    [ -z "${NECTAR_SLOWER:-}" ] || end_gently
    for pid in "${PIDS[@]}"; do
        kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$HOME"
}

# For tools that look at a process when it ends: it is told to, and has time to.
end_gently() {
    kill -CONT "${PIDS[@]}" 2>/dev/null || true
    kill -TERM "${PIDS[@]}" 2>/dev/null || true
    wait_for 5 all_have_ended || true
}

all_have_ended() {
    local pid
    for pid in "${PIDS[@]}"; do
        ! kill -0 "$pid" 2>/dev/null || return 1
    done
}

# A node that has a key and is published, without a route.
make_node() {
    nectar-net keygen -n "$1" --no-passphrase >/dev/null
    nectar-net publish-tx -n "$1" --no-route >/dev/null
}

key_of() {
    echo "$XDG_DATA_HOME/nectar-net/keys/$1.key"
}

# wait_for SECONDS COMMAND...: until it succeeds. Where all is slower, that many times as long.
wait_for() {
    local tries=$(($1 * 50 * ${NECTAR_SLOWER:-1})) until=$((EPOCHSECONDS + $1 * ${NECTAR_SLOWER:-100}))
    shift
    while ! "$@"; do
        ((tries-- > 0 && EPOCHSECONDS < until)) || return 1
        sleep 0.02
    done
}

# start_listener NAME OPTION...: a `listen --json` on a free port, published there. Its output goes
# to $HOME/NAME.out; LISTENER is its process, ADDRESS where it listens.
start_listener() {
    local name=$1
    shift
    [ -e "$(key_of "$name")" ] || make_node "$name"
    : >"$HOME/$name.out" # or the last one's "ready" might be taken for this one's
    nectar-net listen -n "$name" --json --bind 127.0.0.1:0 "$@" \
        >"$HOME/$name.out" 2>"$HOME/$name.err" 3>&- &
    LISTENER=$!
    PIDS+=("$LISTENER")
    wait_for 10 grep -q '"type":"ready"' "$HOME/$name.out"
    ADDRESS=$(jq -r 'select(.type=="ready").addr' "$HOME/$name.out")
    nectar-net publish-tx -n "$name" --ws "$ADDRESS" >/dev/null
}

# start_echo NAME [ROUTER...]: a node that answers with what it is sent.
start_echo() {
    [ -e "$(key_of "$1")" ] || make_node "$1"
    "$BUILD/helpers/echo" "$1" "$(key_of "$1")" "$REGISTRY" "${@:2}" >"$HOME/$1.out" 2>"$HOME/$1.err" 3>&- &
    LISTENER=$!
    PIDS+=("$LISTENER")
    wait_for 10 test -s "$HOME/$1.out"
}

# The messages a listener has printed.
messages_of() {
    jq -c 'select(.type=="message")' "$HOME/$1.out"
}
