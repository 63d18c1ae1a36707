#!/usr/bin/env bats
# Nodes whose registry's endpoints fail, in every way: they reach each other by the next endpoint, soon
# and in little memory; where none is left they say what is wrong; who is connected stays so.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load registry
load nodes
load endpoints

# A mode of an endpoint (tests/helpers/endpoint); how long it may hold up a cold sender, in ms; and
# what is said of it.
FAILURES='refuse|1500|Connection refused
hang|4000|no answer within
reset|1500|:
status 429|1500|HTTP 429
status 500|1500|HTTP 500
cut|1500|transfer closed
text {|1500|it is no JSON
wrong-id|1500|a call that was not made
answer eth_chainId="0x1"|1500|it is on chain 1
answer eth_getCode="0x"|1500|no contract stands there
huge|1500|its answer is over 1024 KiB'

setup_file() {
    registry_start nec
    rpc anvil_mine '"0x14"' >/dev/null
}

teardown_file() {
    anvil_stop
}

setup() {
    net_setup
    URI="$URI&chain=31337"
    NECTAR_PKI=$URI serve_direct listen alice
    make_chain_node bob
    endpoint good pass
    AT_good="$AT_good&chain=31337"
}

teardown() {
    net_teardown
}

# bad NAME MODE: an endpoint that fails so.
bad() {
    local name=$1 at="AT_$1"
    shift
    # shellcheck disable=SC2048,SC2086 # words on purpose
    endpoint "$name" $*
    declare -g "$at=${!at}&chain=31337"
}

# in_time MS COMMAND...: succeeds, and takes no longer.
in_time() {
    local limit=$(($1 * 1000 * ${NECTAR_SLOWER:-1})) begun=${EPOCHREALTIME/./}
    shift
    run --separate-stderr "$@"
    ((${EPOCHREALTIME/./} - begun < limit)) || fail "took $((${EPOCHREALTIME/./} - begun)) us: $*"
}

received() {
    jq -se 'map(select(.type=="message"))|length' "$HOME/alice.out"
}

# peak COMMAND...: the most memory that it had, KiB.
peak() {
    "$BUILD/helpers/peak" "$@" 2>/dev/null
}

# more_pongs N
more_pongs() {
    [ "$(grep -c '"type":"pong"' "$HOME/pings")" -gt "$1" ]
}

@test "the first of two endpoints fails, in every way: send and ping go by the second, soon, in little memory" {
    local row ms text before base used
    base=$(peak nectar-net send -n bob -p "$AT_good" alice -m x)
    while IFS='|' read -r row ms text; do
        bad bad "$row"
        export NECTAR_PKI="$AT_bad $AT_good"
        for verb in "send -n bob alice -m x" "ping -n bob -c 1 alice"; do
            mend
            # shellcheck disable=SC2086 # words on purpose
            in_time "$ms" nectar-net $verb
            assert_success
            [[ $stderr == *"$text"* ]] || fail "$row: $verb says: $stderr"
        done
        mend
        before=$(received)
        used=$(peak nectar-net send -n bob alice -m x)
        assert_equal "$(received)" $((before + 1))
        [ -n "${NECTAR_SANITIZED:-}" ] || ((used < base + 6144)) || fail "$row: $used KiB, not $base"
    done <<<"$FAILURES"
}

@test "the first has fallen behind what the second told of before: send and ping go by the second" {
    bad old lag 12
    export NECTAR_PKI="$AT_old $AT_good"
    for verb in "send -n bob --max-cached 0 alice -m x" "ping -n bob -c 1 --max-cached 0 alice"; do
        mend
        nectar-net pki-lookup -p "$AT_good" bob.nec >/dev/null
        # shellcheck disable=SC2086 # words on purpose
        in_time 1500 nectar-net $verb
        assert_success
        [[ $stderr == *"it has fallen behind"* ]] || fail "says: $stderr"
    done
}

@test "one of three lies about a key, and two have to agree: send and ping reach the real one" {
    bad liar lie bb00000000000000000000000000000000000000000000000000000000000022
    endpoint fair pass
    export NECTAR_PKI="$AT_liar $AT_good $AT_fair&chain=31337" NECTAR_QUORUM=2
    for verb in "send -n bob alice -m x" "ping -n bob -c 1 alice"; do
        mend
        # shellcheck disable=SC2086 # words on purpose
        in_time 1500 nectar-net $verb
        assert_success
        [[ $stderr == *"the others say otherwise, and are believed"* ]] || fail "says: $stderr"
    done
    mend
    NECTAR_QUORUM=3 run --separate-stderr nectar-net send -n bob --json alice -m x
    assert_failure 5
    # Alone it would have been believed, and told whom nobody is.
    mend
    NECTAR_QUORUM=1 NECTAR_PKI=$AT_liar run nectar-net send -n bob alice -m x
    assert_failure
}

@test "all endpoints fail, and nothing is kept: 5, at the stage registry, saying what is wrong" {
    local row ms text
    endpoint one @
    endpoint two @
    export NECTAR_PKI="$AT_one&chain=31337 $AT_two&chain=31337"
    while IFS='|' read -r row ms text; do
        [ "$row" != refuse ] || continue # there is one below
        mend
        mode one pass
        mode two pass
        nectar-net pki-lookup bob.nec >/dev/null # a sender asks for its own record, too
        mode one "$row"
        mode two "$row"
        in_time 4000 nectar-net send -n bob --json -W 3 alice -m x
        assert_failure 5
        jq -e --arg text "$text" '.type=="error" and .stage=="registry" and .peer=="alice.nec" and (.reason|contains($text))' \
            <<<"$output" || fail "$row says: $output"
        mend
        # Not even the TLD is known.
        in_time 14000 nectar-net send -n bob --json alice -m x
        assert_failure 5
        jq -e '.type=="error" and .stage=="registry"' <<<"$output" || fail "$row says: $output"
    done <<<"$FAILURES"
    mend
    bad gone refuse
    NECTAR_PKI=$AT_gone run --separate-stderr nectar-net ping -n bob --json -c 1 alice
    assert_failure 5
    jq -e '.stage=="registry" and (.reason|contains("Connection refused"))' <<<"$output"
}

@test "a running listen, through each failure of all its endpoints: peers stay, and known ones come" {
    local row ms text pings before ends
    endpoint one @
    ends=("${PIDS[-1]}")
    endpoint two @
    ends+=("${PIDS[-1]}")
    NECTAR_PKI="$AT_one&chain=31337 $AT_two&chain=31337" serve_direct listen erin --max-cached 0
    make_chain_node carol
    export NECTAR_PKI=$URI
    nectar-net send -n carol erin -m "is known"
    nectar-net ping -n bob -c 100000 -i 0.05 --json erin >"$HOME/pings" 2>&1 3>&- &
    pings=$!
    PIDS+=("$pings")
    wait_for 5 grep -q '"type":"pong"' "$HOME/pings"
    while IFS='|' read -r row ms text; do
        [ "$row" != refuse ] || continue # at the end
        mode one "$row"
        mode two "$row"
        before=$(grep -c '"type":"pong"' "$HOME/pings")
        run nectar-net send -n carol erin -m "$row"
        assert_success
        wait_for 5 more_pongs "$before"
    done <<<"$FAILURES"
    # They tell of old blocks, after newer ones.
    mode one pass
    mode two pass
    run nectar-net send -n carol erin -m "is current"
    assert_success
    mode one lag 12
    mode two lag 12
    run nectar-net send -n carol erin -m "both lag"
    assert_success
    mode one pass
    mode two pass
    run --separate-stderr nectar-net send -n carol erin -m after
    assert_success
    # They are gone.
    kill "${ends[@]}"
    wait "${ends[@]}" || true
    before=$(grep -c '"type":"pong"' "$HOME/pings")
    run nectar-net send -n carol erin -m refused
    assert_success
    wait_for 5 more_pongs "$before"
    kill -INT "$pings"
    wait "$pings" || true
    grep -q "is gone by" "$HOME/erin.err"
    jq -se 'map(select(.type=="summary"))|length==1 and .[0].sent - .[0].received <= 1' "$HOME/pings"
    [ "$(jq -s 'map(select(.type=="peer" and .event=="closed" and .peer=="bob.nec"))|length' "$HOME/erin.out")" -le 1 ]
}

@test "all endpoints hang, and all that is needed is kept: it goes by that, and soon" {
    local quorum
    endpoint one @
    endpoint two @
    endpoint three @
    export NECTAR_PKI="$AT_one $AT_two $AT_three"
    for quorum in 1 2; do
        mend
        for at in one two three; do mode $at pass; done
        NECTAR_QUORUM=$quorum nectar-net send -n bob.nec alice.nec -m "is kept"
        for at in one two three; do mode $at hang; done
        # For its own record, and for the other's.
        NECTAR_QUORUM=$quorum in_time 5500 nectar-net send -n bob.nec --max-cached 0 alice.nec -m first
        assert_success
        [[ $stderr == *"is gone by"* ]] || fail "says: $stderr"
        NECTAR_QUORUM=$quorum in_time 5500 nectar-net send -n bob.nec --max-cached 0 alice.nec -m again
        assert_success
        [[ $stderr == *"is gone by"* ]] || fail "says: $stderr"
        # All the same, whoever wants to know it asks.
        before=$(asked one)
        NECTAR_QUORUM=$quorum run nectar-net pki-lookup alice.nec
        assert_failure 5
        [ "$(asked one)" -gt "$before" ]
    done
}

@test "a running listen, where two have to agree and one of three lies: known ones come" {
    endpoint one @
    endpoint fair pass
    NECTAR_PKI="$AT_one&chain=31337 $AT_good $AT_fair&chain=31337" \
        serve_direct listen erin --max-cached 0 --quorum 2
    make_chain_node carol
    export NECTAR_PKI=$URI
    nectar-net send -n carol erin -m honest
    mode one lie bb00000000000000000000000000000000000000000000000000000000000022
    run nectar-net send -n carol erin -m "one lies"
    assert_success
    run -0 jq -sr 'map(select(.type=="message").body) | join(", ")' "$HOME/erin.out"
    assert_output "honest, one lies"
    grep -q "the others say otherwise, and are believed" "$HOME/erin.err"
}
