#!/usr/bin/env bats
# ctl, status and peers of a running listen or router: check, reload, stop.

# shellcheck disable=SC2154 # stderr is set by run
load net
load routing
load control

setup() {
    net_setup
    make_node alice.nec
}

teardown() {
    net_teardown
}

@test "nobody runs: exit 7, and where the socket would be" {
    for verb in status peers 'ctl check' 'ctl stop'; do
        # shellcheck disable=SC2086 # a verb with its operand
        run -7 --separate-stderr nectar-net $verb -n alice
        assert_equal "$output" ""
        assert_equal "$stderr" "nectar-net ${verb%% *}: alice.nec: offline: nobody runs as alice.nec here (no socket at $(socket_of alice.nec))"
    done
    run -7 nectar-net status -n alice --json
    jq -e '.type=="error" and .exit==7 and .stage==null and .peer=="alice.nec"' <<<"$output"
    run -2 nectar-net ctl restart -n alice
    run -2 nectar-net ctl
}

@test "the socket: 0600 in a folder of 0700, gone at the end, also with XDG_STATE_HOME alone" {
    start_listener bob.nec
    assert_equal "$(stat -c '%F %a' "$(socket_of bob.nec)")" "socket 600"
    assert_equal "$(stat -c '%F %a' "$XDG_RUNTIME_DIR/nectar-net")" "directory 700"
    kill -TERM "$LISTENER"
    wait "$LISTENER"
    [ ! -e "$(socket_of bob.nec)" ]
    unset XDG_RUNTIME_DIR
    start_listener bob.nec
    [ -S "$XDG_STATE_HOME/nectar-net/bob.nec.sock" ]
    assert_equal "$(status_of bob.nec name)" bob.nec
}

@test "status and peers of a listener" {
    start_listener bob.nec
    run nectar-net status -n bob
    assert_line --regexp '^name +bob\.nec$'
    assert_line --regexp "^address +$ADDRESS\$"
    run nectar-net status -n bob --json
    jq -e --arg a "$ADDRESS" --argjson p "$LISTENER" '.type=="status" and .addr==$a and .pid==$p and
        .uptime_ms>0 and .connections==0 and .calls==0 and .clients==1 and .routers==[]' <<<"$output"
    assert_equal "$(jq -r .networking_key <<<"$output")" "$(nectar-net pubkey -n bob)"
    run nectar-net peers -n bob
    assert_output ""
    nectar-net ping -n alice bob -c 100 -i 0.2 >/dev/null 3>&- &
    PIDS+=($!)
    wait_for 10 stands bob.nec connections 1
    assert_equal "$(peers_of bob.nec)" "alice.nec in open"
    run nectar-net peers -n bob --json
    jq -e '.type=="peer" and .age_ms>=.idle_ms and (.bytes|tonumber)>0 and (.addr|startswith("127.0.0.1:"))' <<<"$output"
    run nectar-net peers -n bob
    assert_output --regexp '^alice\.nec in 127\.0\.0\.1:[0-9]+ open, [0-9.]+ s, idle [0-9.]+ s, [0-9]+ bytes$'
}

@test "status and peers of a router, of a node it routes for, and of a passage" {
    start_router r1.nec
    start_indirect bob.nec r1.nec
    assert_equal "$(status_of bob.nec 'routers[0]|"\(.router) \(.up)"')" "r1.nec true"
    assert_equal "$(status_of bob.nec addr)" null
    assert_equal "$(peers_of bob.nec)" "r1.nec out router"
    assert_equal "$(status_of r1.nec registered)" 1
    assert_equal "$(peers_of r1.nec)" "bob.nec in registered"
    nectar-net ping -n alice bob -c 100 -i 0.2 >/dev/null 3>&- &
    PIDS+=($!)
    wait_for 10 stands r1.nec passthroughs 1
    run nectar-net peers -n r1 --json
    jq -se 'map(select(.state=="passage")) | length==2 and all(.from=="alice.nec" and .to=="bob.nec" and .joined)' <<<"$output"
    run nectar-net peers -n r1
    assert_line --partial "passage alice.nec > bob.nec, "
    wait_for 10 stands bob.nec connections 2
    run nectar-net peers -n bob --json
    jq -se 'map(select(.peer=="alice.nec"))[0] | .direction=="in" and .via=="r1.nec" and .state=="open"' <<<"$output"
    kill -KILL "$ROUTER"
    wait_for 10 stands bob.nec 'routers[0].up' false
}

@test "ctl check: agreement, and each kind of drift" {
    start_listener bob.nec
    nectar-net ctl check -n bob
    start_unpublished
    run -6 nectar-net ctl check -n zoe.nec
    nectar-net keygen -n bob2.nec --no-passphrase >/dev/null
    nectar-net publish-tx -n bob --ws "$ADDRESS" -k "$(key_of bob2.nec)" --old-key "$(key_of bob.nec)" >/dev/null
    run -15 --separate-stderr nectar-net ctl check -n bob
    assert_regex "$output" '^key: the registry has [0-9a-f]{64}, this process [0-9a-f]{64}$'
    assert_equal "$stderr" "nectar-net ctl: bob.nec: it differs from what the registry says"
    run -15 nectar-net ctl check -n bob --json
    jq -se '.[0].type=="checked" and (.[0].differences|length==1) and .[1].error=="drift"' <<<"$output"
    mv "$XDG_DATA_HOME/nectar-net/registry.db" "$HOME/away"
    run -5 nectar-net ctl check -n bob
    mv "$HOME/away" "$XDG_DATA_HOME/nectar-net/registry.db"
    rm "$(key_of bob.nec)"
    run -4 nectar-net ctl check -n bob
}

start_unpublished() {
    nectar-net keygen -n zoe.nec --no-passphrase >/dev/null
    nectar-net listen -n zoe.nec --json --bind 127.0.0.1:0 >"$HOME/zoe.out" 3>&- &
    PIDS+=($!)
    wait_for 10 grep -q ready "$HOME/zoe.out"
}

# The free port that a listener of its own choice would get, published for NAME.
publish_free() { # NAME
    local port
    port=$(free_port)
    nectar-net publish-tx -n "$1" --ws "127.0.0.1:$port" >/dev/null
    echo "127.0.0.1:$port"
}

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (: </dev/tcp/127.0.0.1/$port) 2>/dev/null || break
    done
    echo "$port"
}

# start_published NAME: a listener where its record says.
start_published() {
    make_node "$1"
    ADDRESS=$(publish_free "$1")
    nectar-net listen -n "$1" --json >"$HOME/$1.out" 2>"$HOME/$1.err" 3>&- &
    LISTENER=$!
    PIDS+=("$LISTENER")
    wait_for 10 grep -q ready "$HOME/$1.out"
}

@test "reload: a changed address is listened at, connections stay, and the old one is left" {
    start_published bob.nec
    nectar-net ping -n alice bob -c 200 -i 0.1 --json >"$HOME/pings" 3>&- &
    PIDS+=($!)
    wait_for 10 stands bob.nec connections 1
    old=$ADDRESS
    new=$(publish_free bob.nec)
    run -15 nectar-net ctl check -n bob
    assert_line "address: the registry has $new, this process $old"
    run -0 --separate-stderr nectar-net ctl reload -n bob
    assert_output "address: now $new"
    nectar-net ctl check -n bob
    assert_equal "$(status_of bob.nec addr)" "$new"
    assert_equal "$(status_of bob.nec connections)" 1
    assert_equal "$(nectar-net send -n alice bob -m moved)" ack
    run ! bash -c ": </dev/tcp/${old/:/\/}"
    jq -se '.[-1].changes[0]|startswith("address: now")' < <(grep reloaded "$HOME/bob.nec.out")
    run -0 --separate-stderr nectar-net ctl reload -n bob
    assert_output ""
}

@test "reload: an address that is taken leaves all as it was, and is told" {
    start_published bob.nec
    old=$ADDRESS
    start_listener carol.nec
    nectar-net publish-tx -n bob --ws "$ADDRESS" >/dev/null
    run -75 nectar-net ctl reload -n bob
    assert_output --partial "cannot listen at $ADDRESS: we stay where we were"
    assert_equal "$(status_of bob.nec addr)" "$old"
    run -15 nectar-net ctl check -n bob
    nectar-net publish-tx -n bob --ws "$old" >/dev/null
    assert_equal "$(nectar-net send -n alice bob -m still)" ack
    nectar-net ctl check -n bob
}

@test "reload: a new key proves us to new connections, and the old one stays where it cannot be" {
    start_published bob.nec
    cp "$(key_of bob.nec)" "$HOME/old.key"
    nectar-net keygen -n bob.nec --no-passphrase --force >/dev/null
    # Not published yet: peers would not believe it.
    run -4 nectar-net ctl reload -n bob
    assert_output --partial "its key is not the one that the registry has"
    assert_equal "$(nectar-net send -n alice bob -m before)" ack
    nectar-net publish-tx -n bob --ws "$ADDRESS" --old-key "$HOME/old.key" >/dev/null
    run -7 nectar-net send -n alice bob -m between
    assert_output --partial "signature does not match"
    run -0 --separate-stderr nectar-net ctl reload -n bob
    assert_output "key: now $(nectar-net pubkey -n bob)"
    assert_equal "$(nectar-net send -n alice bob -m after)" ack
    assert_equal "$(nectar-net send -n bob alice -m x 2>&1; status_of bob.nec networking_key)" \
        "nectar-net send: alice.nec: unknown name: it has no address and no routers"$'\n'"$(nectar-net pubkey -n bob)"
    assert_equal "$(messages_of bob.nec | jq -r .body | xargs)" "before after"
}

@test "reload: a sealed key needs its passphrase from a file" {
    echo secret >"$HOME/pass"
    start_published bob.nec
    cp "$(key_of bob.nec)" "$HOME/old.key"
    nectar-net keygen -n bob.nec --passphrase-file "$HOME/pass" --force >/dev/null
    nectar-net publish-tx -n bob --ws "$ADDRESS" --old-key "$HOME/old.key" --passphrase-file "$HOME/pass" >/dev/null
    run -4 nectar-net ctl reload -n bob
    assert_output --partial "a passphrase is needed"
    kill -TERM "$LISTENER"
    wait "$LISTENER"
    nectar-net listen -n bob --passphrase-file "$HOME/pass" --json >"$HOME/bob.out" 3>&- &
    PIDS+=($!)
    wait_for 10 grep -q ready "$HOME/bob.out"
    cp "$(key_of bob.nec)" "$HOME/old.key"
    nectar-net keygen -n bob.nec --passphrase-file "$HOME/pass" --force >/dev/null
    nectar-net publish-tx -n bob --ws "$ADDRESS" --old-key "$HOME/old.key" --passphrase-file "$HOME/pass" >/dev/null
    nectar-net ctl reload -n bob
    assert_equal "$(nectar-net send -n alice bob -m after)" ack
}

@test "reload: routers that come and go; those that stay are not touched" {
    start_router r1.nec
    start_router r2.nec
    start_router r3.nec
    start_indirect bob.nec r1.nec,r2.nec
    kept=$(nectar-net peers -n r2 --json | jq -r 'select(.peer=="bob.nec").addr')
    nectar-net publish-tx -n bob --routers r2.nec,r3.nec >/dev/null
    run -15 nectar-net ctl check -n bob
    assert_line "router r3.nec: in the registry, not of this process"
    assert_line "router r1.nec: of this process, not in the registry"
    run -0 --separate-stderr nectar-net ctl reload -n bob
    assert_equal "$output" $'router r3.nec: added\nrouter r1.nec: removed'
    wait_for 10 has_line bob.nec '{"v":1,"type":"router_down","router":"r1.nec","reason":"no longer ours"}'
    wait_for 10 has_line bob.nec '{"v":1,"type":"router_up","router":"r3.nec"}'
    wait_for 10 stands r1.nec registered 0
    assert_equal "$(nectar-net peers -n r2 --json | jq -r 'select(.peer=="bob.nec").addr')" "$kept"
    nectar-net ctl check -n bob
    assert_equal "$(nectar-net send -n alice bob -m hi --via r3)" ack
    run -7 nectar-net send -n alice bob -m hi --via r1
}

@test "reload: from routers to an address, and back" {
    start_router r1.nec
    start_indirect bob.nec r1.nec
    new=$(publish_free bob.nec)
    run -0 --separate-stderr nectar-net ctl reload -n bob
    assert_equal "$output" "address: now $new"$'\n'"router r1.nec: removed"
    assert_equal "$(nectar-net send -n alice bob -m direct --json | jq -r .via)" null
    nectar-net publish-tx -n bob --routers r1.nec >/dev/null
    run -0 --separate-stderr nectar-net ctl reload -n bob
    assert_equal "$output" "router r1.nec: added"$'\n'"address: none any more"
    wait_for 10 stands bob.nec 'routers[0].up' true
    assert_equal "$(nectar-net send -n alice bob -m routed --json | jq -r .via)" r1.nec
    nectar-net publish-tx -n bob --no-route >/dev/null
    run -2 nectar-net ctl reload -n bob
    assert_output --partial "neither an address of ours nor routers"
    nectar-net publish-tx -n bob --routers r1.nec >/dev/null
    assert_equal "$(nectar-net send -n alice bob -m still)" ack
}

@test "stop ends the process with 0, and returns when it has ended" {
    start_listener bob.nec
    nectar-net ctl stop -n bob
    [ ! -e "$(socket_of bob.nec)" ]
    wait "$LISTENER"
    run -7 nectar-net ctl stop -n bob
}

@test "stop finishes what is in flight; -w bounds the wait for it" {
    nectar-net keygen -n bob.nec --no-passphrase >/dev/null
    start_echo echo.nec
    start_listener bob.nec --drain 20
    # A send over the socket that is not answered for a while: its target is frozen.
    kill -STOP "$(pid_of_echo)"
    nectar-net send -n bob echo -m kept -W 20 >"$HOME/reply" 3>&- &
    sender=$!
    PIDS+=("$sender")
    wait_for 10 stands bob.nec calls 1
    run -28 within 5000 nectar-net ctl stop -n bob -w 1
    assert_output --partial "the time given with -w is up"
    assert_equal "$(status_of bob.nec draining)" true
    nectar-net ctl stop -n bob 3>&- &
    stopper=$!
    wait_for 10 stands bob.nec clients 3
    kill -CONT "$(pid_of_echo)"
    wait "$stopper"
    wait "$LISTENER"
    wait "$sender"
    assert_equal "$(cat "$HOME/reply")" kept
}

pid_of_echo() {
    echo "${PIDS[0]}"
}

@test "a process that is frozen: exit 28 within -W" {
    start_listener bob.nec
    kill -STOP "$LISTENER"
    for verb in status peers 'ctl stop'; do
        # shellcheck disable=SC2086
        run -28 within 3000 nectar-net $verb -n bob -W 0.5
        assert_output --partial "it does not answer"
    done
    kill -CONT "$LISTENER"
}

@test "no socket can be made: a warning, and the listener goes on" {
    mkdir -p "$XDG_RUNTIME_DIR"
    touch "$XDG_RUNTIME_DIR/nectar-net"
    start_listener bob.nec
    assert_regex "$(cat "$HOME/bob.nec.err")" '^nectar-net listen: warning: no control socket at '
    assert_equal "$(nectar-net send -n alice bob -m hi)" ack
    rm "$XDG_RUNTIME_DIR/nectar-net"
    mkdir -m 770 "$XDG_RUNTIME_DIR/nectar-net"
    start_listener carol.nec
    assert_regex "$(cat "$HOME/carol.nec.err")" 'warning: no control socket .*chmod 700'
}

@test "a name that runs already keeps its socket; the second process only warns" {
    start_listener bob.nec
    first=$LISTENER
    start_listener bob.nec
    assert_regex "$(cat "$HOME/bob.nec.err")" 'warning: no control socket .*another process serves it'
    kill -TERM "$LISTENER"
    wait "$LISTENER"
    assert_equal "$(status_of bob.nec pid)" "$first"
}

@test "a socket that kill -9 left is replaced by the next start; a file in its place is not" {
    start_listener bob.nec
    kill -KILL "$LISTENER"
    wait "$LISTENER" || true
    [ -S "$(socket_of bob.nec)" ]
    run -7 nectar-net status -n bob
    start_listener bob.nec
    assert_equal "$(cat "$HOME/bob.nec.err")" ""
    assert_equal "$(status_of bob.nec pid)" "$LISTENER"
    nectar-net ctl stop -n bob
    echo mine >"$(socket_of bob.nec)"
    start_listener bob.nec
    assert_regex "$(cat "$HOME/bob.nec.err")" 'warning: no control socket .*no socket stands there'
    assert_equal "$(cat "$(socket_of bob.nec)")" mine
}

@test "a name too long for a path is hashed" {
    long=$(printf 'a%.0s' {1..60}).$(printf 'b%.0s' {1..60}).nec
    start_listener "$long"
    found=$(find "$XDG_RUNTIME_DIR/nectar-net" -type s)
    assert_regex "$found" '/[0-9a-f]{32}\.sock$'
    assert_equal "$(status_of "$long" name)" "$long"
    XDG_RUNTIME_DIR=$HOME/$(printf 'c%.0s' {1..90})
    start_listener bob.nec
    assert_regex "$(cat "$HOME/bob.nec.err")" 'warning: no control socket: '
    run -2 nectar-net status -n bob
}
