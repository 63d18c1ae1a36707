#!/usr/bin/env bats
# nectar-net send --batch: many messages, a line each

load helpers

setup() {
    net_setup
    make_node alice.nec
}

teardown() {
    net_teardown
}

batch() {
    nectar-net send -n alice.nec --batch "$@"
}

# jq over the lines a batch has printed, which are in $HOME/replies.
said() {
    jq -r "$1" "$HOME/replies"
}

@test "each line its reply, with its number and its ref as it came, and then a summary" {
    start_echo bob.nec
    start_echo carol.nec
    batch >"$HOME/replies" <<'LINES'
{"to":"bob.nec","body":"hello","ref":"a"}
{"ref": 7,"body_b64":"/wCA" , "to":"carol"}

{"to":"bob.nec@net:distro:sys","body":"caf\u00e9\n\u0000\ud83e\udd80"}
{"to":"bob.nec","body":"","ref":"q\"\u0041"}
LINES
    assert_equal "$(said 'select(.line==1)|[.type,.from,.body,.ref]|join(" ")')" "reply bob.nec hello a"
    assert_equal "$(said 'select(.line==2)|[.type,.from,.body_b64,.ref]|join(" ")')" "reply carol.nec /wCA 7"
    said 'select(.line==4)|.body' | cmp - <(printf 'café\n\0🦀\n')
    assert_equal "$(said 'select(.line==5)|"\(.body)|\(.ref)"')" '|q"A'
    said 'select(.line==2)|.ref|type' | grep -qx number
    said 'select(.line==4)|has("ref")' | grep -qx false
    assert_equal "$(tail -n 1 "$HOME/replies" | jq -c '[.type,.sent,.received,.loss]')" '["summary",4,4,0]'
    assert_equal "$(wc -l <"$HOME/replies")" 5
    said '.v' | sort -u | grep -qx 1
}

@test "bad lines are told, each with its number, and the rest goes on: exit 14" {
    start_listener bob.nec
    cat >"$HOME/lines" <<'LINES'
{"to":"bob.nec","body":"1"}
{"to":"bob.nec","body":"2"
not json
["to"]
{"body":"x","ref":"r6"}
{"to":"bob.nec","ref":"r7"}
{"to":"bob.nec","body":"x","body_b64":"eA=="}
{"to":"bob.nec","body_b64":"eA="}
{"to":"bob.nec","body":1}
{"to":"No Name","body":"x"}
{"to":"bob.nec@one","body":"x"}
{"to":"bob.nec","body":"x","boddy":"x"}
{"to":"bob.nec","body":"x","to":"bob.nec"}
{"to":"bob.nec","body":"x","mime":"text/plain"}
{"to":"bob.nec","body":"x","ref":[1]}
{"to":"bob\u0000.nec","body":"x"}
{"to":"bob.nec","body":"17"}
LINES
    printf '{"to":"bob.nec","body":"\377"}\n{"to":"bob.nec","body":"last"}' >>"$HOME/lines"
    status=0
    batch <"$HOME/lines" >"$HOME/replies" || status=$?
    assert_equal "$status" 14
    assert_equal "$(said 'select(.type=="reply").line' | paste -sd ' ')" "1 17 19"
    assert_equal "$(said 'select(.type=="error" and .error=="input" and .exit==3).line' | paste -sd ' ')" \
        "2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 18"
    assert_equal "$(said 'select(.type=="error").ref // empty' | paste -sd ' ')" "r6 r7"
    assert_equal "$(messages_of bob.nec | jq -r .body | paste -sd ' ')" "1 17 last"
}

@test "exit status: all well 0, all failed alike that, some 14; nothing at all 0" {
    start_listener bob.nec
    run batch </dev/null
    assert_success
    assert_equal "$(jq -r .type <<<"$output")" summary
    run batch <<<'{"to":"nobody.nec","body":"x"}'
    assert_failure 6
    run batch <<<'x'
    assert_failure 3
    make_node dead.nec
    nectar-net publish-tx -n dead.nec --ws 127.0.0.1:1
    run batch <<<'{"to":"dead.nec","body":"x"}
{"to":"dead.nec","body":"y"}'
    assert_failure 7
    assert_equal "$(jq -sr '[.[]|select(.type=="error" and .stage=="tcp" and .peer=="dead.nec").line]|join(" ")' <<<"$output")" "1 2"
    run batch <<<'{"to":"dead.nec","body":"x"}
{"to":"bob.nec","body":"y"}'
    assert_failure 14
}

@test "thousands to one peer: each once, in order, over one connection, from a window" {
    start_listener bob.nec -vv
    seq 20000 | jq -c '{body:tostring,ref:.}' | batch bob.nec --window 256 >"$HOME/replies"
    messages_of bob.nec | jq -r .body | cmp - <(seq 20000)
    said 'select(.type=="reply")|"\(.line) \(.ref)"' | sort -n | cmp - <(seq 20000 | awk '{print $1, $1}')
    assert_equal "$(grep -c 'alice.nec: open, inbound' "$HOME/bob.nec.err")" 1
}

@test "--window bounds what is in flight" {
    # shellcheck disable=SC2016
    start_listener bob.nec --exec-max 64 --exec '
        : >$HOME/now.$NECTAR_ID; ls $HOME/now.* | wc -l >>$HOME/counts; sleep 0.2; rm $HOME/now.$NECTAR_ID'
    seq 12 | jq -c '{body:tostring}' | batch bob.nec --window 3 -W 20 >/dev/null
    assert_equal "$(sort -n "$HOME/counts" | tail -n 1)" 3
}

@test "input that pauses holds no reply back" {
    start_echo bob.nec
    mkfifo "$HOME/pipe"
    batch bob.nec <"$HOME/pipe" >"$HOME/replies" 3>&- &
    pid=$!
    PIDS+=("$pid")
    exec 6>"$HOME/pipe"
    for i in 1 2 3; do
        echo "{\"body\":\"$i\"}" >&6
        wait_for 10 grep -q "\"body\":\"$i\"" "$HOME/replies"
    done
    # Half a line waits for its end, and for that only.
    printf '{"body":' >&6
    sleep 0.2
    printf '"4"}\n' >&6
    wait_for 10 grep -q '"body":"4"' "$HOME/replies"
    exec 6>&-
    wait "$pid"
    assert_equal "$(tail -n 1 "$HOME/replies" | jq -r .received)" 4
}

@test "-w bounds the whole: what is in flight is told, and so is a wait for input" {
    start_listener bob.nec --exec 'sleep 20'
    status=0
    { printf '{"body":"1","ref":1}\n{"body":"2"}\n' && sleep 10; } |
        batch bob.nec -w 1 -W 15 >"$HOME/replies" || status=$?
    assert_equal "$status" 28
    assert_equal "$(said 'select(.error=="timeout").line' | paste -sd ' ')" "1 2"
    status=0
    mkfifo "$HOME/pipe"
    exec 6<>"$HOME/pipe"
    batch bob.nec -w 0.5 <&6 >"$HOME/replies" || status=$?
    exec 6>&-
    assert_equal "$status" 28
    assert_equal "$(said 'select(.type=="error")|"\(.error) \(has("line"))"')" "timeout false"
}

@test "a line that is too long is an error, whatever its length, and the next is sent" {
    start_echo bob.nec
    {
        echo '{"body":"1"}'
        printf '{"body":"'
        head -c 40000000 /dev/zero | tr '\0' x
        printf '"}\n'
        echo '{"body":"3"}'
        printf '{"body":"'
        head -c 17000000 /dev/zero | tr '\0' x
    } >"$HOME/lines"
    status=0
    batch bob.nec <"$HOME/lines" >"$HOME/replies" || status=$?
    assert_equal "$status" 14
    assert_equal "$(said 'select(.type=="reply")|"\(.line) \(.body)"' | paste -sd ' ')" "1 1 3 3"
    assert_equal "$(said 'select(.type=="error")|"\(.line) \(.exit) \(.reason)"' | paste -sd '|')" \
        "2 3 longer than 16777216 bytes|4 3 longer than 16777216 bytes"
}

@test "the largest bodies, and one that is too large; memory stays bounded" {
    start_listener bob.nec
    head -c 10485000 /dev/urandom | base64 -w0 >"$HOME/body"
    {
        for _ in $(seq 30); do
            printf '{"body_b64":"%s"}\n' "$(cat "$HOME/body")"
        done
        head -c 10485800 /dev/zero | tr '\0' x | jq -Rc '{body:.}'
    } >"$HOME/lines"
    status=0
    [ -n "${NECTAR_SANITIZED:-}" ] || limit=(bash -c 'ulimit -v 600000 && exec "$@"' -)
    "${limit[@]}" nectar-net send -n alice.nec --batch bob.nec -W 60 <"$HOME/lines" >"$HOME/replies" || status=$?
    assert_equal "$status" 14
    assert_equal "$(said 'select(.type=="reply").line' | wc -l)" 30
    assert_equal "$(said 'select(.type=="error")|"\(.line) \(.exit)"')" "31 3"
}

@test "large replies, many at once, to a sender that is slow to read them" {
    start_listener bob.nec --exec cat
    head -c 3000000 /dev/urandom | base64 -w0 >"$HOME/body"
    for _ in $(seq 12); do
        printf '{"body_b64":"%s"}\n' "$(cat "$HOME/body")"
    done >"$HOME/lines"
    batch bob.nec -W 60 <"$HOME/lines" | jq -r 'select(.type=="reply")|.body_b64' >"$HOME/replies"
    assert_equal "$(sort -u "$HOME/replies" | wc -l)" 1
    assert_equal "$(wc -l <"$HOME/replies")" 12
    cmp <(head -n 1 "$HOME/replies" | tr -d '\n') "$HOME/body"
}

@test "--blob and --mime by line" {
    start_listener bob.nec
    batch bob.nec <<<'{"body":"x","blob_b64":"AAE=","mime":"image/png"}' >/dev/null
    assert_equal "$(messages_of bob.nec | jq -r '[.blob_b64,.mime]|join(" ")')" "AAE= image/png"
}

@test "over the control socket of a running process of that name" {
    start_echo bob.nec
    start_listener alice.nec
    seq 2000 | jq -c '{body:tostring}' | batch bob.nec --window 128 >"$HOME/replies"
    said 'select(.type=="reply")|.body' | sort -n | cmp - <(seq 2000)
    seq 300 | jq -c '{body:tostring}' | batch bob.nec --no-socket >"$HOME/replies"
    assert_equal "$(tail -n 1 "$HOME/replies" | jq -r .received)" 300
}

@test "a reader that goes: SIGPIPE, quietly; output that is full: exit 3" {
    start_echo bob.nec
    seq 5000 | jq -c '{body:tostring}' >"$HOME/lines"
    status=0
    # shellcheck disable=SC2016
    bash -c 'nectar-net send -n alice.nec --batch bob.nec <"$HOME/lines" 2>"$HOME/err" | head -n 1 >/dev/null
        exit "${PIPESTATUS[0]}"' || status=$?
    assert_equal "$status" 141
    assert_equal "$(cat "$HOME/err")" ""
    status=0
    batch bob.nec <"$HOME/lines" >/dev/full || status=$?
    assert_equal "$status" 3
}

@test "what does not go together: exit 2" {
    for options in "-m x" "-f x" "--no-reply" "--blob x" "--window 0" "--window 4097"; do
        # shellcheck disable=SC2086
        run nectar-net send -n alice.nec --batch $options
        assert_failure 2
    done
    run nectar-net send -n alice.nec bob.nec --window 3 -m x
    assert_failure 2
    run nectar-net send -n alice.nec -m x
    assert_failure 2
}
