#!/usr/bin/env bats
# The threads of the programs, for helgrind: the one that asks for the address of a host, and the
# one that reads the lines of a batch.
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
