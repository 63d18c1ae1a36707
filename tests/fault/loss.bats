#!/usr/bin/env bats
# A bad line: 5 % of the packets are lost, each way, and each takes long. What is large is in
# long/loss.bats.

load fault

# Enough for three lost openings of a connection in a row, which come 1, 2 and 4 s after another.
PATIENCE=15

setup() {
    fault_setup alice bob r1 carol
    for n in $(seq 10); do
        make_node "a$n.nec"
    done
    serve_at bob bob.nec listen -W "$PATIENCE"
    serve_at r1 r1.nec router -W "$PATIENCE"
    indirect_at carol carol.nec r1.nec -W "$PATIENCE"
}

teardown() {
    net_teardown
}

# send_all N TARGET: N sends of different bodies, ten at once, each a process and acknowledged.
send_all() {
    local n=0 lane pids pid failed=0
    while ((n < $1)); do
        pids=()
        for lane in $(seq 10); do
            ((n++ < $1)) || break
            at alice nectar-net send -n "a$lane" "$2" -m "$n" -W "$PATIENCE" \
                >>"$HOME/acks" 2>>"$HOME/errors" 3>&- &
            pids+=($!)
        done
        for pid in "${pids[@]}"; do
            wait "$pid" || failed=1
        done
    done
    [ "$failed" = 0 ] || fail "$(cat "$HOME/errors")"
}

# numbers_of NAME: what a listener was sent, in order.
numbers_of() {
    messages_of "$1" | jq -r .body | sort -n | xargs
}

@test "round trips of 200 ms, 5 % loss: 50 sends are all acknowledged, none comes twice" {
    relay link alice '*' delay 100 loss 5
    timed send_all 50 bob
    note "50 sends, ten at once: $TOOK ms"
    assert_equal "$(tr -d '\n' <"$HOME/acks")" "$(printf 'ack%.0s' $(seq 50))"
    assert_equal "$(numbers_of bob.nec)" "$(seq 50 | xargs)"
}

@test "the same through a router, and with 200 ms each way" {
    relay link alice '*' delay 100 loss 5
    timed send_all 10 carol
    note "10 through a router, at once: $TOOK ms"
    assert_equal "$(numbers_of carol.nec)" "$(seq 10 | xargs)"
    relay link alice '*' delay 200
    timed send_all 10 bob
    note "10 sends with 200 ms each way, at once: $TOOK ms"
    assert_equal "$(numbers_of bob.nec)" "$(seq 10 | xargs)"
}

@test "two of 1 MiB at once, one through a router" {
    head -c 1048576 /dev/urandom >"$HOME/body"
    relay link alice '*' delay 100 loss 5
    at alice nectar-net send -n a1 carol -f "$HOME/body" -W "$PATIENCE" 3>&- &
    local other=$!
    timed at alice nectar-net send -n a2 bob -f "$HOME/body" -W "$PATIENCE"
    note "1 MiB: $TOOK ms ($(cat /proc/sys/net/ipv4/tcp_congestion_control))"
    wait "$other"
    for name in bob carol; do
        assert_equal "$(messages_of $name.nec | wc -l)" 1
        messages_of $name.nec | jq -r .body_b64 | base64 -d | cmp - "$HOME/body"
    done
}
