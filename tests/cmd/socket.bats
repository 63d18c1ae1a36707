#!/usr/bin/env bats
# send, ping and route-via over the control socket of a running process; and what a client of that
# socket can do to it.

# shellcheck disable=SC2154 # stderr is set by run
load net
load routing
load control

setup() {
    net_setup
    start_listener bob.nec
    BOB=$LISTENER
    start_listener alice.nec
    ALICE=$LISTENER
}

teardown() {
    net_teardown
}

@test "send, ping and route-via use the connections of the running process: the peer sees one" {
    start_router r1.nec
    assert_equal "$(nectar-net send -n alice bob -m one)" ack
    assert_equal "$(nectar-net send -n alice bob -m two)" ack
    run -0 nectar-net ping -n alice bob -c 5 -i 0 --json
    jq -se '.[-1] | .received==5 and .loss==0' <<<"$output"
    assert_equal "$(peers_of bob.nec)" "alice.nec in open"
    assert_equal "$(peers_of alice.nec)" "bob.nec out open"
    assert_equal "$(messages_of bob.nec | jq -r .body | xargs)" "one two ping ping ping ping ping"
    run -0 --separate-stderr nectar-net route-via -n alice r1 bob --json
    jq -se '[.[].type]==["leg","leg","leg","reply"] and all(.[:3][];.ok) and .[3].via=="r1.nec"' <<<"$output"
    run -0 --separate-stderr nectar-net send -v -n alice bob -m three
    assert_regex "$stderr" "[0-9.]+ control $(socket_of alice.nec): used\$"
}

@test "--no-socket makes its own connection" {
    run -0 --separate-stderr nectar-net send --no-socket -v -n alice bob -m one
    refute_regex "$stderr" control
    assert_regex "$stderr" dialling
    assert_equal "$(status_of alice.nec connections)" 0
    nectar-net ping --no-socket -n alice bob -c 1
    assert_equal "$(status_of alice.nec connections)" 0
}

# both COMMAND...: prints what it says with and without the socket, times and ids taken out; and
# its status.
both() {
    local option status
    for option in --no-socket --color=never; do
        status=0
        "$@" "$option" >"$HOME/said$option" 2>&1 || status=$?
        echo "exit $status" >>"$HOME/said$option"
        sed -Ei 's/"(id|elapsed_ms|rtt_ms|ms|min_ms|avg_ms|max_ms|mdev_ms)":"?[0-9.]+"?/"\1":0/g' "$HOME/said$option"
        sed -Ei 's/(after )?[0-9]+\.[0-9]{3} ms/0 ms/g' "$HOME/said$option"
    done
    diff "$HOME/said--no-socket" "$HOME/said--color=never"
    cat "$HOME/said--color=never"
}

@test "the same fields, errors and statuses as without the socket" {
    start_router r1.nec
    make_node gone.nec
    nectar-net publish-tx -n gone.nec --ws 127.0.0.1:1 >/dev/null
    make_node lost.nec
    nectar-net publish-tx -n lost.nec --routers r1.nec >/dev/null
    make_node bare.nec
    both nectar-net send -n alice bob -m hello --json
    both nectar-net send -n alice bob -m hello --no-reply --json
    both nectar-net ping -n alice bob -c 2 -i 0 --json
    both nectar-net send -n alice bob -m hello --via r1 --json
    both nectar-net route-via -n alice r1 bob --json
    both nectar-net send -n alice bob@some:other:process -m hello -W 0.3 --json
    run both nectar-net send -n alice nobody -m x --json
    assert_line "exit 6"
    run both nectar-net send -n alice bare -m x --json
    assert_line "exit 6"
    run both nectar-net send -n alice gone -m x --json
    assert_line "exit 7"
    run both nectar-net send -n alice gone -m x
    assert_line "exit 7"
    run both nectar-net send -n alice lost -m x --json
    assert_line "exit 7"
    assert_line --partial '"tried":[{"router":"r1.nec"'
    run both nectar-net send -n alice lost -m x
    assert_line "exit 7"
    run both nectar-net ping -n alice gone -c 1
    assert_line "exit 7"
    run both nectar-net route-via -n alice r1 lost --json
    assert_line "exit 7"
    kill -STOP "$BOB"
    run both nectar-net send -n alice bob -m x -W 0.4
    assert_line --regexp "^exit (7|28)$"
    kill -CONT "$BOB"
}

@test "bodies: empty, binary, every byte, text with controls, the largest; blob and mime" {
    printf 'a\0b\xff\n' >"$HOME/binary"
    : >"$HOME/empty"
    printf 'tab\tbell\a"quote\\\n' >"$HOME/controls"
    printf 'h\303\251\n' >"$HOME/utf8"
    for i in $(seq 0 255); do printf "\\x$(printf %02x "$i")"; done >"$HOME/all"
    start_echo echo.nec
    for body in binary empty controls utf8 all; do
        nectar-net send -n alice echo -f "$HOME/$body" >"$HOME/back"
        cmp "$HOME/$body" "$HOME/back"
    done
    head -c 10485000 /dev/urandom >"$HOME/large"
    within 20000 nectar-net send -n alice echo -f "$HOME/large" -W 10 >"$HOME/back"
    cmp "$HOME/large" "$HOME/back"
    head -c 10485900 /dev/zero >"$HOME/larger"
    run -3 nectar-net send -n alice echo -f "$HOME/larger"
    nectar-net send -n alice bob -m pic --blob "$HOME/all" --mime image/png
    messages_of bob.nec | jq -e '.mime=="image/png" and .blob_b64[0:4]=="AAEC"'
    assert_equal "$(messages_of bob.nec | jq -r .blob_b64 | base64 -d | cmp - "$HOME/all" && echo same)" same
}

@test "no key is unlocked: a sealed key whose passphrase is nowhere sends over the socket" {
    echo secret >"$HOME/pass"
    nectar-net keygen -n carol.nec --passphrase-file "$HOME/pass" >/dev/null
    nectar-net publish-tx -n carol.nec --no-route --passphrase-file "$HOME/pass" >/dev/null
    run -4 setsid -w nectar-net send -n carol bob -m x </dev/null
    start_listener_sealed carol.nec
    assert_equal "$(setsid -w nectar-net send -n carol bob -m sealed </dev/null)" ack
    run -4 setsid -w nectar-net send -n carol bob -m x --no-socket </dev/null
}

start_listener_sealed() { # NAME
    nectar-net listen -n "$1" --json --bind 127.0.0.1:0 --passphrase-file "$HOME/pass" >"$HOME/$1.out" 3>&- &
    PIDS+=($!)
    wait_for 10 grep -q ready "$HOME/$1.out"
}

@test "another key or other registries than ours: not used, and -v says so" {
    cp "$(key_of alice.nec)" "$HOME/old.key"
    nectar-net keygen -n alice.nec --no-passphrase --force >/dev/null
    run -4 --separate-stderr nectar-net send -v -n alice bob -m x
    assert_regex "$stderr" 'not used: it has another key'
    cp "$HOME/old.key" "$(key_of alice.nec)"
    run -0 --separate-stderr nectar-net send -v -n alice bob -m x -p "$REGISTRY" -p "json:$HOME/none"
    assert_regex "$stderr" 'not used: it asks other registries'
    run -0 --separate-stderr nectar-net send -v -n alice bob -m x -p "$REGISTRY"
    assert_regex "$stderr" ': used'
}

@test "a process that does not answer: within a second we go our own way, and -v says so" {
    kill -STOP "$ALICE"
    run -0 --separate-stderr within 4000 nectar-net send -v -n alice bob -m alone
    assert_equal "$output" ack
    assert_regex "$stderr" 'not used: it does not answer'
    kill -CONT "$ALICE"
}

@test "the running process ends, or is frozen, while it has our message: told within the time" {
    start_echo echo.nec
    echo_pid=$LISTENER
    kill -STOP "$echo_pid"
    nectar-net send -n alice echo -m x -W 30 >"$HOME/said" 2>&1 3>&- &
    sender=$!
    wait_for 10 stands alice.nec calls 1
    kill -KILL "$ALICE"
    status=0
    within 3000 wait "$sender" || status=$?
    assert_equal "$status" 7
    assert_equal "$(cat "$HOME/said")" "nectar-net send: echo.nec: offline at reply: the running process has ended"
    start_listener carol.nec
    nectar-net send -n carol echo -m x -W 60 >"$HOME/said" 2>&1 3>&- &
    sender=$!
    wait_for 10 stands carol.nec calls 1
    kill -STOP "$LISTENER"
    status=0
    within 15000 wait "$sender" || status=$?
    assert_equal "$status" 28
    assert_regex "$(cat "$HOME/said")" 'timeout at reply: the running process does not answer$'
    kill -CONT "$LISTENER" "$echo_pid"
}

@test "SIGINT and -w end a wait over the socket" {
    start_echo echo.nec
    kill -STOP "$LISTENER"
    run -28 within 3000 nectar-net send -n alice echo -m x -w 0.5 -W 30
    assert_output "nectar-net send: echo.nec: timeout: the time given with -w is up"
    nectar-net ping -n alice bob -i 0.1 >"$HOME/said" 3>&- &
    pinger=$!
    wait_for 10 test -s "$HOME/said"
    kill -INT "$pinger"
    within 2000 wait "$pinger"
    assert_regex "$(cat "$HOME/said")" ', 0% loss'
    kill -CONT "$LISTENER"
}

@test "50 senders at once over one socket: all answered, none twice, one connection" {
    local pids=() failed=0
    for n in $(seq 50); do
        nectar-net send -n alice bob -m "$n" >"$HOME/reply.$n" 3>&- &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
    assert_equal "$failed" 0
    assert_equal "$(cat "$HOME"/reply.* | sort -u)" "$(printf 'ack%.0s' {1..50})"
    assert_equal "$(messages_of bob.nec | jq -r .body | sort -n | xargs)" "$(seq 50 | xargs)"
    assert_equal "$(peers_of bob.nec)" "alice.nec in open"
    wait_for 10 stands alice.nec clients 1
}

@test "by hand: a greeting, many requests on one connection, each answered with its ref" {
    { echo '{"type":"status","ref":"s"}'
        echo '{"type":"send","ref":"one","peer":"bob.nec","body":"hi"}'
        echo '{"type":"send","ref":"two","peer":"bob.nec","body_b64":"/w=="}'
        echo '{"type":"send","ref":"three","peer":"no name"}'
        echo '{"type":"dance","ref":"four"}'
        echo '{"type":"peers","ref":"p"}'; } | speak alice.nec >"$HOME/said"
    jq -se '.[0].type=="hello" and .[0].name=="alice.nec" and all(.v==1)' "$HOME/said"
    assert_equal "$(jq -r 'select(.ref=="s").name' "$HOME/said")" alice.nec
    assert_equal "$(jq -r 'select(.ref=="one" or .ref=="two").body' "$HOME/said" | xargs)" "ack ack"
    assert_equal "$(jq -r 'select(.ref=="three").error' "$HOME/said")" NECTAR_ENAME
    assert_equal "$(jq -r 'select(.ref=="four").error' "$HOME/said")" NECTAR_EFORMAT
    assert_equal "$(jq -r 'select(.ref=="p" and .type=="done").type' "$HOME/said")" "done"
    assert_equal "$(messages_of bob.nec | jq -r '.body // .body_b64' | xargs)" "hi /w=="
}

@test "garbage is answered with an error and the end; others go on being served" {
    for line in garbage '[1]' '{"type":"send"' '{"a":1,"a":2}' "$(head -c 100000 /dev/zero | tr '\0' '[')"; do
        echo "$line" | speak alice.nec >"$HOME/said"
        assert_regex "$(jq -r 'select(.type=="error").error' "$HOME/said")" '^NECTAR_E(FORMAT|TOOBIG)$'
    done
    head -c 300000 /dev/urandom | speak alice.nec >"$HOME/said" || true
    for send in '"peer":7' '"peer":"bob.nec","id":"x"' '"peer":"bob.nec","body_b64":"*"' \
        '"peer":"bob.nec","via":"no name"' '"peer":"bob.nec","expects":true,"expects_s":"-1"'; do
        echo "{\"type\":\"send\",\"ref\":\"r\",$send}" | speak alice.nec >"$HOME/said"
        jq -se '.[-1].type=="error" and .[-1].ref=="r" and .[-1].refused' "$HOME/said"
    done
    assert_equal "$(nectar-net send -n alice bob -m on)" ack
    wait_for 10 stands alice.nec clients 1
}

# shout NAME: says what comes on stdin for as long as it is heard, and then listens, too: socat goes
# when it cannot write, and would miss why.
shout() {
    # shellcheck disable=SC2016 # it is perl
    timeout 20 perl -MIO::Socket::UNIX -e '
        $SIG{PIPE} = "IGNORE";
        my $socket = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "$ARGV[0]: $!";
        while (sysread(STDIN, my $block, 65536)) { defined syswrite($socket, $block) or last }
        print while <$socket>;' "$(socket_of "$1")"
}

@test "a line without an end is refused at 16 MiB, and memory is given back" {
    before=$(awk '/VmRSS/ { print $2 }' "/proc/$ALICE/status")
    { printf '{"type":"'; head -c 20000000 /dev/zero | tr '\0' x; } | shout alice.nec >"$HOME/said"
    assert_equal "$(jq -r 'select(.type=="error").error' "$HOME/said")" NECTAR_ETOOBIG
    wait_for 10 stands alice.nec clients 1
    after=$(awk '/VmRSS/ { print $2 }' "/proc/$ALICE/status")
    [ -n "${NECTAR_SANITIZED:-}" ] || [ $((after - before)) -lt 8000 ]
    assert_equal "$(nectar-net send -n alice bob -m on)" ack
}

@test "half a line: given up after 10 s, and nobody waits for it" {
    { printf '{"type":"sta'; sleep 12; } 3>&- | speak alice.nec 12 >"$HOME/said" 3>&- &
    speaker=$!
    PIDS+=("$speaker")
    wait_for 10 stands alice.nec clients 2
    assert_equal "$(nectar-net send -n alice bob -m on)" ack
    wait_for 15 stands alice.nec clients 1
}

@test "a client that never reads: it is not read on, and what it is told is bounded" {
    # What they ask for is some 40 MB.
    yes '{"type":"status"}' | head -n 100000 >"$HOME/asks"
    before=$(awk '/VmHWM/ { print $2 }' "/proc/$ALICE/status")
    # It writes all it can, and reads nothing.
    socat -u "OPEN:$HOME/asks" "UNIX-CONNECT:$(socket_of alice.nec)" 3>&- &
    PIDS+=($!)
    mute=$!
    sleep 1
    assert_equal "$(nectar-net send -n alice bob -m on)" ack
    after=$(awk '/VmHWM/ { print $2 }' "/proc/$ALICE/status")
    [ -n "${NECTAR_SANITIZED:-}" ] || [ $((after - before)) -lt 8000 ]
    kill -KILL "$mute" 2>/dev/null || true
    wait_for 10 stands alice.nec clients 1
}

@test "64 clients are served; the next is told that there are too many, and sends by itself" {
    local fifo=$HOME/hold
    mkfifo "$fifo"
    sleep 60 >"$fifo" 3>&- &
    PIDS+=($!)
    hold() {
        socat -u "OPEN:$fifo" "UNIX-CONNECT:$(socket_of alice.nec)" 3>&- &
        PIDS+=($!)
    }
    for _ in $(seq 64); do
        hold
    done
    # Whoever asks takes a place itself meanwhile, and one of them may have found none.
    refused() {
        nectar-net status -n alice --json | jq -e '.exit==75' && return
        hold
        return 1
    }
    wait_for 10 refused
    run -0 --separate-stderr nectar-net send -v -n alice bob -m on
    assert_equal "$output" ack
    assert_regex "$stderr" 'not used: too many clients'
}

@test "another user is not served, even where the modes let it in" {
    [ "$(id -u)" = 0 ] || skip "needs root, to be another user"
    local path
    path=$(socket_of alice.nec)
    run ! setpriv --reuid 65534 --regid 65534 --clear-groups socat -t 1 /dev/null "UNIX-CONNECT:$path"
    chmod 755 "$HOME" "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR/nectar-net"
    chmod 666 "$path"
    setpriv --reuid 65534 --regid 65534 --clear-groups socat -t 1 - "UNIX-CONNECT:$path" <<<'{"type":"status"}' \
        >"$HOME/said" 2>"$HOME/complaint" || true
    assert_equal "$(cat "$HOME/said")" ""
    run ! grep -i 'permission denied' "$HOME/complaint"
    assert_equal "$(status_of alice.nec name)" alice.nec
    # Nor do we talk to a socket that another user serves.
    kill -KILL "$ALICE"
    rm "$path"
    chmod 777 "$XDG_RUNTIME_DIR/nectar-net"
    setpriv --reuid 65534 --regid 65534 --clear-groups socat "UNIX-LISTEN:$path,mode=666" 'SYSTEM:cat >/dev/null' 3>&- &
    PIDS+=($!)
    wait_for 10 test -S "$path"
    run -8 nectar-net status -n alice
    assert_output --partial "another user serves it"
}
