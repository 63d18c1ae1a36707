#!/usr/bin/env bats
# What the manual shows of a chain of one's own works as it stands there; so does the demonstration.

load ../cmd/net

setup() {
    net_setup
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    ANVIL=$(realpath build/chain/node_modules/.bin)
}

teardown() {
    net_teardown
}

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (: </dev/tcp/127.0.0.1/$port) 2>/dev/null || break
    done
    echo "$port"
}

# The Nth example of a page, on ports of its own, and then what is in the file "then". With it ends
# all it started.
run_example() { # PAGE N
    local port
    port=$(free_port)
    {
        awk -v kind=chain -v want="$2" -f tests/helpers/man-example.awk "$1" |
            sed "s/8545/$port/; s/9002/$(free_port)/
                s/^anvil &/anvil --port $port >anvil.log \\&\\nuntil (: <\\/dev\\/tcp\\/127.0.0.1\\/$port) 2>\\/dev\\/null; do sleep 0.05; done/"
        cat "$HOME/then"
    } >"$HOME/script"
    (
        set -m
        cd "$HOME" || exit 1
        PATH=$ANVIL:$PATH timeout 60 bash -eu -o pipefail script </dev/null 3>&- &
        job=$!
        status=0
        wait "$job" || status=$?
        kill -KILL -- "-$job" 2>/dev/null || true
        exit "$status"
    )
}

@test "a private testnet in five commands" {
    assert_equal "$(awk -v kind=chain -f tests/helpers/man-example.awk man/nectar-registry.5)" 1
    assert_equal "$(awk '/\.\\" chain/ { on = 1 } /^\.Ed/ { on = 0 } on && /^\$ /' man/nectar-registry.5 | wc -l)" 5
    cat >"$HOME/then" <<'END'
nectar-net pki-lookup --check squid
nectar-net registry names | grep -x squid.nec
END
    run run_example man/nectar-registry.5 1
    assert_success
    assert_line squid.nec
    assert_line --regexp '^0x[0-9a-f]{64}$'
}

@test "make demo-chain: the transcript, and nothing is left of it" {
    run env TMPDIR="$HOME" BUILD="$BUILD" tests/demo-chain.sh
    assert_success
    assert_line "hello yourself"
    assert_line --index $((${#lines[@]} - 1)) --regexp '^# Done\.'
    assert_equal "$(find "$HOME" -mindepth 1 -maxdepth 1 | wc -l)" 0
}
