#!/usr/bin/env bats
# The largest messages over a bad line: round trips of 200 ms, 5 % of the packets lost each way.

load ../fault

# The largest body: a message is 10,485,800 bytes with its names.
LARGEST=10485600

setup() {
    fault_setup alice bob r1 carol
    make_node alice.nec
    serve_at bob bob.nec listen -W 15
    serve_at r1 r1.nec router -W 15
    indirect_at carol carol.nec r1.nec -W 15
    relay link alice '*' delay 100 loss 5
}

teardown() {
    net_teardown
}

# With this way of the kernel to find out how much a line takes; reno is the worst at such a one.
with_control() {
    if ! at alice sysctl -q -w "net.ipv4.tcp_congestion_control=$1"; then
        skip "this kernel has no $1"
    fi
}

sends() { # TARGET BYTES
    head -c "$2" /dev/urandom >"$HOME/body"
    timed at alice nectar-net send -n alice "$1" -f "$HOME/body" -W 15
    note "$2 bytes to $1: $TOOK ms ($(at alice cat /proc/sys/net/ipv4/tcp_congestion_control))"
    messages_of "$1.nec" | tail -n 1 | jq -r .body_b64 | base64 -d | cmp - "$HOME/body"
}

@test "20 of 1 MiB, one after another, to one and to the other" {
    for _ in $(seq 10); do
        sends bob 1048576
        sends carol 1048576
    done
    assert_equal "$(messages_of bob.nec | wc -l) $(messages_of carol.nec | wc -l)" "10 10"
}

@test "the largest, directly and through a router" {
    sends bob "$LARGEST"
    sends carol "$LARGEST"
}

# The largest would take longer here than a receiver waits for a whole message (300 s).
@test "4 MiB with reno" {
    with_control reno
    sends bob 4194304
}
