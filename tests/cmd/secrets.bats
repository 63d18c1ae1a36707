#!/usr/bin/env bats
# No secret where it does not belong: memory that a core would hold, logs, arguments, core files.

load net
load routing

setup() {
    # A sanitizer maps terabytes of which nothing is there, and keeps what was freed.
    [ -z "${NECTAR_SANITIZED:-}" ] || skip "the memory of a sanitized process is not its own"
    net_setup
    PATH=$BUILD/helpers:$PATH
    PASSPHRASE=$(head -c 24 /dev/urandom | base64 | tr -d '=+/')
    printf %s "$PASSPHRASE" >"$HOME/passphrase"
}

teardown() {
    [ -n "${NECTAR_SANITIZED:-}" ] || net_teardown
}

# The secret of a key file that is not sealed, as bytes.
seed_of() {
    perl -e 'print pack "H*", $ARGV[0]' "$(jq -r .seed "$1")"
}

# serve OPTION...: a listen of squid.nec that has had a message and answered it.
serve() {
    memory allow nectar-net listen -n squid.nec --json -vvv --bind 127.0.0.1:0 "$@" \
        >"$HOME/out" 2>"$HOME/err" 3>&- &
    LISTENER=$!
    PIDS+=("$LISTENER")
    wait_for 10 grep -q '"type":"ready"' "$HOME/out"
    nectar-net publish-tx -n squid.nec "$@" --ws "$(jq -r 'select(.type=="ready").addr' "$HOME/out")"
    nectar-net send -n loach.nec squid.nec -m hello -vvv >"$HOME/send.out" 2>"$HOME/send.err"
}

# The secrets are at hand in the process, and only where no core and no log would show them.
assert_kept() { # MARKER...
    local marker
    for marker in "$@"; do
        run -1 memory core "$LISTENER" "$marker"
        [ "$(head -n 1 <<<"$output" | cut -d ' ' -f 2)" -gt 1000000 ]
        for file in out err send.out send.err; do
            run -1 memory file "$HOME/$file" "$marker"
        done
        run -1 memory file "/proc/$LISTENER/cmdline" "$marker"
        run -1 memory file "/proc/$LISTENER/environ" "$marker"
    done
}

@test "the seed of a plain key is in locked memory alone" {
    make_node loach.nec
    nectar-net keygen -n squid.nec --no-passphrase
    seed_of "$(key_of squid.nec)" >"$HOME/seed"
    assert_equal "$(wc -c <"$HOME/seed")" 32
    serve
    assert_kept "$HOME/seed"
    run -0 memory scan "$LISTENER" "$HOME/seed" # it is there, or nothing was shown
}

@test "a sealed key: its passphrase is nowhere, once it is open" {
    make_node loach.nec
    nectar-net keygen -n squid.nec --passphrase-file "$HOME/passphrase"
    serve --passphrase-file "$HOME/passphrase"
    assert_kept "$HOME/passphrase"
    run -1 memory scan "$LISTENER" "$HOME/passphrase"
    run -1 memory file "$(key_of squid.nec)" "$HOME/passphrase"
}

# sign KEY-FILE [PASSPHRASE-FILE]: a process that has signed with an Ethereum key, and has it still.
sign() {
    : >"$HOME/out" && : >"$HOME/send.out" && : >"$HOME/send.err"
    memory allow signer "$@" >"$HOME/out" 2>"$HOME/err" 3>&- &
    LISTENER=$!
    PIDS+=("$LISTENER")
    wait_for 30 grep -qE '^[0-9a-f]{64}$' "$HOME/out"
}

# As bytes, and as the numbers of a curve have them: the last byte first.
eth_secret() { # HEX-DIGITS
    perl -e 'print pack "H*", $ARGV[0]' "$1" >"$HOME/secret"
    perl -e 'print scalar reverse pack "H*", $ARGV[0]' "$1" >"$HOME/turned"
    assert_equal "$(wc -c <"$HOME/secret")" 32
}

@test "an Ethereum key is in locked memory alone, signed with or not" {
    nectar-net account new --no-passphrase -o "$HOME/eth.key"
    eth_secret "$(cat "$HOME/eth.key")"
    sign "$HOME/eth.key"
    assert_kept "$HOME/secret" "$HOME/turned"
    run -0 memory scan "$LISTENER" "$HOME/secret" # it is there, or nothing was shown
}

@test "an Ethereum key in a keystore: its passphrase is nowhere, once it is open" {
    jq '.keystores[1].json' "$BATS_TEST_DIRNAME/../vectors/keystore-v3.json" >"$HOME/pbkdf2"
    jq '.keystores[0].json' "$BATS_TEST_DIRNAME/../vectors/keystore-v3.json" >"$HOME/scrypt"
    chmod 600 "$HOME/pbkdf2" "$HOME/scrypt"
    eth_secret "$(jq -r '.keystores[0].secret' "$BATS_TEST_DIRNAME/../vectors/keystore-v3.json")"
    printf testpassword >"$HOME/passphrase"
    # What is looked for is no shorter than 16 bytes: the key of HMAC, filled up with zeros.
    printf 'testpassword\0\0\0\0\0\0\0\0' >"$HOME/filled"
    for file in pbkdf2 scrypt; do
        sign "$HOME/$file" "$HOME/passphrase"
        assert_kept "$HOME/secret" "$HOME/turned"
        run -1 memory scan "$LISTENER" "$HOME/filled"
        run -0 memory scan "$LISTENER" "$HOME/secret"
    done
}

@test "what is sent and received is in no log" {
    make_node loach.nec
    head -c 48 /dev/urandom >"$HOME/marker"
    start_listener squid.nec -vvv
    nectar-net send -vvv -n loach squid -f "$HOME/marker" >/dev/null 2>"$HOME/send.err"
    for log in squid.nec.err send.err; do
        test -s "$HOME/$log"
        run -1 memory file "$HOME/$log" "$HOME/marker"
    done
}

@test "whoever has a key leaves no core file" {
    make_node loach.nec
    make_node squid.nec
    cd "$HOME"
    ulimit -c unlimited || skip "core files cannot be allowed here"
    start_listener squid.nec
    assert_equal "$(awk '/Max core file size/ { print $5, $6 }' "/proc/$LISTENER/limits")" "0 0"
    kill -ABRT "$LISTENER"
    local status=0
    wait "$LISTENER" || status=$?
    assert_equal "$status" 134
    run find "$HOME" -name 'core*'
    assert_output ""
}
