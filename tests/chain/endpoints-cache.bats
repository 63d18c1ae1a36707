#!/usr/bin/env bats
# What registries on a chain have said is kept: used while it is young, and beyond that where nobody
# answers; shared by processes; thrown away where it is damaged.
# shellcheck disable=SC2154 # stderr is set by run

load ../cmd/net
load registry
load nodes
load endpoints

setup_file() {
    registry_start nec
}

teardown_file() {
    anvil_stop
}

setup() {
    net_setup
    endpoint end @
    export NECTAR_PKI=$AT_end
    CACHE=$HOME/.cache/nectar-net/registries.db
}

teardown() {
    net_teardown
}

@test "what was read lately will do without asking; --max-cached 0 asks" {
    serve_direct listen alice
    make_chain_node bob
    nectar-net send -n bob alice -m warm
    before=$(asked end)
    run --separate-stderr nectar-net send -n bob alice -m again
    assert_success
    assert_equal "$(asked end)" "$before"
    nectar-net send -n bob --max-cached 0 alice -m asks
    [ "$(asked end)" -gt "$before" ]
}

@test "pki-lookup asks, unless --max-cached is given: then it says that, and how old, it is kept" {
    serve_direct listen alice
    nectar-net pki-lookup alice.nec
    before=$(asked end)
    NECTAR_MAX_CACHED=60 nectar-net pki-lookup alice.nec
    [ "$(asked end)" -gt "$before" ]
    run nectar-net pki-lookup --json alice.nec
    jq -e 'has("cached")|not' <<<"$output"
    before=$(asked end)
    run --separate-stderr nectar-net pki-lookup --max-cached 60 --json alice.nec alice
    assert_success
    assert_equal "$(asked end)" "$before"
    jq -se --arg at ":$PORT_end" 'length==2 and all(.cached==true and .block>0 and has("age_s") and (.source|contains($at)))' \
        <<<"$output"
    nectar-net pki-lookup --max-cached 60 --check -n alice.nec alice.nec
    assert_equal "$(asked end)" "$before"
    # Each endpoint is asked what it says.
    nectar-net pki-lookup --max-cached 60 --all alice.nec
    [ "$(asked end)" -gt "$before" ]
    sleep 0.2
    before=$(asked end)
    nectar-net pki-lookup --max-cached 0.1 alice.nec
    [ "$(asked end)" -gt "$before" ]
    mode end reset
    run --separate-stderr nectar-net pki-lookup --max-cached 0 --json alice.nec
    assert_success
    [[ $stderr == *"is gone by"* ]] || fail "says: $stderr"
    jq -e .cached <<<"$output"
    run --separate-stderr nectar-net pki-lookup alice.nec
    assert_failure 5
}

@test "no endpoint answers: what is kept is used, with a warning; a running listen forgets nothing" {
    local how
    NECTAR_PKI="$AT_end&chain=31337"
    serve_direct listen alice --max-cached 0.1
    make_chain_node bob
    nectar-net send -n bob alice -m warm
    for how in "status 500" "text x" "reset" 'answer eth_getCode="0x"' 'answer eth_chainId="0x1"'; do
        mode end "$how"
        sleep 0.2
        run --separate-stderr nectar-net send -n bob --max-cached 0.1 alice -m "still, $how"
        assert_success
        [[ $stderr == *"no answer of use: what it said of"*"s ago is gone by"* ]] || fail "says: $stderr"
    done
    # Asked for afresh, it is not.
    run --separate-stderr nectar-net pki-lookup alice.nec
    assert_failure 5
    make_chain_node dora
    run --separate-stderr nectar-net send -n bob dora -m x
    assert_failure 5
    mode end pass
    nectar-net send -n bob alice -m back
    jq -se 'map(select(.type=="message")) | length == 7' "$HOME/alice.out"
}

@test "a key that changes while two talk, with warm caches on both sides: messages flow on" {
    serve_direct listen alice
    make_chain_node bob
    nectar-net send -n bob alice -m warm
    # The caller's key.
    mv "$(key_of bob.nec)" "$HOME/old.key"
    make_chain_node bob
    run --separate-stderr nectar-net send -n bob alice -m "with a new key"
    assert_success
    # The key of whom is called, who moves to another port too.
    kill "$SERVER"
    wait "$SERVER" || true
    mv "$(key_of alice.nec)" "$HOME/old.key"
    serve_direct listen alice
    run --separate-stderr nectar-net send -n bob alice -m "to a new key"
    assert_success
}

@test "a reorg that removes a record is seen by whoever asks, and by a cache that has aged" {
    make_chain_node bob
    registry_publish gone aa00000000000000000000000000000000000000000000000000000000000011 h 1 0 "" >/dev/null
    nectar-net pki-lookup gone.nec
    rpc anvil_reorg 1 '[]' >/dev/null
    run nectar-net pki-lookup gone.nec
    assert_failure 6
    run nectar-net send -n bob gone -m x
    assert_failure 6
}

@test "20 processes at once share it; one that is killed leaves it whole" {
    serve_direct listen alice
    make_chain_node bob
    pids=()
    for i in {1..20}; do
        nectar-net send -n bob --max-cached 0 alice -m "$i" >/dev/null 3>&- &
        pids+=("$!")
    done
    for pid in "${pids[@]}"; do
        wait "$pid"
    done
    for i in {1..10}; do
        nectar-net pki-lookup alice.nec >/dev/null 3>&- &
        sleep 0.0"$i"
        kill -9 $! 2>/dev/null || true
        wait $! || true
    done
    mode end reset
    run --separate-stderr nectar-net send -n bob alice -m kept
    assert_success
}

@test "damaged, or not to be written: thrown away, or done without" {
    serve_direct listen alice
    make_chain_node bob
    nectar-net send -n bob alice -m warm
    for damage in "head -c 5000 /dev/urandom" "echo hello" "true"; do
        rm -f "$CACHE"-*
        $damage >"$CACHE"
        run --separate-stderr nectar-net send -n bob alice -m x
        assert_success
        assert_equal "$stderr" ""
        mode end reset
        run --separate-stderr nectar-net send -n bob alice -m "kept anew"
        assert_success
        mode end pass
    done
    # Half of it is zeros.
    dd if=/dev/zero of="$CACHE" bs=4096 seek=1 count=100 conv=notrunc status=none
    run --separate-stderr nectar-net send -n bob alice -m x
    assert_success
    XDG_CACHE_HOME=/dev/null run --separate-stderr nectar-net send -v -n bob alice -m x
    assert_success
    [[ $stderr == *"nothing is kept in the cache"* ]] || fail "says: $stderr"
}

# in_mount OPTIONS SCRIPT: with the cache folder on a disk of its own.
in_mount() {
    mkdir -p "${CACHE%/*}"
    run --separate-stderr unshare -rm bash -c "mount -t tmpfs -o $1 tmpfs '${CACHE%/*}' || exit 99
        $2"
    [ "$status" != 99 ] || skip "no mount namespaces here"
    assert_success
}

@test "a disk that is full, or only read: messages go, nothing is said, and the file is whole" {
    local size
    serve_direct listen alice
    make_chain_node bob
    for size in 4k 8k 16k 28k 40k 64k; do
        mode end pass
        in_mount "size=$size" "
            for i in 1 2 3; do
                nectar-net send -n bob --max-cached 0 alice -m x || exit
            done
            mount -o remount,size=1m '${CACHE%/*}'
            nectar-net send -n bob --max-cached 0 alice -m x || exit
            echo reset >'$HOME/end.mode'
            nectar-net pki-lookup --max-cached 60 alice.nec >/dev/null"
        assert_equal "$stderr" ""
    done
    mode end pass
    in_mount ro "nectar-net send -n bob alice -m x && nectar-net pki-lookup --max-cached 60 alice.nec"
    assert_equal "$stderr" ""
    # One that is there, and cannot be written any more.
    in_mount size=1m "
        nectar-net send -n bob alice -m x && mount -o remount,ro '${CACHE%/*}' || exit
        nectar-net send -n bob --max-cached 0 alice -m x || exit
        nectar-net send -n bob alice -m x"
    assert_equal "$stderr" ""
}
