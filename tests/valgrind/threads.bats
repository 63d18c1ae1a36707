#!/usr/bin/env bats
# The threads of the programs, for helgrind: the one that asks for the address of a host, those that
# ask a registry behind a network, the one that reads the lines of a batch, and those that watch a
# registry each.
load ../cmd/net

setup() {
    net_setup
    make_node alice.nec
}

teardown() {
    net_teardown
}

@test "the host of a record is a name: each send asks for it" {
    start_listener bob.nec
    nectar-net publish-tx -n bob.nec --ws "localhost:${ADDRESS##*:}" >/dev/null
    run nectar-net send -n alice.nec bob.nec -m hello
    assert_output ack
    run nectar-net ping -n alice.nec bob.nec -c 5 -i 0.01 -q
    assert_success
}

@test "a batch: its lines are read while replies come" {
    start_listener bob.nec
    for i in {1..500}; do
        echo '{"to":"bob.nec","body":"hello","ref":'"$i"'}'
        ((i % 100)) || sleep 0.1
    done | nectar-net send --batch -n alice.nec --json >"$HOME/replies"
    assert_equal "$(jq -s 'map(select(.type=="reply")) | length' "$HOME/replies")" 500
}

@test "a batch that ends before its input does" {
    start_listener bob.nec
    mkfifo "$HOME/input"
    (exec 3>&-; sleep 600) >"$HOME/input" 3>&- &
    PIDS+=($!)
    run nectar-net send --batch -n alice.nec -w 2 --json <"$HOME/input"
    assert_failure 28
}

@test "a registry behind a network: names are asked for on threads" {
    "$BUILD/helpers/endpoint" text '[]' >"$HOME/endpoint" 2>/dev/null 3>&- &
    PIDS+=($!)
    wait_for 5 test -s "$HOME/endpoint"
    far="nectar+http://127.0.0.1:$(head -n 1 "$HOME/endpoint")?contract=0x5FbDB2315678afecb367f032d93F642f64180aa3"
    start_listener bob.nec -p "$REGISTRY" -p "$far"
    for i in 1 2 3 4; do
        nectar-net send -n alice.nec -p "$REGISTRY" -p "$far" bob.nec -m "$i" >"$HOME/reply.$i" 3>&- &
        sent+=($!)
    done
    wait "${sent[@]}"
    assert_equal "$(cat "$HOME"/reply.*)" ackackackack
    run nectar-net send -n alice.nec -p "$REGISTRY" -p "$far" nobody.nec -m x
    assert_failure 5
}

@test "a watch: each registry is asked by its thread, and all tell what is new" {
    "$BUILD/helpers/endpoint" text '[]' >"$HOME/endpoint" 2>/dev/null 3>&- &
    PIDS+=($!)
    wait_for 5 test -s "$HOME/endpoint"
    far="nectar+http://127.0.0.1:$(head -n 1 "$HOME/endpoint")?contract=0x5FbDB2315678afecb367f032d93F642f64180aa3"
    nectar-net registry export >"$HOME/copy.json"
    # One of those alone: that pthread_once() comes before what follows is not known to helgrind.
    nectar-net pki-lookup --watch --all --check --json -w 15 -p "$REGISTRY" -p "json:$HOME/copy.json" -p "$far" \
        -p "$REGISTRY" alice.nec nobody.nec >"$HOME/out" 3>&- &
    watch=$!
    PIDS+=("$watch")
    for i in {1..20}; do
        nectar-net publish-tx -q -n alice.nec --ws "127.0.0.1:$i"
        sleep 0.3
    done
    wait "$watch"
    jq -se '(map(select(.type=="record" and .ws_routing[1]==20))|length) == 2 and
        (map(select(.error=="pki_unreachable"))|length) == 1' "$HOME/out"
}
