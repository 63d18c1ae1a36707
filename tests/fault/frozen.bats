#!/usr/bin/env bats
# Programs that stop without ending: their connections stay, nothing comes over them.

load fault

setup() {
    fault_setup alice r1 r2 bob carol
    make_node alice.nec
}

teardown() {
    net_teardown
}

# send_until TEXT OPTION...: a send of alice's to bob in the background, up to where its log has
# that. SENDER is its process.
send_until() {
    local text=$1
    shift
    launch_at alice alice.nec send bob -vv "$@"
    SENDER=$STARTED
    wait_for 10 grep -q "$text" "$HOME/alice.nec.err"
}

ends_with() { # STATUS
    local result=0
    wait "$SENDER" || result=$?
    assert_equal "$result" "$1"
}

@test "the target is frozen before anything stands: offline at upgrade, in time" {
    serve_at bob bob.nec listen
    kill -STOP "$SERVER"
    timed run -7 at alice nectar-net send -n alice bob -m hello -W 1 --json
    note "offline after $TOOK ms"
    [ "$TOOK" -ge 1000 ] && [ "$TOOK" -lt 2500 ]
    jq -e '.error=="offline" and .stage=="upgrade" and .reason=="timed out"' <<<"$output"
    kill -CONT "$SERVER"
    assert_equal "$(at alice nectar-net send -n alice bob -m "and now")" ack
    assert_equal "$(messages_of bob.nec | jq -r .body)" "and now"
}

@test "in the middle of the handshake: offline at noise" {
    serve_at bob bob.nec listen
    relay link alice bob delay 200
    send_until 'upgrade: done' -m hello -W 3
    kill -STOP "$SERVER" # our first message of the handshake is on its way
    ends_with 7
    jq -e '.error=="offline" and .stage=="noise"' "$HOME/alice.nec.out"
}

@test "once the connection stands: timeout at reply; when it goes on, the message was there once" {
    serve_at bob bob.nec listen
    relay link alice bob delay 200
    send_until "sent message 3" -m hello -W 2
    kill -STOP "$SERVER"
    ends_with 28
    jq -e '.error=="timeout" and .stage=="reply"' "$HOME/alice.nec.out"
    kill -CONT "$SERVER"
    wait_for 5 has_line bob.nec '"hello"'
    assert_equal "$(messages_of bob.nec | wc -l)" 1
}

@test "in the middle of a large message: offline at frame" {
    serve_at bob bob.nec listen
    relay link alice bob rate 8000000
    head -c 10000000 /dev/urandom >"$HOME/body"
    send_until 'sent message 3' -f "$HOME/body" -W 2
    wait_for 10 has_passed alice bob 500000
    kill -STOP "$SERVER"
    # What the kernels can hold, they take; then it is the reply that does not come.
    result=0
    wait "$SENDER" || result=$?
    note "exit $result: $(jq -r '"\(.error) at \(.stage)"' "$HOME/alice.nec.out")"
    case $result in
    7) jq -e '.error=="offline" and .stage=="frame"' "$HOME/alice.nec.out" ;;
    28) jq -e '.error=="timeout" and .stage=="reply"' "$HOME/alice.nec.out" ;;
    *) fail "exit $result" ;;
    esac
}

@test "a target behind a router: offline when it is frozen before, timeout after" {
    serve_at r1 r1.nec router
    indirect_at bob bob.nec r1.nec
    kill -STOP "$SERVER"
    timed run -7 at alice nectar-net send -n alice bob -m hello -W 1 --json
    note "offline after $TOOK ms"
    [ "$TOOK" -lt 2500 ]
    jq -e '.error=="offline" and .stage=="router" and (.tried|length==1)' <<<"$output"
    kill -CONT "$SERVER"
    relay link alice r1 delay 200
    send_until "sent message 3" -m "and now" -W 3
    kill -STOP "$SERVER"
    ends_with 28
    jq -e '.error=="timeout" and .stage=="reply"' "$HOME/alice.nec.out"
}

@test "a router is frozen: cold sends go through the other, each in under 1 s" {
    serve_at r1 r1.nec router
    frozen=$SERVER
    serve_at r2 r2.nec router
    indirect_at bob bob.nec r1.nec,r2.nec
    kill -STOP "$frozen"
    max=0
    for n in $(seq 8); do
        timed at alice nectar-net send -n alice bob -m "$n"
        [ "$TOOK" -le "$max" ] || max=$TOOK
    done
    note "8 sends, the slowest $max ms"
    [ "$max" -lt 1000 ]
    assert_equal "$(messages_of bob.nec | jq -r '"\(.body) \(.via)"' | xargs)" \
        "$(for n in $(seq 8); do echo "$n r2.nec"; done | xargs)"
}

# Is the last pong one that came this way?
pongs_via() {
    jq -r 'select(.type=="pong").via' "$HOME/alice.nec.out" | tail -n 1 | grep -qx "$1"
}

@test "the router of a conversation is frozen: it goes on through the other" {
    serve_at r1 r1.nec router
    frozen=$SERVER
    serve_at r2 r2.nec router
    indirect_at bob bob.nec r1.nec,r2.nec
    relay way alice r2 cut on # for r1 to be the one
    launch_at alice alice.nec ping bob -i 0.2 -W 1
    wait_for 10 pongs_via r1.nec
    relay way alice r2 cut off
    kill -STOP "$frozen"
    timed wait_for 20 pongs_via r2.nec
    note "it goes on after $TOOK ms"
    [ "$TOOK" -lt 5000 ]
}
