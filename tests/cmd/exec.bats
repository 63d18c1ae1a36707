#!/usr/bin/env bats
# nectar-net listen --exec: a command for each message

load helpers

setup() {
    net_setup
    make_node alice.nec
}

teardown() {
    net_teardown
}

# What `send` from alice gets.
ask() {
    nectar-net send -n alice.nec bob.nec "$@"
}

# The errors that bob has told of, as "ERROR REASON".
errors_of() {
    jq -r 'select(.type=="error") | "\(.error) \(.reason)"' "$HOME/bob.nec.out"
}

# Does the process run? A zombie does not.
runs() {
    [[ -r /proc/$1/stat && $(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) =~ [^ZX] ]]
}

gone() {
    ! runs "$1"
}

@test "the reply is what the command writes, byte for byte: text, bytes, nothing, the largest" {
    start_listener bob.nec --exec cat
    assert_equal "$(ask -m hello)" hello
    for size in 0 1 65519 5242880 10485600; do
        head -c "$size" /dev/urandom >"$HOME/body"
        ask -f "$HOME/body" -W 20 >"$HOME/reply"
        cmp "$HOME/body" "$HOME/reply"
    done
    printf 'a\0b\377\n\n' >"$HOME/body"
    ask -f "$HOME/body" >"$HOME/reply"
    cmp "$HOME/body" "$HOME/reply"
    assert_equal "$(errors_of)" ""
}

@test "the environment: who, which, to whom; no secret, no descriptor, and the usual signals" {
    # shellcheck disable=SC2016 # it is the command that expands them
    NECTAR_PASSPHRASE_FILE=/nowhere NOTIFY_SOCKET='' NECTAR_FROM=eve.nec start_listener bob.nec --exec \
        'echo "$NECTAR_FROM $NECTAR_ID $NECTAR_TARGET"; env | grep -cE "^(NECTAR_PASS|NOTIFY)"
         ls /proc/self/fd | wc -l; grep -E "^Sig(Blk|Ign)" /proc/self/status; ulimit -Sn; ps -o args= $$'
    ask -m 'x $(touch /tmp/never) `id` ; exit' >"$HOME/reply"
    id=$(messages_of bob.nec | jq -r .id)
    run cat "$HOME/reply"
    assert_line --index 0 "alice.nec $id bob.nec@net:distro:sys"
    assert_line --index 1 0
    assert_line --index 2 4 # 0, 1, 2, and the folder itself
    assert_line --index 3 --regexp '^SigBlk:[[:space:]]0+$'
    assert_line --index 4 --regexp '^SigIgn:[[:space:]][0-9a-f]+$'
    # 32 and 33 are the C library's own: it lets nobody set them, and we have what we were given.
    assert_equal $((0x${lines[4]##*[[:space:]]} & ~0x180000000)) 0
    assert_line --index 5 "$(ulimit -Sn)"
    refute_output --partial never
    ask -m x 'bob.nec@my:own:process' >/dev/null 2>&1 || true
    nectar-net send -n alice.nec bob.nec@my:own:process -m x >"$HOME/reply"
    assert_equal "$(head -n 1 "$HOME/reply" | cut -d' ' -f3)" bob.nec@my:own:process
}

@test "a passphrase descriptor, and whatever else was open, is not the command's" {
    exec 7<"$HOME"
    start_listener bob.nec --exec 'ls /proc/self/fd | wc -l'
    exec 7<&-
    assert_equal "$(ask -m x)" 4
}

@test "a command that fails, or is killed, answers nothing: the sender's Timeout, and a line" {
    start_listener bob.nec --exec 'echo half; exit 3'
    run ask -m hello -W 1
    assert_failure 28
    refute_output --partial half
    errors_of | grep -qE '^rejected message [0-9]+: the command failed with status 3$'
    kill "$LISTENER"
    start_listener bob.nec --exec 'kill -SEGV $$'
    run ask -m hello -W 1
    assert_failure 28
    errors_of | grep -q 'ended by signal 11$'
}

@test "a command that hangs is ended when the sender no longer waits, its children with it" {
    # shellcheck disable=SC2016
    start_listener bob.nec --exec 'trap "" TERM; sleep 600 & echo $! >$HOME/pids; echo $$ >>$HOME/pids; wait; sleep 600'
    run ask -m hello -W 1
    assert_failure 28
    mapfile -t pids <"$HOME/pids"
    assert_equal "${#pids[@]}" 2
    for pid in "${pids[@]}"; do
        wait_for 10 gone "$pid"
    done
    wait_for 5 bash -c "grep -q 'took too long' $HOME/bob.nec.out"
    kill -0 "$LISTENER"
}

@test "a command that never reads, one that never ends writing, one that leaves others behind" {
    start_listener bob.nec --exec "echo over"
    head -c 5000000 /dev/zero >"$HOME/body"
    assert_equal "$(ask -f "$HOME/body" -W 10)" over
    kill "$LISTENER"
    start_listener bob.nec --exec 'cat /dev/zero'
    run ask -m hello -W 20 --deadline 10
    assert_failure 28
    errors_of | grep -q 'wrote more than a message holds'
    kill "$LISTENER"
    # shellcheck disable=SC2016
    start_listener bob.nec --exec 'sleep 30 & echo $! >$HOME/pid; echo quick'
    assert_equal "$(ask -m hello -W 5)" quick
    kill "$(cat "$HOME/pid")" # it is left in peace, and so still there
}

@test "while commands run, others are served; no more than --exec-max at once" {
    make_node carol.nec
    # shellcheck disable=SC2016
    start_listener bob.nec --exec-max 2 --exec '
        mkdir -p $HOME/now; : >$HOME/now/$NECTAR_ID; ls $HOME/now | wc -l >>$HOME/counts
        sleep 0.3; rm $HOME/now/$NECTAR_ID; cat' --from alice
    for i in 1 2 3 4 5 6; do
        ask -m "$i" -W 20 >"$HOME/reply.$i" 3>&- &
    done
    wait_for 10 test -s "$HOME/counts"
    # Another is not for the command, and does not wait.
    assert_equal "$(nectar-net send -n carol.nec bob.nec -m hi -W 5)" ack
    for i in 1 2 3 4 5 6; do
        wait_for 15 grep -qx "$i" "$HOME/reply.$i"
    done
    assert_equal "$(sort -n "$HOME/counts" | tail -n 1)" 2
}

@test "beyond the queue they are refused, aloud" {
    # shellcheck disable=SC2016
    start_listener bob.nec --exec-max 1 --exec-queue 1 --exec 'while [ ! -e $HOME/go ]; do sleep 0.05; done; cat'
    pids=()
    for i in 1 2 3 4; do
        ask -m "$i" -W 4 >"$HOME/reply.$i" 2>/dev/null 3>&- &
        pids+=($!)
    done
    wait_for 10 bash -c "[ \$(grep -c 'too many wait' $HOME/bob.nec.out) = 2 ]"
    errors_of | grep -qE '^busy message [0-9]+: not handled: too many wait'
    touch "$HOME/go"
    answered=0
    for pid in "${pids[@]}"; do
        ! wait "$pid" || answered=$((answered + 1))
    done
    assert_equal "$answered" 2
}

@test "a peer that reads slowly gets all its replies, large ones too" {
    start_listener bob.nec --exec cat
    head -c 5242880 /dev/urandom >"$HOME/body"
    pids=()
    for i in 1 2 3 4; do
        ask -f "$HOME/body" -W 30 >"$HOME/reply.$i" 3>&- &
        pids+=($!)
    done
    for i in 1 2 3 4; do
        wait "${pids[i - 1]}"
        cmp "$HOME/body" "$HOME/reply.$i"
    done
}

@test "SIGTERM in the middle: what runs is finished and answered, and then it ends with 0" {
    # shellcheck disable=SC2016
    start_listener bob.nec --exec 'echo x >>$HOME/begun; sleep 1; cat'
    ask -m hello -W 10 >"$HOME/reply" 3>&- &
    sender=$!
    wait_for 10 test -s "$HOME/begun"
    kill -TERM "$LISTENER"
    wait "$LISTENER"
    wait "$sender"
    assert_equal "$(cat "$HOME/reply")" hello
}

@test "SIGTERM: what nobody waits for any more is awaited too, within --drain, and then ended" {
    # shellcheck disable=SC2016
    start_listener bob.nec --drain 5 -W 30 --exec 'echo $$ >$HOME/pid; sleep 1; echo x >$HOME/whole'
    nectar-net send -n alice.nec bob.nec@some:own:process -m x --no-reply
    wait_for 10 test -s "$HOME/pid"
    kill -TERM "$LISTENER"
    wait "$LISTENER"
    [ -s "$HOME/whole" ]
    rm "$HOME/pid"
    # shellcheck disable=SC2016
    start_listener bob.nec --drain 0.3 -W 60 --exec 'echo $$ >$HOME/pid; sleep 60'
    nectar-net send -n alice.nec bob.nec@some:own:process -m x --no-reply
    wait_for 10 test -s "$HOME/pid"
    start=${EPOCHREALTIME/./}
    kill -TERM "$LISTENER"
    wait "$LISTENER"
    [ $((${EPOCHREALTIME/./} - start)) -lt 5000000 ]
    gone "$(cat "$HOME/pid")"
    errors_of | grep -q 'ended with the listener'
}

@test "a listener that is killed leaves no command behind, nor its children, nor its guard" {
    # shellcheck disable=SC2016
    start_listener bob.nec --exec 'sleep 600 & echo $! >>$HOME/pids; echo $$ >>$HOME/pids; wait; echo never'
    for i in 1 2 3; do
        ask -m "$i" -W 60 >/dev/null 2>&1 3>&- &
        PIDS+=($!)
    done
    wait_for 10 bash -c "[ \$(wc -l <$HOME/pids) = 6 ]"
    guard=$(pgrep -P "$LISTENER" nectar-guard)
    kill -KILL "$LISTENER"
    mapfile -t pids <"$HOME/pids"
    for pid in "${pids[@]}" "$guard"; do
        wait_for 10 gone "$pid"
    done
}

@test "--count ends it when the last has been answered" {
    start_listener bob.nec --count 1 --exec 'sleep 0.3; cat'
    assert_equal "$(ask -m hello)" hello
    wait "$LISTENER"
}

@test "--exec with --reply, or what goes with it without it: exit 2" {
    run nectar-net listen -n alice.nec --bind 127.0.0.1:0 --exec cat --reply x
    assert_failure 2
    run nectar-net listen -n alice.nec --bind 127.0.0.1:0 --exec-max 2
    assert_failure 2
    run nectar-net listen -n alice.nec --bind 127.0.0.1:0 --exec cat --exec-max 0
    assert_failure 2
    run nectar-net listen -n alice.nec --bind 127.0.0.1:0 --exec cat --exec-max 257
    assert_failure 2
}
