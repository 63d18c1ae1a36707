#!/bin/bash
# The main job as a transcript: two nodes get keys, publish who they are in the embedded registry,
# and talk, end-to-end encrypted. Everything lives in a temporary folder that is removed; nothing is
# left running. Exits 0 only if each step did what it should. Run by `make demo`.
set -euo pipefail
: "${BUILD:?the build folder}"
PATH=$BUILD/bin:$PATH
unset "${!NECTAR_@}"

home=$(mktemp -d)
running=() # the processes in the background
cleanup() {
    local status=$? pid
    trap - EXIT INT TERM
    for pid in "${running[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$home"
    [ "$status" = 0 ] || echo "demo: failed" >&2
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export HOME=$home XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache \
    XDG_STATE_HOME=$home/state XDG_RUNTIME_DIR=$home/run

say() { printf '\n# %s\n' "$*"; }

# run EXPECTED COMMAND: echoes a command line, runs it within 20 s, shows what it prints, and fails
# unless that matches EXPECTED, an extended regular expression for one of its lines.
run() {
    local output
    printf '$ %s\n' "$2"
    output=$(timeout 20 bash -o pipefail -c "$2" 2>&1) || {
        printf '%s\n(exit status %s)\n' "$output" "$?"
        exit 1
    }
    printf '%s\n' "$output"
    grep -qE -e "$1" <<<"$output" || {
        echo "(that is not what was expected: $1)"
        exit 1
    }
}

# wait_for FILE PATTERN: until a line of the file matches, 10 s at most.
wait_for() {
    local tries=200
    until grep -qsE -e "$2" "$home/$1"; do
        [ $((tries -= 1)) -gt 0 ] || {
            cat "$home/$1"
            exit 1
        }
        sleep 0.05
    done
}

# start FILE COMMAND: echoes a command line, runs it in the background with its output in a file, and
# waits until it is ready.
start() {
    printf '$ %s &\n' "$2"
    eval "exec $2" >"$home/$1" 2>&1 &
    running+=("$!")
    wait_for "$1" '"type": ?"ready"'
    grep '"ready"' "$home/$1"
}

# stop: ends what runs, each with the exit status 0.
stop() {
    local pid status
    for pid in "${running[@]}"; do
        status=0
        kill "$pid"
        wait "$pid" || status=$?
        [ "$status" = 0 ] || {
            echo "(exit status $status)"
            exit 1
        }
    done
    running=()
}

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (: </dev/tcp/127.0.0.1/$port) 2>/dev/null || break
    done
    echo "$port"
}
PORT=$(free_port)

say "Two nodes, a key each. What is printed is the public half."
run '^[0-9a-f]{64}$' "nectar-net keygen -n squid.nec --no-passphrase"
run '^[0-9a-f]{64}$' "nectar-net keygen -n loach.nec --no-passphrase"

say "Both publish who they are: squid can be called, loach only calls."
run '^[0-9]+$' "nectar-net publish-tx -n squid.nec --ws 127.0.0.1:$PORT"
run '^[0-9]+$' "nectar-net publish-tx -n loach.nec --no-route"

say "Anybody can look them up."
run '"username": ?"squid".*"ws_routing": ?\["127.0.0.1", ?'"$PORT"'\]' \
    "nectar-net pki-lookup squid.nec"
run '"ws_routing": ?null' "nectar-net pki-lookup loach.nec"

say "squid listens, and answers what it gets."
start heard "nectar-net listen -n squid.nec --json --reply 'hello yourself'"

say "loach sends a message and prints the answer."
run '^hello yourself$' "echo 'hello from the reef' | nectar-net send -n loach.nec squid.nec"

say "What squid heard:"
wait_for heard '"type": ?"message".*hello from the reef'
grep '"message"' "$home/heard"

say "How far is it?"
run '3 .*received.* 0(\.0)?%' "nectar-net ping -n loach.nec -c 3 -i 0.2 squid.nec"

say "A node without an address is reached through a router, which sees ciphertext only."
run '^[0-9a-f]{64}$' "nectar-net keygen -n whale.nec --no-passphrase"
run '^[0-9]+$' "nectar-net publish-tx -n whale.nec --ws 127.0.0.1:$(free_port)"
run '^[0-9a-f]{64}$' "nectar-net keygen -n eel.nec --no-passphrase"
run '^[0-9]+$' "nectar-net publish-tx -n eel.nec --routers whale.nec"
start routed "nectar-net router -n whale.nec --json"
start eel "nectar-net listen -n eel.nec --json"
run '^ack$' "nectar-net send -n loach.nec eel.nec -m 'are you there?' && echo"
run 'via whale.nec' "nectar-net ping -n loach.nec -c 1 eel.nec"

say "All stop: they finish what is in flight, and exit 0."
echo "\$ kill %1 %2 %3"
stop
say "Done. Nothing runs any more, and the folder it lived in is removed."
