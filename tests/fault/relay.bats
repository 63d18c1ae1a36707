#!/usr/bin/env bats
# The relay itself: does it do to packets what it is told?

load fault

setup() {
    fault_setup here there
}

teardown() {
    net_teardown
}

# datagrams N: that many from here to there, where nobody wants them.
datagrams() {
    at here bash -c 'for ((i = 0; i < $1; i++)); do echo "$i" >"/dev/udp/$2/9" || true; done' \
        - "$1" "${HOST[there]}" 2>/dev/null
}

# count: sets PASSED and LOST, in packets from here to there.
count() {
    read -r _ PASSED _ _ _ LOST < <(relay passed here there)
}

# Have so many passed or been lost?
accounted_for() {
    count
    [ $((PASSED + LOST)) = "$1" ]
}

@test "two places reach each other and nobody else; the delay is that of both ways" {
    serve_at there bob.nec listen
    make_node alice.nec
    at here nectar-net ping -n alice bob -c 5 -i 0 -q
    run -7 nectar-net ping -n alice bob -c 1 -W 1
    relay link here there delay 40
    run at here nectar-net ping -n alice bob -c 3 -i 0 --json
    assert_success
    jq -se '.[-1] | .min_ms >= 80 and .min_ms < 160' <<<"$output"
    relay way here there delay 0
    run at here nectar-net ping -n alice bob -c 3 -i 0 --json
    jq -se '.[-1] | .min_ms >= 40 and .min_ms < 80' <<<"$output"
}

@test "loss is about what was asked for, and the same again from the same seed" {
    local sent=0 passed=()
    for seed in 1 2 1; do
        relay seed "$seed"
        relay way here there loss 20
        count
        before=$PASSED
        datagrams 500
        wait_for 5 accounted_for $((sent += 500))
        passed+=($((PASSED - before)))
    done
    note "of 500 packets with 20 % loss passed ${passed[*]}"
    assert_equal "${passed[0]}" "${passed[2]}"
    for n in "${passed[@]}"; do
        [ "$n" -gt 350 ] && [ "$n" -lt 450 ]
    done
}

@test "cut: nothing passes, nor what is under way; off: it passes again" {
    relay link here there delay 300
    datagrams 5
    relay link here there cut on
    datagrams 5
    wait_for 5 accounted_for 10
    assert_equal "$PASSED" 0
    relay link here there cut off delay 0
    datagrams 5
    wait_for 5 accounted_for 15
    assert_equal "$PASSED" 5
}

@test "until so many bytes have arrived, and no further" {
    datagrams 3
    wait_for 5 accounted_for 3
    relay way here there until "$(($(bytes_passed here there) + 40))"
    datagrams 5
    wait_for 5 accounted_for 8
    assert_equal "$PASSED" 5 # of 30 bytes each
}

@test "rate, queue and the largest packet" {
    relay way here there rate 100000 queue 20000
    head -c 100000 /dev/urandom >"$HOME/body"
    serve_at there bob.nec listen
    make_node alice.nec
    timed at here nectar-net send -n alice bob -f "$HOME/body" -W 20
    note "100,000 bytes at 100,000 a second took $TOOK ms"
    [ "$TOOK" -gt 900 ]
    relay way here there rate 0 largest 600
    run at here nectar-net send -n alice bob -f "$HOME/body" -W 1
    assert_failure
    assert_equal "$(at here nectar-net send -n alice bob -m small)" ack
}

@test "packets doubled and out of order: what is sent arrives, and once" {
    relay link here there duplicate 20 delay 2 jitter 6
    head -c 1000000 /dev/urandom >"$HOME/body"
    serve_at there bob.nec listen
    make_node alice.nec
    for _ in 1 2 3; do
        at here nectar-net send -n alice bob -f "$HOME/body" -W 20
    done
    assert_equal "$(messages_of bob.nec | jq -r .body_b64 | base64 -d | wc -c)" 3000000
}

@test "what it cannot do it says" {
    run relay link here nowhere delay 1
    assert_failure
    assert_output "error: no such place"
    run relay link here there delay -1
    assert_failure
    run relay link here there delay
    assert_failure
    run relay place here 10.91.0.9
    assert_failure
    run relay dance
    assert_failure
}
