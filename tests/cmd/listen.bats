#!/usr/bin/env bats
# nectar-net listen: its options and how it ends; messages themselves are in messaging.bats

# shellcheck disable=SC2154 # stderr is set by run
load helpers

setup() {
    net_setup
    make_node alice.nec
}

free_port() {
    local address
    make_node probe.nec
    nectar-net listen -n probe.nec --bind 127.0.0.1:0 --json -w 0.1 >"$HOME/probe"
    address=$(jq -r .addr "$HOME/probe")
    echo "${address##*:}"
}

@test "a direct name binds the published port, and says so first" {
    port=$(free_port)
    nectar-net publish-tx -n alice.nec --ws "127.0.0.1:$port"
    run --separate-stderr nectar-net listen -n alice.nec --json -w 0.2
    assert_success
    assert_equal "$output" "{\"v\":1,\"type\":\"ready\",\"name\":\"alice.nec\",\"addr\":\"127.0.0.1:$port\"}"
    assert_equal "$stderr" ""
    run --separate-stderr nectar-net listen -n alice.nec -w 0.2
    assert_equal "$output" ""
    assert_equal "$stderr" "nectar-net listen: alice.nec listens at 127.0.0.1:$port"
}

@test "an address that is not of this machine, or a host name: the port on all addresses" {
    port=$(free_port)
    nectar-net publish-tx -n alice.nec --ws "203.0.113.5:$port"
    run --separate-stderr nectar-net listen -n alice.nec --json -w 0.2
    assert_equal "$(jq -r .addr <<<"$output")" "0.0.0.0:$port"
    nectar-net publish-tx -n alice.nec --ws "node.example:$port"
    run --separate-stderr nectar-net listen -n alice.nec --json -w 0.2
    assert_regex "$(jq -r .addr <<<"$output")" "^(\[::\]|0\.0\.0\.0):$port\$"
}

@test "no published address: exit 2, with what to do" {
    run nectar-net listen -n alice.nec -w 1
    assert_failure 2
    assert_line --index 1 --regexp '^hint: --bind ADDR:PORT'
}

@test "--bind: what is no address, or none of ours: exit 2" {
    for address in x 127.0.0.1 127.0.0.1:65536 127.0.0.1:-1 :5 '' 203.0.113.5:0; do
        run nectar-net listen -n alice.nec --bind "$address" -w 1
        assert_failure 2
    done
}

@test "--bind works for a name that is not published; another key than ours is exit 4 all the same" {
    nectar-net keygen -n new.nec --no-passphrase
    run nectar-net listen -n new.nec -w 1
    assert_failure 4
    assert_line --index 1 --regexp '^hint: publish it: nectar-net publish-tx -n new.nec'
    nectar-net listen -n new.nec --bind 127.0.0.1:0 -w 0.1
    nectar-net keygen -n alice.nec --no-passphrase --force
    run nectar-net listen -n alice.nec --bind 127.0.0.1:0 -w 0.1
    assert_failure 4
}

@test "--from: a name that is none: exit 2; bare names; an ack for the others, and no line" {
    run nectar-net listen -n alice.nec --bind 127.0.0.1:0 --from 'X y' -w 1
    assert_failure 2
    make_node carol.nec
    start_listener bob.nec --from alice --from dora
    assert_equal "$(nectar-net send -n carol.nec bob.nec -m no)" ack
    assert_equal "$(nectar-net send -n alice.nec bob.nec -m yes)" ack
    assert_equal "$(messages_of bob.nec | jq -r .body)" yes
}

@test "--count counts what was shown only" {
    make_node carol.nec
    start_listener bob.nec --from alice --count 1
    nectar-net send -n carol.nec bob.nec -m no
    kill -0 "$LISTENER"
    nectar-net send -n alice.nec bob.nec -m yes
    wait "$LISTENER"
    for count in 0 -1 x ''; do
        run nectar-net listen -n bob.nec --bind 127.0.0.1:0 --count "$count" -w 1
        assert_failure 2
    done
}

@test "the fields of a message" {
    start_listener bob.nec
    nectar-net send -n alice.nec bob.nec -m 'hello' -W 2.5
    messages_of bob.nec | jq -e '.v==1 and .from=="alice.nec" and .to=="bob.nec@net:distro:sys" and
        (.id|test("^[0-9]+$")) and .body=="hello" and .expects==3 and .source=="alice.nec@cli:nectar-net:sys"'
    printf '\377\0' | nectar-net send -n alice.nec bob.nec
    messages_of bob.nec | tail -n 1 | jq -e '.body_b64=="/wA=" and (has("body")|not)'
}

@test "sd_notify: READY=1 and STOPPING=1, on a path and in the abstract namespace" {
    for address in "$HOME/notify" "@nectar-test-$$-$RANDOM"; do
        kind=UNIX-RECVFROM:$address
        [ "${address:0:1}" = @ ] && kind=ABSTRACT-RECVFROM:${address:1}
        socat -u "$kind,fork" "OPEN:$HOME/notified,creat,append" 3>&- &
        socat=$!
        PIDS+=("$socat")
        sleep 0.3
        NOTIFY_SOCKET=$address nectar-net listen -n alice.nec --bind 127.0.0.1:0 -w 0.3
        wait_for 5 grep -q STOPPING=1 "$HOME/notified"
        grep -q READY=1 "$HOME/notified"
        kill "$socat"
        rm "$HOME/notified"
    done
    # A service manager that is not there is no reason to fail.
    NOTIFY_SOCKET=$HOME/nobody nectar-net listen -n alice.nec --bind 127.0.0.1:0 -w 0.1
}

@test "--ready-fd on a descriptor that is not open: exit 3" {
    run nectar-net listen -n alice.nec --bind 127.0.0.1:0 --ready-fd 99 -w 1
    assert_failure 3
}

@test "SIGINT and SIGTERM: exit 0, and soon, though a peer waits for an answer that never comes" {
    for signal in INT TERM; do
        start_listener bob.nec
        nectar-net send -n alice.nec bob.nec@some:own:process -m hello -W 20 >/dev/null 2>&1 3>&- &
        PIDS+=($!)
        wait_for 10 grep -q '"type":"message"' "$HOME/bob.nec.out"
        start=${EPOCHREALTIME/./}
        kill "-$signal" "$LISTENER"
        wait "$LISTENER"
        [ $((${EPOCHREALTIME/./} - start)) -lt 3000000 ]
    done
}

@test "--drain bounds the end, even with a connection that stands still in the middle" {
    start_listener bob.nec --drain 0.3
    socat -u "TCP:$ADDRESS" OPEN:/dev/null 3>&- &
    PIDS+=($!)
    sleep 0.2
    start=${EPOCHREALTIME/./}
    kill -TERM "$LISTENER"
    wait "$LISTENER"
    [ $((${EPOCHREALTIME/./} - start)) -lt 2000000 ]
}

@test "standard output that is full: exit 3; a reader that goes: SIGPIPE, quietly" {
    run bash -c 'nectar-net listen -n alice.nec --bind 127.0.0.1:0 --json >/dev/full'
    assert_failure 3
    mkfifo "$HOME/pipe"
    nectar-net listen -n alice.nec --bind 127.0.0.1:0 --json >"$HOME/pipe" 2>"$HOME/err" 3>&- &
    pid=$!
    PIDS+=("$pid")
    exec 6<"$HOME/pipe"
    read -r ready <&6
    exec 6<&-
    nectar-net publish-tx -n alice.nec --ws "$(jq -r .addr <<<"$ready")"
    nectar-net send -n alice.nec alice.nec -m hello -W 2 || true
    status=0
    wait "$pid" || status=$?
    assert_equal "$status" 141
    assert_equal "$(cat "$HOME/err")" ""
}

@test "an operand: exit 2" {
    run nectar-net listen -n alice.nec bob.nec
    assert_failure 2
}
