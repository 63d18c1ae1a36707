# The main job: messages between listen, send and ping.

load net

setup() {
    net_setup
    make_node alice.nec
}

teardown() {
    net_teardown
}

@test "send prints the body of the reply, and listen the message" {
    start_listener bob.nec
    run -0 nectar-net send -n alice.nec bob.nec -m hello
    assert_output ack
    run -0 messages_of bob.nec
    assert_equal "$(jq -r '.from + " " + .body' <<<"$output")" "alice.nec hello"
}

@test "send reads stdin and files, bytes exact" {
    start_listener bob.nec
    printf 'a\nb\n' | nectar-net send -n alice.nec bob.nec
    printf '\377\000x' >"$HOME/body"
    nectar-net send -n alice.nec bob.nec -f "$HOME/body"
    assert_equal "$(messages_of bob.nec | jq -r 'select(.body) | .body' | head -c 4)" $'a\nb'
    assert_equal "$(messages_of bob.nec | jq -r 'select(.body_b64) | .body_b64')" /wB4
}

@test "send --json gives id, from, body and rtt_ms" {
    start_listener bob.nec
    run -0 nectar-net send --json -n alice.nec bob.nec -m hello
    jq -e '.v == 1 and .type == "reply" and .from == "bob.nec" and .body == "ack"
        and (.id | type) == "string" and .rtt_ms >= 0' <<<"$output"
}

@test "the reply ends in a newline only on a terminal" {
    start_listener bob.nec
    assert_equal "$(nectar-net send -n alice.nec bob.nec -m x | od -An -c | tr -d ' ')" ack
}

@test "listen without --json prints the body and a newline" {
    make_node bob.nec
    nectar-net listen -n bob.nec --bind 127.0.0.1:0 --count 1 -v >"$HOME/out" 2>"$HOME/err" 3>&- &
    PIDS+=($!)
    local pid=$!
    wait_for 10 grep -q 127.0.0.1 "$HOME/err"
    address=$(grep -o '127\.0\.0\.1:[0-9]*' "$HOME/err" | head -1)
    nectar-net publish-tx -n bob.nec --ws "$address" >/dev/null
    nectar-net send -n alice.nec bob.nec -m 'one line'
    wait "$pid"
    assert_equal "$(tail -1 "$HOME/out")" "one line"
}

@test "listen --count ends with 0 after so many messages" {
    start_listener bob.nec --count 2
    nectar-net send -n alice.nec bob.nec -m one
    nectar-net send -n alice.nec bob.nec -m two
    wait "$LISTENER"
    assert_equal "$(messages_of bob.nec | wc -l)" 2
}

@test "listen -w ends with 0; with --count unmet, with 28" {
    make_node bob.nec
    run -0 timeout 10 nectar-net listen -n bob.nec --bind 127.0.0.1:0 -w 0.2
    run -28 timeout 10 nectar-net listen -n bob.nec --bind 127.0.0.1:0 -w 0.2 --count 1
}

@test "listen --reply answers with its text, --from takes messages of one node only" {
    make_node carol.nec
    start_listener bob.nec --reply pong --from alice.nec
    run -0 nectar-net send -n alice.nec bob.nec -m ping
    assert_output pong
    nectar-net send -n carol.nec bob.nec -m no -W 1 || true
    assert_equal "$(messages_of bob.nec | jq -r .from)" alice.nec
}

@test "listen --ready-fd says when it is ready" {
    make_node bob.nec
    mkfifo "$HOME/ready"
    nectar-net listen -n bob.nec --bind 127.0.0.1:0 --ready-fd 7 -w 5 7>"$HOME/ready" >/dev/null 3>&- &
    PIDS+=($!)
    run -0 timeout 5 head -c 1 "$HOME/ready"
}

@test "listen finishes what is in flight on SIGTERM and ends with 0" {
    start_listener bob.nec
    nectar-net send -n alice.nec bob.nec -m hello
    kill -TERM "$LISTENER"
    wait "$LISTENER"
}

@test "a second listener on the port is told so with 75" {
    start_listener bob.nec
    run -75 nectar-net listen -n alice.nec --bind "$ADDRESS" -w 1
    assert_output --partial "$ADDRESS"
}

@test "send to a process: no answer unless --reply is given; the address arrives whole" {
    start_listener bob.nec --reply fine
    run -0 nectar-net send -n alice.nec bob.nec@tester:tests:sys -m hello
    assert_output fine
    assert_equal "$(messages_of bob.nec | jq -r .to)" bob.nec@tester:tests:sys
    run -0 nectar-net send -n alice.nec --source-process me:tests:sys bob.nec -m hello
}

@test "send --no-reply returns once the peer has read it" {
    start_listener bob.nec
    run -0 nectar-net send -n alice.nec --no-reply --json bob.nec -m note
    assert_equal "$(jq -r .type <<<"$output")" sent
    assert_equal "$(messages_of bob.nec | jq -r .body)" note
}

@test "send --compat reaches the same listener" {
    start_listener bob.nec
    head -c 100000 /dev/urandom >"$HOME/body"
    nectar-net send -n alice.nec --compat bob.nec -f "$HOME/body"
    messages_of bob.nec | jq -r .body_b64 | base64 -d | cmp - "$HOME/body"
}

@test "send --blob and --mime arrive beside the body" {
    start_listener bob.nec
    head -c 70000 /dev/urandom >"$HOME/blob"
    nectar-net send -n alice.nec bob.nec -m picture --blob "$HOME/blob" --mime image/png
    : >"$HOME/empty"
    nectar-net send -n alice.nec bob.nec -m nothing --blob "$HOME/empty"
    messages_of bob.nec | jq -r 'select(.body == "picture").blob_b64' | base64 -d | cmp - "$HOME/blob"
    assert_equal "$(messages_of bob.nec | jq -r '.mime // "none"' | tr '\n' ' ')" "image/png none "
    assert_equal "$(messages_of bob.nec | jq -r 'select(.body == "nothing").blob_b64')" ""
    run -2 nectar-net send -n alice.nec bob.nec -m x --mime image/png
    run -3 nectar-net send -n alice.nec bob.nec -m x --blob "$HOME/missing"
}

@test "a message to oneself, through one's own listener" {
    start_listener alice.nec
    run -0 nectar-net send -n alice.nec alice.nec -m me
    assert_output ack
}

@test "a listener on IPv6" {
    [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6 || skip "no IPv6 on this machine"
    make_node bob.nec
    nectar-net listen -n bob.nec --json --bind '[::1]:0' --count 1 >"$HOME/out" 3>&- &
    PIDS+=($!)
    wait_for 10 grep -q ready "$HOME/out"
    address=$(jq -r .addr <"$HOME/out")
    assert_regex "$address" '^\[::1\]:'
    nectar-net publish-tx -n bob.nec --ws "$address" >/dev/null
    run -0 nectar-net send -n alice.nec bob.nec -m six
    assert_output ack
}

@test "ping prints a line per reply and a summary" {
    start_listener bob.nec
    run -0 nectar-net ping -n alice.nec -c 3 -i 0.05 --json bob.nec
    assert_equal "$(jq -r 'select(.type=="pong").seq' <<<"$output" | wc -l)" 3
    jq -se '.[-1] | .type == "summary" and .sent == 3 and .received == 3 and .loss == 0
        and .min_ms <= .avg_ms and .avg_ms <= .max_ms and .mdev_ms >= 0' <<<"$output"
}

@test "ping -q prints the summary alone" {
    start_listener bob.nec
    run -0 nectar-net ping -n alice.nec -q -c 2 -i 0.01 --json bob.nec
    assert_equal "$(jq -r .type <<<"$output")" summary
}

@test "ping prints its summary on SIGINT" {
    start_listener bob.nec
    nectar-net ping -n alice.nec -i 0.05 --json bob.nec >"$HOME/ping" 3>&- &
    local pid=$!
    PIDS+=("$pid")
    wait_for 10 grep -q pong "$HOME/ping"
    kill -INT "$pid"
    wait "$pid"
    assert_equal "$(tail -1 "$HOME/ping" | jq -r .type)" summary
}

@test "ping --wait goes on until the first reply, unknown names included" {
    (
        sleep 0.5
        start_listener bob.nec --count 3
        wait "$LISTENER"
    ) 3>&- &
    PIDS+=($!)
    run -0 nectar-net ping -n alice.nec --wait 20 -c 3 -i 0.05 --json bob.nec
    jq -se '.[-1].loss == 0' <<<"$output"
}

@test "ping --wait runs out" {
    run -6 timeout 10 nectar-net ping -n alice.nec --wait 0.5 -c 1 nobody.nec
}
