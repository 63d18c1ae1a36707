#!/usr/bin/env bats
# nectar-net send and ping: their options; messages themselves are in messaging.bats

# shellcheck disable=SC2154 # stderr is set by run
load helpers

setup() {
    net_setup
    make_node alice.nec
}

@test "send: what excludes each other, what is no target: exit 2" {
    for line in '-m x -f y bob.nec' 'bob.nec extra -m x' '-m x' '-m x UPPER' '-m x @a:b:c' '-m x bob.nec@' \
        '-m x bob.nec@a:b' '-m x bob.nec@a:b:c:d' '-m x bob.nec@A:b:c' '-m x --source-process a:b bob.nec' \
        '-W 0 -m x bob.nec' '-W x -m x bob.nec'; do
        # shellcheck disable=SC2086 # a list of arguments
        run nectar-net send -n alice.nec $line
        assert_failure 2
    done
}

@test "send: a body over the limit: exit 3, before anything is dialled" {
    make_node bob.nec
    nectar-net publish-tx -n bob.nec --ws 127.0.0.1:9
    head -c 10485801 /dev/zero >"$HOME/large"
    run nectar-net send -n alice.nec bob.nec -f "$HOME/large"
    assert_failure 3
    truncate -s 10485800 "$HOME/large"
    run nectar-net send -n alice.nec bob.nec -f "$HOME/large"
    assert_failure 3
    assert_output --partial "larger than allowed"
}

@test "send: bare names, -f -, an empty body" {
    start_listener bob.nec
    assert_equal "$(echo hello | nectar-net send -n alice bob -f -)" ack
    assert_equal "$(nectar-net send -n alice bob -m '')" ack
    assert_equal "$(nectar-net send -n alice bob </dev/null)" ack
    assert_equal "$(messages_of bob.nec | jq -c .body | tr '\n' ' ')" '"hello\n" "" "" '
}

@test "send: --no-retry, --source-process" {
    start_listener bob.nec
    nectar-net send -n alice bob -m one --no-retry
    nectar-net send -n alice bob -m two --source-process my:own:pro.cess
    assert_equal "$(messages_of bob.nec | jq -r .source | tail -n 1)" alice.nec@my:own:pro.cess
}

@test "send: -w bounds the wait for standard input: exit 28" {
    start_listener bob.nec
    run bash -c 'sleep 5 3>&- | timeout 4 nectar-net send -n alice bob -w 0.3; exit "${PIPESTATUS[1]}"'
    assert_failure 28
}

@test "send: a sealed key without a terminal: exit 4; with its passphrase it signs" {
    echo pass >"$HOME/pass"
    nectar-net keygen -n eel.nec --passphrase-file "$HOME/pass"
    nectar-net publish-tx -n eel.nec --no-route --passphrase-file "$HOME/pass"
    start_listener bob.nec
    run no_terminal timeout 4 nectar-net send -n eel bob -m x
    assert_failure 4
    assert_equal "$(nectar-net send -n eel bob -m x --passphrase-file "$HOME/pass")" ack
}

@test "send: errors say who, where and why" {
    make_node bob.nec
    nectar-net publish-tx -n bob.nec --ws 127.0.0.1:9
    run nectar-net send -n alice.nec bob.nec -m x
    assert_failure 7
    assert_output "nectar-net send: bob.nec: offline at tcp 127.0.0.1:9: Connection refused"
    run --separate-stderr nectar-net send -n alice.nec bob.nec -m x --json
    assert_failure 7
    assert_equal "$stderr" ""
    jq -e '.type=="error" and .error=="offline" and .exit==7 and .stage=="tcp" and .peer=="bob.nec" and
        .addr=="127.0.0.1:9" and .reason=="Connection refused" and (.elapsed_ms|type=="number")' <<<"$output"
}

@test "send: a target with routers alone is offline at its routers" {
    make_node bob.nec
    nectar-net publish-tx -n bob.nec --routers r.nec
    run nectar-net send -n alice.nec bob.nec -m x --json
    assert_failure 7
    jq -e '.stage=="router"' <<<"$output"
}

@test "send: -v tells of the stages with the time, on stderr; no level tells the body or a key" {
    start_listener bob.nec
    for level in -v -vv -vvv; do
        run --separate-stderr nectar-net send -n alice bob -m 'for your eyes only' "$level"
        assert_success
        assert_output ack
        [[ $stderr =~ ^\ *[0-9]+\.[0-9]{6}\  ]]
        [[ $stderr != *"for your eyes"* ]]
    done
}

@test "send: no core file, not to be traced by others, while a key is in memory" {
    [ -z "${NECTAR_SANITIZED:-}" ] || skip "the leak checker traces"
    mkfifo "$HOME/body"
    start_listener bob.nec
    nectar-net send -n alice bob <"$HOME/body" >/dev/null 3>&- &
    pid=$!
    PIDS+=("$pid")
    exec 6>"$HOME/body"
    wait_for 5 grep -qE '^Max core file size +0 +0 ' "/proc/$pid/limits"
    exec 6>&-
    wait "$pid"
}

@test "ping: fields of pong and summary" {
    start_listener bob.nec
    run nectar-net ping -n alice.nec bob.nec -c 3 -i 0.05 --json
    assert_success
    jq -se '[.[].type] == ["pong","pong","pong","summary"] and [.[].seq] == [1,2,3,null] and
        all(.[:3][]; .rtt_ms > 0) and (.[3]|.sent==3 and .received==3 and .loss==0 and
        .min_ms <= .avg_ms and .avg_ms <= .max_ms and .mdev_ms >= 0)' <<<"$output"
}

@test "ping: no reply at all: the summary, and the last error's status" {
    make_node bob.nec
    nectar-net publish-tx -n bob.nec --ws 127.0.0.1:9
    run nectar-net ping -n alice.nec bob.nec -c 2 -i 0 --json
    assert_failure 7
    jq -se '[.[].type] == ["error","error","summary"] and .[2].loss==1 and .[2].min_ms==null' <<<"$output"
    run nectar-net ping -n alice.nec nobody.nec -c 1
    assert_failure 6
}

@test "ping: any reply at all: exit 0" {
    start_listener bob.nec --count 1
    run nectar-net ping -n alice.nec bob.nec -c 2 -i 0.5 -W 1 --json
    assert_success
    jq -se '.[-1].received==1 and .[-1].loss==0.5' <<<"$output"
}

@test "ping: -i 0 goes as fast as replies come" {
    start_listener bob.nec
    run timeout 10 nectar-net ping -n alice.nec bob.nec -c 200 -i 0 -q --json
    assert_success
    jq -e '.received==200' <<<"$output"
}

@test "ping: -w ends it, with 0 after any reply" {
    start_listener bob.nec
    start=${EPOCHREALTIME/./}
    run nectar-net ping -n alice.nec bob.nec -i 0.1 -w 0.5 --json
    assert_success
    [ $((${EPOCHREALTIME/./} - start)) -lt 2000000 ]
    tail -n 1 <<<"$output" | jq -e '.type=="summary" and .received>=3'
}

@test "ping: --wait counts no failure before the first reply, and says the last when its time is up" {
    run nectar-net ping -n alice.nec nobody.nec --wait 0.6 -c 1 --json
    assert_failure 6
    jq -se '[.[].type] == ["error","summary"] and .[0].error=="unknown_name" and .[1].sent==1' <<<"$output"
}

@test "ping: numbers out of range: exit 2" {
    for line in '-c 0' '-c x' '-i x' '-i -1' '--wait x' '-W 0'; do
        # shellcheck disable=SC2086 # a list of arguments
        run nectar-net ping -n alice.nec bob.nec $line
        assert_failure 2
    done
}
