#!/usr/bin/env bats
# A registry on a chain whose endpoint takes its time: who does not need it is served meanwhile.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load ../cmd/routing
load ../cmd/hostile
load registry
load nodes

setup_file() {
    registry_start nec
}

teardown_file() {
    anvil_stop
}

setup() {
    net_setup
    # Nothing is kept: each lookup is made.
    export NECTAR_PKI=$URI XDG_CACHE_HOME=/dev/null
    mode pass
    "$BUILD/helpers/endpoint" -n "${ANVIL_URL##*:}" "@$HOME/mode" >"$HOME/endpoint" 2>/dev/null 3>&- &
    PIDS+=("$!")
    wait_for 5 test -s "$HOME/endpoint"
    SLOW="nectar+http://127.0.0.1:$(head -n 1 "$HOME/endpoint")?contract=$CONTRACT"
}

teardown() {
    net_teardown
}

# How the endpoint treats what it is asked from now on.
mode() {
    echo "$*" >"$HOME/mode.new"
    mv "$HOME/mode.new" "$HOME/mode"
}

asked() {
    tail -n +2 "$HOME/endpoint" | wc -l
}

# was_asked N: more often than that?
was_asked() {
    [ "$(asked)" -gt "$1" ]
}

@test "an endpoint that hangs: what stands goes on, who comes is turned away in time" {
    serve_direct listen alice -p "$SLOW"
    make_chain_node bob
    make_chain_node carol
    nectar-net ping -n bob -c 150 -i 0.02 --json alice >"$HOME/pings" 3>&- &
    pings=$!
    PIDS+=("$pings")
    wait_for 5 grep -q '"type":"pong"' "$HOME/pings"
    mode hang
    before=$(asked)
    run --separate-stderr nectar-net send -n carol -W 1 alice -m x
    assert_failure 28
    was_asked "$before"
    wait "$pings"
    jq -se 'map(select(.type=="pong").rtt_ms) | length==150 and max < 500' "$HOME/pings"
    mode pass
    run --separate-stderr nectar-net send -n carol alice -m x
    assert_success
}

@test "ctl, while the endpoint hangs: what stands goes on, and who asks is told in time" {
    serve_direct listen alice -p "$SLOW"
    make_chain_node bob
    nectar-net ctl check -n alice
    nectar-net ping -n bob -c 550 -i 0.02 --json alice >"$HOME/pings" 3>&- &
    pings=$!
    PIDS+=("$pings")
    wait_for 5 grep -q '"type":"pong"' "$HOME/pings"
    mode hang
    run --separate-stderr within 2000 nectar-net ctl check -n alice -W 1
    assert_failure 28
    within 500 nectar-net status -n alice
    # It waits for what is being asked already, and is asked for itself then.
    run --separate-stderr within 11500 nectar-net ctl reload -n alice -W 12
    assert_failure 5
    [[ $stderr == *"${SLOW%%\?*}"* ]]
    mode pass
    wait "$pings"
    jq -se 'map(select(.type=="pong").rtt_ms) | length==550 and max < 500' "$HOME/pings"
    nectar-net ctl check -n alice
    registry_publish alice "$(nectar-net pubkey -n alice)" 127.0.0.1 1 0 "" >/dev/null
    nectar-net ctl reload -n alice
}

@test "ctl stop does not wait for a check that the endpoint holds up" {
    serve_direct listen alice -p "$SLOW"
    mode hang
    before=$(asked)
    nectar-net ctl check -n alice -W 12 2>"$HOME/check" 3>&- &
    check=$!
    wait_for 5 was_asked "$before"
    within 2500 nectar-net ctl stop -n alice
    status=0
    wait "$check" || status=$?
    assert_equal "$status" 8
    grep -q "winding up" "$HOME/check"
}

@test "through a router, where each lookup takes 0.3 s" {
    serve_direct router loach -p "$SLOW"
    make_chain_node dave loach
    mode slow 300
    serve listen dave -p "$SLOW"
    wait_for 10 has_line loach '"event":"registered"'
    make_chain_node bob
    run --separate-stderr nectar-net send -n bob -p "$SLOW" dave -m hello
    assert_success
    mode hang
    run --separate-stderr within 3000 nectar-net send -n bob -p "$URI" -W 2 dave -m hello
    assert_failure 7
}

# A name each: lookups that are the same would be one.
@test "1,000 who claim 500 names, while the endpoint hangs: some memory, and all are let go" {
    ulimit -S -n "$(ulimit -H -n)"
    serve_direct listen erin -p "$SLOW"
    make_chain_node bob
    seq 500 | xargs -P 2 -I{} nectar-net keygen -n x{} --no-passphrase >/dev/null
    nectar-net send -n bob erin -m before
    watch "$SERVER"
    mode hang
    launch_hostile crowd stay -p "${ADDRESS##*:}" -k "$(key_of erin.nec)" -c 1000 -s 30 \
        "$XDG_DATA_HOME"/nectar-net/keys/x*.key
    echo "# $(($(peak_of "$WATCHED") - MEMORY)) KiB for them" >&3
    [ $(($(peak_of "$WATCHED") - MEMORY)) -lt 40000 ]
    wait_for 15 has_line crowd '"type":"done"'
    mode pass
    run --separate-stderr nectar-net send -n bob erin -m after
    assert_success
}
