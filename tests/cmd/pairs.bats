#!/usr/bin/env bats
# Every pair of nodes, with and without an address, straight or through a router: bodies of every
# size arrive as they were sent, both ways, in both forms. Whoever sends is up itself at the time.

load net
load routing

# What a request from ax.nec to bx.nec serialises to, less its body, when that is 65,536 bytes or
# more: see sizes.bats.
SOURCE=ax.nec@cli:nectar-net:sys
TARGET=bx.nec@net:distro:sys
OVERHEAD=$((1 + 9 + (1 + ${#SOURCE}) + (1 + ${#TARGET}) + 1 + 1 + 8 + 1 + 1 + 1 + 5 + 1 + 1 + 1))
# The largest whose answer, two bytes more, can be one; and those about the first full chunk, whose
# own length takes two bytes less.
LARGEST=$((10485800 - OVERHEAD - 2))
FULL=$((65519 - 4 - OVERHEAD + 2))
SIZES="0 1 127 128 $((FULL - 1)) $FULL $((FULL + 1)) 65425 65426 65427 65519 65536 5242880 $LARGEST"

# Bodies for all tests. In the form of old peers a byte from 128 on takes two: only of lower ones
# does the largest body have as many.
setup_file() {
    local size
    for size in $SIZES; do
        head -c "$size" /dev/urandom >"$BATS_FILE_TMPDIR/bin.$size"
    done
    for size in $SIZES; do
        cp "$BATS_FILE_TMPDIR/bin.$size" "$BATS_FILE_TMPDIR/array.$size"
    done
    tr '\200-\377' '\0-\177' <"$BATS_FILE_TMPDIR/bin.$LARGEST" >"$BATS_FILE_TMPDIR/array.$LARGEST"
}

setup() {
    net_setup
    start_router r.nec
}

teardown() {
    net_teardown
}

# start_pair FIRST SECOND: a.nec and b.nec, each "direct" or "indirect", which echo.
start_pair() {
    local name=ax.nec form
    for form in "$1" "$2"; do
        case $form in
        direct) start_echo "$name" ;;
        indirect) start_echo "$name" r.nec ;;
        esac
        name=bx.nec
    done
}

# exchange PASSAGES OPTION...: every size, in both forms; each body comes back as it went, and so
# many passages through the router were needed for each.
exchange() {
    local passages=$1 form size options
    shift
    for form in bin array; do
        options=("$@")
        [ "$form" = bin ] || options+=(--compat)
        for size in $SIZES; do
            nectar-net send -n ax.nec bx.nec -W 30 --no-retry "${options[@]}" \
                -f "$BATS_FILE_TMPDIR/$form.$size" >"$HOME/back" || { echo "$form $size" && return 1; }
            cmp "$BATS_FILE_TMPDIR/$form.$size" "$HOME/back"
        done
    done
    assert_equal "$(routing_of r.nec | grep -c '^open ax.nec bx.nec')" \
        "$((passages * 2 * $(wc -w <<<"$SIZES")))"
}

@test "direct to direct" {
    start_pair direct direct
    exchange 0
}

@test "direct to direct, through a router" {
    start_pair direct direct
    exchange 1 --via r
}

@test "indirect to direct" {
    start_pair indirect direct
    exchange 0
}

@test "indirect to direct, through a router" {
    start_pair indirect direct
    exchange 1 --via r
}

@test "direct to indirect" {
    start_pair direct indirect
    exchange 1
}

@test "indirect to indirect" {
    start_pair indirect indirect
    exchange 1
}
