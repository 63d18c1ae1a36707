#!/usr/bin/env bats
# A router sees ciphertext only: what passed through it is nowhere in its memory, its logs and its
# output, in no form; the same search finds it at both ends, and finds the router's own name.

load net
load routing

ROUTER_NAME=a-router-with-a-name-of-its-own.nec

setup() {
    # A sanitizer maps terabytes of which nothing is there, and keeps what was freed.
    [ -z "${NECTAR_SANITIZED:-}" ] || skip "the memory of a sanitized process is not its own"
    net_setup
    make_node alice.nec
    make_node "$ROUTER_NAME"
    PATH=$BUILD/helpers:$PATH
    memory allow nectar-net router -n "$ROUTER_NAME" --json -vvv --bind 127.0.0.1:0 \
        >"$HOME/router.out" 2>"$HOME/router.err" 3>&- &
    ROUTER=$!
    PIDS+=("$ROUTER")
    wait_for 10 grep -q '"type":"ready"' "$HOME/router.out"
    nectar-net publish-tx -n "$ROUTER_NAME" \
        --ws "$(jq -r 'select(.type=="ready").addr' "$HOME/router.out")" >/dev/null
    make_node bob.nec
    memory allow echo bob.nec "$(key_of bob.nec)" "$REGISTRY" "$ROUTER_NAME" >"$HOME/bob.out" 3>&- &
    BOB=$!
    PIDS+=("$BOB")
    wait_for 10 test -s "$HOME/bob.out"
    head -c 48 /dev/urandom >"$HOME/marker"
}

teardown() {
    [ -n "${NECTAR_SANITIZED:-}" ] || net_teardown
}

# body TIMES: the marker so often, each with 1,000 random bytes before it.
body() {
    head -c 1000 /dev/urandom | cat - "$HOME/marker" >"$HOME/unit"
    yes "$HOME/unit" | head -n "$1" | xargs cat
}

assert_router_blind() {
    run -1 memory scan "$ROUTER" "$HOME/marker"
    # It is a whole process that was searched.
    [ "$(head -n 1 <<<"$output" | cut -d ' ' -f 2)" -gt 1000000 ]
    run -1 memory file "$HOME/router.out" "$HOME/marker"
    run -1 memory file "$HOME/router.err" "$HOME/marker"
}

@test "messages and replies that have passed, in both forms" {
    body 1 >"$HOME/small"
    body 1000 >"$HOME/large"
    for option in '' --compat --no-reply; do
        for size in small large; do
            # shellcheck disable=SC2086 # an option or none
            nectar-net send -n alice bob -f "$HOME/$size" $option >"$HOME/back"
            [ "$option" = --no-reply ] || cmp "$HOME/$size" "$HOME/back"
        done
    done
    assert_equal "$(jq -s 'map(select(.event=="open"))|length' "$HOME/router.out")" 6
    assert_router_blind
}

@test "the same search finds what is there: at the receiver, in output, a router's own name" {
    # A listener that cannot go on printing holds what it prints.
    start_router r2.nec
    make_node carol.nec
    nectar-net publish-tx -n carol.nec --routers r2.nec
    mkfifo "$HOME/pipe"
    # shellcheck disable=SC2217 # it holds the pipe open, and reads nothing
    sleep 60 <"$HOME/pipe" 3>&- &
    PIDS+=($!)
    memory allow nectar-net listen -n carol.nec --json --ready-fd 5 5>"$HOME/ready" >"$HOME/pipe" 3>&- &
    local receiver=$!
    PIDS+=("$receiver")
    wait_for 10 test -s "$HOME/ready"
    body 1000 >"$HOME/body"
    nectar-net send -n alice carol -f "$HOME/body" -W 1 >/dev/null 2>&1 || true
    wait_for 5 memory scan "$receiver" "$HOME/marker"
    nectar-net send -n alice bob -f "$HOME/body" >"$HOME/back"
    memory file "$HOME/back" "$HOME/marker"
    printf %s "$ROUTER_NAME" >"$HOME/name"
    memory scan "$ROUTER" "$HOME/name"
    memory file "$HOME/router.err" "$HOME/name" || memory file "$HOME/router.out" "$HOME/name"
}

@test "a message that stands in the router, since its receiver does not read; its sender has it" {
    body 9000 >"$HOME/body"
    kill -STOP "$BOB"
    memory allow nectar-net send -n alice bob -f "$HOME/body" -W 60 >"$HOME/back" 3>&- &
    local sender=$!
    PIDS+=("$sender")
    wait_for 5 grep -q '"event":"pending"' "$HOME/router.out"
    kill -CONT "$BOB"
    wait_for 5 grep -q '"event":"open"' "$HOME/router.out"
    kill -STOP "$BOB"
    sleep 0.3
    assert_router_blind
    memory scan "$sender" "$HOME/marker"
    kill -CONT "$BOB"
    wait "$sender"
    cmp "$HOME/body" "$HOME/back"
    assert_router_blind
}
