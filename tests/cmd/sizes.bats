# Bodies of every size that could go wrong arrive identical, both ways.

load net

setup_file() {
    bats_require_minimum_version 1.5.0
}

setup() {
    net_setup
    make_node a.nec
    start_echo b.nec
}

teardown() {
    net_teardown
}

# there_and_back BYTES OPTION...: random bytes to b.nec, which sends them back.
there_and_back() {
    local size=$1
    shift
    head -c "$size" /dev/urandom >"$HOME/body"
    nectar-net send -n a.nec "$@" b.nec -f "$HOME/body" >"$HOME/back" || return
    cmp "$HOME/body" "$HOME/back"
}

# What a request from a.nec to b.nec serialises to, less its body, when that is 65,536 bytes or more:
# array, id, source, target, rsvp, map, "Request", array, inherit, expects, bin32, metadata,
# capabilities, blob.
SOURCE_A=a.nec@cli:nectar-net:sys
TARGET_B=b.nec@net:distro:sys
OVERHEAD=$((1 + 9 + (1 + ${#SOURCE_A}) + (1 + ${#TARGET_B}) + 1 + 1 + 8 + 1 + 1 + 1 + 5 + 1 + 1 + 1))
LARGEST=$((10485800 - OVERHEAD))

@test "no byte, and one" {
    there_and_back 0
    there_and_back 1
}

@test "every chunk boundary, -5 to +5" {
    local k d serialised
    for k in 1 2 3; do
        for d in -5 -4 -3 -2 -1 0 1 2 3 4 5; do
            serialised=$((k * 65519 + d))
            # Below 65,536 the body's own length takes two bytes less.
            there_and_back $((serialised - OVERHEAD + (k == 1 ? 2 : 0)))
        done
    done
}

@test "the same where the length before the message is counted" {
    local k d
    for k in 1 2 3; do
        for d in -5 -4 -3 -2 -1 0 1 2 3 4 5; do
            there_and_back $((k * 65519 + d - 4 - OVERHEAD + (k == 1 ? 2 : 0)))
        done
    done
}

@test "5 MiB of random bytes, in both forms" {
    there_and_back 5242880
    there_and_back 5242880 --compat
}

@test "the largest there is; one byte more is refused here, and nothing is sent" {
    # A response takes two bytes more than a request.
    there_and_back $((LARGEST - 2))
    start_listener c.nec --count 1
    head -c "$LARGEST" /dev/urandom >"$HOME/body"
    nectar-net send -n a.nec c.nec -f "$HOME/body"
    wait "$LISTENER"
    messages_of c.nec | jq -r .body_b64 | base64 -d | cmp - "$HOME/body"
    head -c $((LARGEST + 1)) /dev/zero >"$HOME/body"
    run -3 nectar-net send -n a.nec b.nec -f "$HOME/body"
    assert_output --partial "larger than allowed"
    there_and_back 1000
}

@test "listen prints a large body exactly" {
    start_listener c.nec --count 1
    head -c 3000000 /dev/urandom >"$HOME/body"
    nectar-net send -n a.nec c.nec -f "$HOME/body"
    wait "$LISTENER"
    messages_of c.nec | jq -r .body_b64 | base64 -d | cmp - "$HOME/body"
}
