#!/usr/bin/env bats
# What is proven who it is and sends what it should not: bounded, told once, and the others are
# served.

# shellcheck disable=SC2034,SC2154 # output is set by run; hostile.bash reads what is set here
load net
load routing
load hostile

setup() {
    net_setup
    MANY=$((10000 / FEWER))
    SLOW=$((SANITIZED ? 10000 : 5000)) # ms that a message may take meanwhile
}

teardown() {
    net_teardown
}

@test "connection requests of a stranger are not followed, and told once" {
    besiege
    make_foes 1
    start_listener dora.nec
    local at=(-p "${ADDRESS##*:}" -k "$(key_of dora.nec)")
    "$BUILD/helpers/mute" accept 0 >"$HOME/mute" 3>&- &
    PIDS+=($!)
    wait_for 5 test -s "$HOME/mute"
    nectar-net publish-tx -n foe1.nec --ws "127.0.0.1:$(cat "$HOME/mute")" >/dev/null
    watch "$LISTENER"
    # Of a name that asks for nobody, of the victim itself, and of one that it knows.
    for caller in foe1.nec dora.nec carol.nec; do
        launch_hostile call "${at[@]}" -f 127.0.9.1 -m $((MANY / 10)) -t $caller call "${KEYS[0]}"
        assert_equal "$(said call opened)" 1
        assert_equal "$(nectar-net send -n carol dora -m "after $caller")" ack
        end_hostile "$HOSTILE"
    done
    assert_equal "$(warnings_of dora.nec 'connection request')" 1
    assert_equal "$(messages_of dora.nec | wc -l)" 3
    is_as_before 8192 2048
    # The router is a stranger to nobody who is registered, but is told of nobody either.
    watch "$ROUTER"
    launch_hostile call "${AT[@]}" -f 127.0.9.1 -m "$MANY" -t bob.nec call "${KEYS[0]}"
    end_hostile "$HOSTILE"
    assert_equal "$(warnings_of r1.nec 'connection request')" 1
    is_as_before 8192 2048
    all_were_served "$SLOW"
}

@test "10,000 connection requests of our own router, for one name and for many: bounded, told once" {
    besiege
    make_foes 1
    for caller in foe1.nec nobody.nec; do
        make_node evil.nec 2>/dev/null || true
        [ -e "$(key_of dora.nec)" ] || make_node dora.nec
        "$BUILD/helpers/hostile" -p 0 -k "$(key_of dora.nec)" -m "$MANY" -t $caller -s 40 router \
            "$(key_of evil.nec)" >"$HOME/evil.out" 3>&- &
        local evil=$!
        PIDS+=("$evil")
        wait_for 5 has_line evil '"type":"ready"'
        nectar-net publish-tx -n evil.nec --ws "$(sed -n 1p "$HOME/evil.out" | jq -r .addr)" >/dev/null
        start_indirect dora.nec evil.nec,r1.nec
        WATCHED=$LISTENER
        wait_for 40 has_line evil '"type":"standing"'
        assert_equal "$(nectar-net send -n carol dora --via r1 -m x -W 20)" ack
        [ -n "$SANITIZED" ] || wait_for 30 has_memory 32768
        assert_equal "$(warnings_of dora.nec 'connection request')" 1
        end_hostile "$evil"
        [ "$(said evil most)" -le 256 ]
        kill -TERM "$LISTENER"
        wait "$LISTENER"
        rm "$HOME/dora.nec.out" "$HOME/evil.out"
    done
    all_were_served "$SLOW"
}

@test "huge messages begun by many at once and left unfinished: within the budget, others wait for none" {
    local peers=40 each=$((9 << 20)) budget=64
    besiege --max-partial $budget
    make_foes $peers
    "$BUILD/helpers/hostile" "${AT[@]}" -f 127.0.9.1 -c $peers -b $each -s 60 declare "${KEYS[@]}" \
        >"$HOME/huge.out" 3>&- &
    local huge=$!
    PIDS+=("$huge")
    wait_for 30 grep -q 'half received' "$HOME/r1.nec.err"
    sleep 2
    assert_equal "$(nectar-net send -n carol r1 -m small -W 10)" ack
    assert_equal "$(warnings_of r1.nec 'half received')" 1
    kill "$huge"
    # Beside the budget, what has been read of those that wait, and copies while buffers grow.
    is_as_before $(((budget + 40) << 10)) 4096
    assert_equal "$(nectar-net send -n carol r1 -m after -W 10)" ack
    all_were_served "$SLOW"
}
