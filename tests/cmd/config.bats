#!/usr/bin/env bats
# Settings: option, environment, the user's file, the machine's file, default

load helpers

config() { # LINE...
    mkdir -p "$XDG_CONFIG_HOME/nectar-net"
    printf '%s\n' "$@" >"$XDG_CONFIG_HOME/nectar-net/config"
}

key_in() { # FILE: makes a key there, prints its public key
    nectar-net keygen -o "$1" --no-passphrase
}

@test "every setting, from the user's file" {
    make_node squid.nec
    make_node loach.nec
    config '# a comment' '; another' '' 'name = squid.nec' "  pki=$REGISTRY" 'timeout = 2.5' 'color = always' \
        "passphrase-file = $HOME/pass"
    assert_equal "$(nectar-net pubkey </dev/null)" "$(nectar-net pubkey -n squid.nec)"
    nectar-net pki-lookup squid.nec --json | jq -e --arg source "$REGISTRY" '.source==$source'
    run nectar-net pubkey -k /none
    assert_output --partial $'\033'
    echo pass >"$HOME/pass"
    nectar-net keygen -n eel.nec
    nectar-net publish-tx -n eel.nec --no-route
    config "key = $(key_of loach.nec)"
    assert_equal "$(nectar-net pubkey </dev/null)" "$(nectar-net pubkey -n loach.nec)"
}

@test "pki may stand on several lines, in order" {
    make_node squid.nec
    config "pki = sqlite:$HOME/none.db" "pki = $REGISTRY"
    nectar-net pki-lookup squid.nec --json | jq -e --arg source "$REGISTRY" '.source==$source'
}

@test "without XDG_CONFIG_HOME: ~/.config" {
    mkdir -p "$HOME/.config/nectar-net"
    echo 'nonsense = 1' >"$HOME/.config/nectar-net/config"
    run env -u XDG_CONFIG_HOME nectar-net pubkey
    assert_failure 2
    assert_output --partial "$HOME/.config/nectar-net/config:1:"
}

@test "option before environment before file" {
    make_node a.nec
    make_node b.nec
    make_node c.nec
    config 'name = c.nec'
    assert_equal "$(nectar-net pubkey </dev/null)" "$(nectar-net pubkey -n c.nec)"
    assert_equal "$(NECTAR_NAME=b.nec nectar-net pubkey </dev/null)" "$(nectar-net pubkey -n b.nec)"
    assert_equal "$(NECTAR_NAME=b.nec nectar-net pubkey -n a.nec)" "$(nectar-net pubkey -n a.nec)"
    # -n on the command line outdoes a key in the file.
    config "key = $(key_of c.nec)"
    assert_equal "$(nectar-net pubkey -n a.nec)" "$(nectar-net pubkey -k "$(key_of a.nec)")"
    # An empty variable is as good as none.
    assert_equal "$(NECTAR_KEY='' nectar-net pubkey </dev/null)" "$(nectar-net pubkey -n c.nec)"
    config "pki = sqlite:$HOME/none.db"
    run nectar-net pki-lookup a.nec
    assert_failure 5
    NECTAR_PKI=$REGISTRY nectar-net pki-lookup a.nec
    NECTAR_PKI=sqlite:$HOME/none.db nectar-net pki-lookup a.nec -p "$REGISTRY"
}

@test "the machine's file, below the user's" {
    unshare -m true 2>/dev/null || skip "needs a mount namespace"
    make_node a.nec
    make_node b.nec
    mkdir -p "$HOME/etc/nectar-net"
    echo 'name = a.nec' >"$HOME/etc/nectar-net/config"
    # All of /etc that the verbs may look at, with ours added.
    cp /etc/passwd /etc/nsswitch.conf /etc/ld.so.cache "$HOME/etc/"
    on_machine() {
        unshare -m bash -c 'mount --bind "$HOME/etc" /etc && exec "$@"' - "$@" </dev/null
    }
    assert_equal "$(on_machine nectar-net pubkey)" "$(nectar-net pubkey -n a.nec)"
    config 'name = b.nec'
    assert_equal "$(on_machine nectar-net pubkey)" "$(nectar-net pubkey -n b.nec)"
    rm "$XDG_CONFIG_HOME/nectar-net/config"
    echo 'nmae = a.nec' >"$HOME/etc/nectar-net/config"
    run on_machine nectar-net pubkey
    assert_failure 2
    assert_output --partial "/etc/nectar-net/config:1: unknown key: nmae"
}

@test "an unknown key: file and line, exit 2" {
    config 'name = a.nec' '' '# x' 'nmae = b.nec' 'other = 1'
    run nectar-net pubkey
    assert_failure 2
    assert_output "nectar-net pubkey: $XDG_CONFIG_HOME/nectar-net/config:4: unknown key: nmae"
    run nectar-net pubkey --json
    assert_failure 2
    jq -e '.error=="usage" and (.reason|test("config:4: unknown key: nmae"))' <<<"$output"
}

@test "a line that is no setting, a section, a key twice, no value, a line too long: exit 2" {
    for text in 'just words' '[section]' 'name =' '= value' "name = $(printf 'a%.0s' {1..300})"; do
        config '# first' "$text"
        run nectar-net pubkey
        assert_failure 2
        assert_output --partial "config:2:"
    done
    config 'name = a.nec' 'name = b.nec'
    run nectar-net pubkey
    assert_failure 2
    assert_output --partial "config:2: key given twice: name"
}

@test "a value that is none: where it stands, exit 2" {
    make_node a.nec
    config 'color = blue'
    run nectar-net pubkey -n a.nec
    assert_failure 2
    assert_output --partial "config:1: must be one of auto|always|never: blue"
    config 'timeout = soon'
    run nectar-net ping -n a.nec -c 1 a.nec
    assert_failure 2
    assert_output --partial "config:1: not a number of seconds: soon"
    config
    NECTAR_TIMEOUT=0 run nectar-net ping -n a.nec -c 1 a.nec
    assert_failure 2
    assert_output --partial "NECTAR_TIMEOUT: "
}

@test "a file that cannot be read: exit 2" {
    mkdir -p "$XDG_CONFIG_HOME/nectar-net/config"
    run nectar-net pubkey
    assert_failure 2
}

@test "no home at all: exit 2" {
    if getent passwd "$(id -u)" >/dev/null; then
        run env -u HOME -u XDG_DATA_HOME -u XDG_CONFIG_HOME nectar-net version
        assert_success
    else
        run env -u HOME -u XDG_DATA_HOME -u XDG_CONFIG_HOME nectar-net pubkey
        assert_failure 2
    fi
}
