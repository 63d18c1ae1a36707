#!/usr/bin/env bats
# make install and uninstall, into a folder of the test's own.

setup_file() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    BUILD=$(realpath "${BUILD:-build}")
    export BUILD ROOT=$PWD TO=$BATS_FILE_TMPDIR/to
    unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
    make_here install >"$BATS_FILE_TMPDIR/install.log" 2>&1 || {
        cat "$BATS_FILE_TMPDIR/install.log" >&2
        return 1
    }
}

# What is built must not be built again with other flags.
make_here() {
    make -C "$ROOT" -s B="$BUILD" DESTDIR="$TO" PREFIX=/usr ${NECTAR_SANITIZED:+SAN=1} "$@"
}

setup() {
    bats_load_library bats-support
    bats_load_library bats-assert
    bats_load_library bats-file
    unset NECTAR_NET_EXEC_PATH NECTAR_NAME NECTAR_KEY NECTAR_PKI NECTAR_PASSPHRASE_FILE NECTAR_ETH_KEY_FILE NECTAR_ETH_PASSPHRASE_FILE
    export HOME=$BATS_TEST_TMPDIR XDG_DATA_HOME=$BATS_TEST_TMPDIR/data \
        XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
}

@test "install puts programs, library, headers, manual and completions where they belong" {
    local name
    assert_file_executable "$TO/usr/bin/nectar-net"
    for name in "$BUILD"/bin/nectar-net-*; do
        assert_file_executable "$TO/usr/libexec/nectar-net/${name##*/}"
    done
    for name in lib/include/nectar/*.h; do
        assert_file_exist "$TO/usr/include/nectar/${name##*/}"
    done
    for name in man/*.[1-9]; do
        assert_file_exist "$TO/usr/share/man/man${name##*.}/${name##*/}"
    done
    assert_file_exist "$TO/usr/share/bash-completion/completions/nectar-net"
    assert_file_exist "$TO/usr/share/zsh/site-functions/_nectar-net"
    assert_file_exist "$TO/usr/share/fish/vendor_completions.d/nectar-net.fish"
    run readlink "$TO/usr/lib/libnectar.so"
    assert_output "$(basename "$TO"/usr/lib/libnectar.so.*)"
}

@test "the installed dispatcher finds the installed verbs and their library" {
    # Built for /usr/libexec/nectar-net; under DESTDIR it has to be told.
    export NECTAR_NET_EXEC_PATH=$TO/usr/libexec/nectar-net LD_LIBRARY_PATH=$TO/usr/lib
    run "$TO/usr/bin/nectar-net" version
    assert_success
    run "$TO/usr/bin/nectar-net" keygen -n squid.nec --no-passphrase
    assert_success
    assert_output --regexp '^[0-9a-f]{64}$'
}

@test "the installed dispatcher holds the folder it was installed for" {
    run grep -a -c /usr/libexec/nectar-net "$TO/usr/bin/nectar-net"
    assert_success
}

@test "nothing installed names the folder it was built in" {
    # Debug information does, in what is not stripped; search paths and texts must not.
    local file
    for file in "$TO"/usr/libexec/nectar-net/* "$TO"/usr/bin/* "$TO"/usr/lib/libnectar.so.*; do
        run bash -c "readelf -d '$file' | grep -E 'R(UN)?PATH' | grep -F '$ROOT'"
        assert_failure
    done
    run grep -rF "$ROOT" "$TO/usr/share" "$TO/usr/include" "$TO/usr/lib/pkgconfig"
    assert_failure
}

@test "a program compiles and links through pkg-config" {
    local flags sanitize=()
    cat >"$BATS_TEST_TMPDIR/tiny.c" <<'PROGRAM'
#include <nectar/nectar.h>
#include <stdio.h>
int main(void)
{
    return nectar_name_check("squid.nec") || printf("%s\n", nectar_version()) < 0;
}
PROGRAM
    # The prefix is /usr: for a staged tree pkg-config is told where it stands.
    export PKG_CONFIG_PATH=$TO/usr/lib/pkgconfig
    run pkg-config --modversion libnectar
    assert_success
    version=$output
    flags=$(pkg-config --define-variable=prefix="$TO/usr" --define-variable=libdir="$TO/usr/lib" \
        --define-variable=includedir="$TO/usr/include" --cflags --libs libnectar)
    [ -z "${NECTAR_SANITIZED:-}" ] || sanitize=("-fsanitize=address,undefined")
    # shellcheck disable=SC2086 # flags are words
    cc -std=c11 -Wall -Wextra -Werror "${sanitize[@]}" "$BATS_TEST_TMPDIR/tiny.c" $flags \
        -o "$BATS_TEST_TMPDIR/tiny"
    run env LD_LIBRARY_PATH="$TO/usr/lib" "$BATS_TEST_TMPDIR/tiny"
    assert_success
    assert_output "$version"
}

@test "uninstall leaves nothing" {
    local copy=$BATS_TEST_TMPDIR/to
    cp -a "$TO" "$copy"
    run make_here DESTDIR="$copy" uninstall
    assert_success
    run find "$copy" -type f -o -type l
    assert_output ""
}
