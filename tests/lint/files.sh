# Sourced by the checks: which files are ours. The build, and what other tools fetch or build below
# tests/interop, are not.
# shellcheck shell=sh

# our_files FOLDER... -- FIND-TEST...: paths, one a line, sorted.
our_files() {
    folders=
    while [ "$1" != -- ]; do
        [ -d "$1" ] && folders="$folders $1"
        shift
    done
    shift
    # shellcheck disable=SC2086 # a list of folders
    find $folders -path '*/target' -prune -o -path tests/vectors -prune -o -type f \( "$@" \) -print |
        LC_ALL=C sort
}

c_files() {
    our_files lib cmd tests -- -name '*.c' -o -name '*.h'
}

# nothing: passes its input on, and fails if there is any.
nothing() {
    if grep .; then return 1; fi
}
