#!/usr/bin/env bats
# Connections that come to nothing, at a router and at a listener: bounded, and the others are
# served.

# shellcheck disable=SC2154 # output is set by run
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

@test "half-open ones of every kind, from one address up to its limit and beyond: over after 5 s" {
    besiege --max-per-address 300
    local kinds=(tcp head drip upgraded half) jobs=()
    for kind in "${kinds[@]}"; do
        launch_hostile "$kind" "${AT[@]}" -f 127.0.9.1 -c 100 -s 30 "$kind"
        jobs+=("$HOSTILE")
    done
    [ "$(sockets_of "$ROUTER")" -ge 200 ]
    for kind in "${kinds[@]}"; do
        wait_for 30 has_line "$kind" '"done"'
        jq -se --arg kind "$kind" '.[-1] | .standing==0 and .seconds < 14' "$HOME/$kind.out" ||
            { cat "$HOME/$kind.out" && return 1; }
    done
    assert_equal "$(warnings_of r1.nec 'turned away')" 1
    [ "$(wc -l <"$HOME/r1.nec.err")" -le 4 ]
    is_as_before 16384 2048
    all_were_served "$SLOW"
}

@test "half-open ones from many addresses, more than there is room for: the oldest make way" {
    besiege
    launch_hostile crowd "${AT[@]}" -f 127.0.9.1 -a 100 -c 2500 -s 30 upgraded
    launch_hostile more "${AT[@]}" -f 127.0.9.1 -a 100 -c $((MANY / 2)) -w 1500 -s 30 tcp
    wait_for 40 has_line crowd '"done"'
    wait_for 40 has_line more '"done"'
    [ "$(wc -l <"$HOME/r1.nec.err")" -le 4 ]
    is_as_before 32768 2048
    all_were_served "$SLOW"
}

@test "connections beyond --max-per-address are turned away, and told once; others have room" {
    besiege --max-per-address 20
    make_foes 1
    launch_hostile first "${AT[@]}" -f 127.0.9.1 -c 30 stay "${KEYS[0]}"
    [ "$(said first opened)" -eq 20 ]
    hostile second "${AT[@]}" -f 127.0.9.1 -c "$MANY" -w 20 tcp
    assert_equal "$(said second ended)" "$MANY"
    launch_hostile third "${AT[@]}" -f 127.0.9.2 -c 15 stay "${KEYS[0]}"
    assert_equal "$(said third opened)" 15
    assert_equal "$(warnings_of r1.nec 'turned away')" 1
    for job in "${PIDS[@]: -2}"; do end_hostile "$job"; done
    is_as_before 16384 2048
    all_were_served "$SLOW"
}

@test "garbage before and after the handshake, by those who do not hang up: told once, bounded" {
    besiege
    make_foes 1
    local kinds=(unmasked reserved opcode text control fragment continuation length endless huge random)
    local each=$((SANITIZED ? 20 : 100)) kind
    for kind in "${kinds[@]}"; do
        hostile early "${AT[@]}" -f 127.0.9.1 -c $each -w 20 -g "$kind" garbage
        assert_equal "$(said early ended)" $each
        hostile late "${AT[@]}" -f 127.0.9.1 -c $each -w 20 -g "$kind" rubbish "${KEYS[0]}"
        assert_equal "$(said late opened)" $each
    done
    launch_hostile stubborn "${AT[@]}" -f 127.0.9.1 -c 500 -w 50 -s 30 -l -g text garbage
    wait_for 20 has_line stubborn '"ended":500'
    [ "$(wc -l <"$HOME/r1.nec.err")" -le $((3 * ${#kinds[@]})) ]
    is_as_before 16384 2048
    all_were_served "$SLOW"
}

@test "a listener, likewise: half-open ones, garbage, and more than --max-per-address" {
    start_listener dora.nec --max-per-address 50
    make_foes 1
    local at=(-p "${ADDRESS##*:}" -k "$(key_of dora.nec)") kind
    keep_sending carol.nec dora.nec
    watch "$LISTENER"
    for kind in tcp head drip upgraded half; do
        launch_hostile $kind "${at[@]}" -f 127.0.9.1 -c 30 -s 30 $kind
    done
    hostile way "${at[@]}" -f 127.0.9.2 -c $((MANY / 20)) -w 10 -t carol.nec route "${KEYS[0]}"
    for kind in unmasked text huge random; do
        hostile early "${at[@]}" -f 127.0.9.2 -c $((MANY / 50)) -w 10 -g $kind garbage
        hostile late "${at[@]}" -f 127.0.9.2 -c $((MANY / 50)) -w 10 -g $kind rubbish "${KEYS[0]}"
        assert_equal "$(said late opened)" $((MANY / 50))
    done
    hostile asked "${at[@]}" -f 127.0.9.2 -c $((MANY / 20)) -w 10 register "${KEYS[0]}"
    wait_for 30 has_line half '"done"'
    assert_equal "$(warnings_of dora.nec 'turned away')" 1
    [ "$(wc -l <"$HOME/dora.nec.err")" -le 10 ]
    is_as_before 16384 2048
    all_were_served "$SLOW"
    assert_equal "$(messages_of dora.nec | jq -r .from | sort -u | xargs)" "carol.nec pinger.nec"
}
