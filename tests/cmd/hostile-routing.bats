#!/usr/bin/env bats
# A router under attack by requests for a way: bounded, told once each, and the others are served.

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

# Nothing but these refusals, each told once.
assert_refusals() { # LINE...: FROM TO: WHY
    assert_equal "$(refusals r1.nec | sed 's/^ *//')" "$(printf '1 %s\n' "$@" | sort -k 2)"
}

@test "wrong signatures, unknown names, oneself: each is refused, and told once" {
    besiege
    make_foes 1
    local each=$((MANY / 10)) from=127.0.9.1
    hostile bad "${AT[@]}" -f $from -c $each -w 50 -t bob.nec -x route "${KEYS[0]}"
    hostile self "${AT[@]}" -f $from -c $each -w 50 -t foe1.nec route "${KEYS[0]}"
    hostile source "${AT[@]}" -f $from -c $each -w 50 -t bob.nec -n nobody.nec route "${KEYS[0]}"
    hostile target "${AT[@]}" -f $from -c $each -w 50 -t nobody.nec route "${KEYS[0]}"
    hostile name "${AT[@]}" -f $from -c $each -w 50 -t 'No Name' route "${KEYS[0]}"
    hostile other "${AT[@]}" -f $from -c $each -w 50 -t bob.nec -n carol.nec route "${KEYS[0]}"
    for kind in bad self source target name other; do
        assert_equal "$(said $kind ended)" "$each"
        assert_equal "$(said $kind upgraded)" "$each"
    done
    assert_refusals 'foe1.nec bob.nec: bad signature' 'foe1.nec foe1.nec: it asks for itself' \
        'nobody.nec bob.nec: it is not in the registry' \
        'foe1.nec nobody.nec: its target is not in the registry'
    run wc -l <"$HOME/r1.nec.err"
    [ "$output" -le 10 ]
    is_as_before 8192 2048
    all_were_served "$SLOW"
}

@test "a request that is seen and replayed 10,000 times gains a few places, for a few seconds" {
    besiege
    make_foes 1
    hostile replay "${AT[@]}" -f 127.0.9.1 -a 20 -c "$MANY" -w 3000 -t bob.nec route "${KEYS[0]}"
    assert_equal "$(said replay ended)" "$MANY"
    [ "$(routing_of r1.nec | grep -c '^pending foe1.nec')" -le 200 ]
    refusals r1.nec | awk '$1 > 1 || NR > 3 { exit 1 }'
    is_as_before 16384 2048
    all_were_served "$SLOW"
}

@test "pending floods, of one name and of many: bounded, and over after 5 s" {
    besiege --max-per-address 200
    make_foes 20
    launch_hostile target "${AT[@]}" -f 127.0.8.1 register "${KEYS[0]}"
    local target=$HOSTILE
    wait_for 5 has_line r1.nec '"registered","from":"foe1.nec"'
    watch "$ROUTER"
    launch_hostile one "${AT[@]}" -f 127.0.9.1 -c 150 -t foe1.nec route "${KEYS[1]}"
    launch_hostile many "${AT[@]}" -f 127.0.9.2 -c 400 -t foe1.nec route "${KEYS[@]:2}"
    wait_for 20 has_line one '"done"'
    wait_for 20 has_line many '"done"'
    assert_equal "$(routing_of r1.nec | grep -c '^pending foe2.nec foe1.nec')" 64
    [ "$(routing_of r1.nec | grep -c '^pending foe.* foe1.nec')" -le 264 ]
    for job in one many; do jq -se '.[-1].seconds < 9' "$HOME/$job.out"; done
    refusals r1.nec | awk '$1 > 1 { exit 1 }'
    assert_equal "$(grep -c 'turned away' "$HOME/r1.nec.err")" 1
    is_as_before 16384 2048
    end_hostile "$target"
    all_were_served "$SLOW"
}

@test "a proxy_request of one who is not allowed, again and again, is told once" {
    besiege --allow bob
    make_foes 1
    hostile barred "${AT[@]}" -f 127.0.9.1 -c $((MANY / 10)) -w 20 register "${KEYS[0]}"
    assert_equal "$(said barred opened)" "$((MANY / 10))"
    assert_refusals 'foe1.nec -: we do not route for it'
    is_as_before 8192 2048
    all_were_served "$SLOW"
}

@test "a peer that registers 5,000 times: it hangs up at once, or keeps every connection" {
    besiege
    make_foes 1
    hostile brief "${AT[@]}" -f 127.0.9.1 -c $((MANY / 2)) -w 20 -x register "${KEYS[0]}"
    assert_equal "$(said brief opened)" "$((MANY / 2))"
    launch_hostile lasting "${AT[@]}" -f 127.0.9.1 -c $((MANY / 50)) register "${KEYS[0]}"
    wait_for 10 only_one_stands
    assert_equal "$(said lasting opened)" "$((MANY / 50))"
    end_hostile "$HOSTILE"
    is_as_before 65536 2048
    all_were_served "$SLOW"
}

# Of all its connections the router keeps the newest, beside those that were there before.
only_one_stands() {
    [ "$(sockets_of "$ROUTER")" -le 10 ]
}

@test "a partner that never reads: the other is held up, memory is bounded, others pass" {
    besiege
    make_foes 2
    launch_hostile stuff "${AT[@]}" -f 127.0.9.1 stuff "${KEYS[@]}"
    [ "$(said stuff written)" -le $((64 << 20)) ]
    run ! has_line r1.nec '"event":"close","from":"foe1.nec"'
    all_were_served "$SLOW"
    kill "$HOSTILE"
    wait_for 10 has_line r1.nec '"event":"close","from":"foe1.nec"'
    FILES=$(files_of "$ROUTER")
    is_as_before 8192 2048
}

@test "garbage after pairing, from either side: both end, and nobody else" {
    besiege
    make_foes 2
    local kinds=(unmasked reserved opcode text control fragment continuation length endless huge random truncated)
    local each=$((SANITIZED ? 4 : 20)) kind
    for kind in "${kinds[@]}"; do
        hostile spoil "${AT[@]}" -f 127.0.9.1 -c $each -g "$kind" spoil "${KEYS[@]}" ||
            { echo "$kind: $(cat "$HOME/spoil.out")" && return 1; }
    done
    assert_equal "$(routing_of r1.nec | grep -c '^open foe1.nec foe2.nec')" "$((${#kinds[@]} * each))"
    assert_equal "$(routing_of r1.nec | grep -c '^close foe1.nec foe2.nec')" "$((${#kinds[@]} * each))"
    is_as_before 8192 2048
    all_were_served "$SLOW"
}
