# Nodes in network namespaces that the test makes, joined by a relay that does to their packets what
# networks do. Loads what the tests of the programs use: names, keys, registry and processes are the
# same here, only where a node stands is not.
load "${BASH_SOURCE[0]%/*}/../cmd/net"
load "${BASH_SOURCE[0]%/*}/../cmd/routing"

# Everywhere the same: each place has its own ports.
PORT=9000

# fault_setup PLACE...: a relay, and these places, joined without a fault. Skips, saying why, where
# the machine lets us make none.
fault_setup() {
    net_setup
    declare -gA SPACE=() HOST=()
    "$BUILD/helpers/relay" "$HOME/relay" >"$HOME/relay.out" 2>"$HOME/relay.err" 3>&- &
    RELAY=$!
    PIDS+=("$RELAY")
    wait_for 10 relay_is_decided
    if [ ! -s "$HOME/relay.out" ]; then
        wait "$RELAY" || [ $? = 77 ] && skip "$(cat "$HOME/relay.err")"
    fi
    add_places "$@"
}

# add_places PLACE...: more of them.
add_places() {
    local place answer
    for place; do
        HOST[$place]=10.91.0.$((${#HOST[@]} + 1))
        answer=$(relay place "$place" "${HOST[$place]}")
        SPACE[$place]=$answer
    done
}

relay_is_decided() {
    [ -s "$HOME/relay.out" ] || [ -s "$HOME/relay.err" ]
}

# relay COMMAND...: see relay.c.
relay() {
    "$BUILD/helpers/relay" "$HOME/relay" "$@"
}

# at PLACE COMMAND...: runs it there.
at() {
    local place=$1
    shift
    # shellcheck disable=SC2086 # options of nsenter
    nsenter ${SPACE[$place]} -- "$@"
}

# launch_at PLACE NAME VERB OPTION...: a program that stays, there. Its output goes to
# $HOME/NAME.out; STARTED is its process.
launch_at() {
    local place=$1 name=$2 verb=$3
    shift 3
    # shellcheck disable=SC2086 # options of nsenter
    nsenter ${SPACE[$place]} -- nectar-net "$verb" -n "$name" --json "$@" \
        >"$HOME/$name.out" 2>"$HOME/$name.err" 3>&- &
    STARTED=$!
    PIDS+=("$STARTED")
}

# A listener or a router: `serve_at PLACE NAME listen OPTION...` publishes its address and waits
# until it stands. SERVER is its process.
serve_at() {
    local place=$1 name=$2
    [ -e "$(key_of "$name")" ] || make_node "$name"
    nectar-net publish-tx -n "$name" --ws "${HOST[$place]}:$PORT" >/dev/null
    launch_at "$@"
    # shellcheck disable=SC2034 # for who loads us
    SERVER=$STARTED
    wait_for 10 has_line "$name" '"type":"ready"'
}

# indirect_at PLACE NAME ROUTERS OPTION...: a listener that is reached through these (commas
# between), and waits until it stands at all of them. SERVER is its process.
indirect_at() {
    local place=$1 name=$2 routers=$3
    shift 3
    [ -e "$(key_of "$name")" ] || make_node "$name"
    nectar-net publish-tx -n "$name" --routers "$routers" >/dev/null
    launch_at "$place" "$name" listen "$@"
    # shellcheck disable=SC2034 # for who loads us
    SERVER=$STARTED
    wait_for 10 stands_at "$name" "$(tr -cd , <<<"$routers" | wc -c)"
}

# A figure of a passed line: bytes_passed FROM TO.
bytes_passed() {
    relay passed "$1" "$2" | cut -d' ' -f4
}

# Has that much arrived at TO from FROM?
has_passed() { # FROM TO BYTES
    [ "$(bytes_passed "$1" "$2")" -ge "$3" ]
}

# timed COMMAND...: runs it; TOOK is how many ms that took.
timed() {
    local start=${EPOCHREALTIME/./} result=0
    "$@" || result=$?
    # shellcheck disable=SC2034 # for who loads us
    TOOK=$(((${EPOCHREALTIME/./} - start) / 1000))
    return "$result"
}

# A figure for who reads the output of the tests.
note() {
    echo "# $*" >&3
}
