# Many at once: nothing lost, nothing doubled.

load net

setup() {
    net_setup
}

teardown() {
    net_teardown
}

# Each of 200 processes sends one message of its own; $1 says who the i-th is.
send_all() {
    local i pids=() failed=0
    for i in $(seq 200); do
        nectar-net send -n "$($1 "$i")" -W 30 hub.nec -m "message $i" \
            >"$HOME/reply.$i" 2>"$HOME/error.$i" 3>&- &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || failed=$((failed + 1))
    done
    [ "$failed" = 0 ] || cat "$HOME"/error.* | sort | uniq -c | head
    [ "$failed" = 0 ]
    [ "$(cat "$HOME"/reply.* | grep -o ack | wc -l)" = 200 ]
}

all_once() {
    messages_of hub.nec | jq -r .body | sort >"$HOME/got"
    seq 200 | sed 's/^/message /' | sort | diff - "$HOME/got"
}

own_name() {
    echo "n$1.nec"
}

one_name() {
    echo one.nec
}

@test "200 senders with 200 names" {
    start_listener hub.nec
    seq 200 | xargs -P 4 -I{} sh -c \
        'nectar-net keygen -n n{}.nec --no-passphrase >/dev/null && nectar-net publish-tx -n n{}.nec --no-route >/dev/null'
    send_all own_name
    all_once
}

@test "200 senders with one name" {
    start_listener hub.nec
    make_node one.nec
    send_all one_name
    all_once
}

@test "kill -9 of the listener in mid-transfer is an error for the sender" {
    local round status
    head -c 10000000 /dev/urandom >"$HOME/body"
    make_node one.nec
    for round in 1 2 3 4 5 6; do
        start_listener hub.nec
        (
            sleep "0.0$((round * 12))"
            kill -KILL "$LISTENER"
        ) 3>&- &
        PIDS+=($!)
        status=0
        timeout 20 nectar-net send -n one.nec hub.nec -f "$HOME/body" >"$HOME/reply" 2>"$HOME/error" || status=$?
        if [ "$status" = 0 ]; then
            # It had been quicker than the kill: then the listener has printed it, whole.
            wait "$LISTENER" || true
            assert_equal "$(cat "$HOME/reply")" ack
        else
            assert_equal "$status" 7
            grep -q '^nectar-net send: hub.nec: offline' "$HOME/error"
        fi
    done
}
