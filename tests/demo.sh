#!/bin/bash
# The main job as a transcript: two nodes get keys, publish who they are in the embedded registry,
# and talk, end-to-end encrypted. Everything lives in a temporary folder that is removed; nothing is
# left running. Exits 0 only if each step did what it should. Run by `make demo`.
set -euo pipefail
: "${BUILD:?the build folder}"
PATH=$BUILD/bin:$PATH
unset "${!NECTAR_@}"

home=$(mktemp -d)
listener=
cleanup() {
    local status=$?
    trap - EXIT INT TERM
    if [ -n "$listener" ]; then
        kill "$listener" 2>/dev/null || true
        wait "$listener" 2>/dev/null || true
    fi
    rm -rf "$home"
    [ "$status" = 0 ] || echo "demo: failed" >&2
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
export HOME=$home XDG_DATA_HOME=$home/data XDG_CONFIG_HOME=$home/config XDG_CACHE_HOME=$home/cache \
    XDG_STATE_HOME=$home/state

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

# wait_for SECONDS FILE PATTERN: until a line of the file matches.
wait_for() {
    local tries=$(($1 * 20))
    until grep -qsE -e "$3" "$2"; do
        kill -0 "$listener" 2>/dev/null || return 1
        [ $((tries -= 1)) -gt 0 ] || return 1
        sleep 0.05
    done
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
echo "\$ nectar-net listen -n squid.nec --json --reply 'hello yourself' &"
nectar-net listen -n squid.nec --json --reply 'hello yourself' >"$home/heard" 2>&1 &
listener=$!
wait_for 10 "$home/heard" '"type": ?"ready"' || {
    cat "$home/heard"
    exit 1
}
cat "$home/heard"

say "loach sends a message and prints the answer."
run '^hello yourself$' "echo 'hello from the reef' | nectar-net send -n loach.nec squid.nec"

say "What squid heard:"
wait_for 5 "$home/heard" '"type": ?"message".*hello from the reef' || {
    cat "$home/heard"
    exit 1
}
grep '"message"' "$home/heard"

say "How far is it?"
run '3 .*received.* 0(\.0)?%' "nectar-net ping -n loach.nec -c 3 -i 0.2 squid.nec"

say "squid stops: it finishes what is in flight, and exits 0."
echo "\$ kill %1"
kill "$listener"
stopped=0
wait "$listener" || stopped=$?
listener=
[ "$stopped" = 0 ] || {
    echo "(exit status $stopped)"
    exit 1
}
say "Done. Nothing runs any more, and the folder it lived in is removed."
