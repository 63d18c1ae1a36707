#!/bin/bash
# Who includes whom. lib/LAYERS says it for our own folders; the table below says which one folder
# sees each library.
set -u
. tests/lint/files.sh
bad=0
complain() {
    echo "$*"
    bad=1
}

# header (a shell pattern) and the folder that may include it
OWNERS='
sodium.h            crypto
sodium/*            crypto
openssl/*           crypto
secp256k1*.h        crypto
dlfcn.h             base
nettle/*            crypto
cjson/*             codec
sqlite3.h           pki
curl/*              net
ini.h               cmd/shared
bsd/*               cmd/shared
'
# What C and the system always have, by name, so that a new library cannot slip in unseen.
SYSTEM=' arpa/inet assert ctype dirent endian errno fcntl getopt immintrin inttypes limits
 linux/limits locale malloc math pthread pwd signal spawn stdalign stdarg stdatomic stdbool stddef stdint
 stdio stdlib string strings sys/eventfd sys/file sys/ioctl sys/mman sys/pidfd sys/prctl sys/queue
 sys/random sys/resource sys/stat sys/time sys/types sys/uio sys/wait termios time unistd wchar '
# Only net/ talks to the network; programs may ask for descriptors and sockets of their own.
NETWORK=' netdb net/if netinet/in netinet/tcp poll sys/epoll sys/socket sys/un '

# owner HEADER: the folder that may see it, or nothing
owner() {
    local pattern folder
    while read -r pattern folder; do
        # shellcheck disable=SC2053 # a pattern on purpose
        if [ -n "$pattern" ] && [[ $1 == $pattern ]]; then
            echo "$folder"
            return
        fi
    done <<<"$OWNERS"
}

in_list() { # WORD LIST
    case " $(echo "$2" | tr '\n' ' ') " in
    *" $1 "*) return 0 ;;
    *) return 1 ;;
    esac
}

check_angle() { # FILE FOLDER HEADER
    local file=$1 folder=$2 header=$3 sees
    case $header in
    nectar/*) return ;;
    esac
    sees=$(owner "$header")
    if [ -n "$sees" ]; then
        [ "$sees" = "$folder" ] || complain "$file: <$header> belongs to $sees alone"
    elif in_list "${header%.h}" "$NETWORK"; then
        case $folder in
        net | cmd | cmd/shared) ;;
        *) complain "$file: <$header>: only net/ talks to the network" ;;
        esac
    elif ! in_list "${header%.h}" "$SYSTEM"; then
        complain "$file: <$header> is neither a system header nor in the table of tests/lint/layers.sh"
    fi
}

includes() { # FILE: '<header' or '"header', one a line
    sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*([<"])([^>"]*)[>"].*/\1\2/p' "$1"
}

# The table of lib/LAYERS: folder -> what it may include
declare -A MAY
while IFS=: read -r folder uses; do
    MAY[$folder]=" $folder $uses "
done < <(grep -E '^[a-z]+:' lib/LAYERS)

for folder in lib/*/; do
    folder=$(basename "$folder")
    [ "$folder" = include ] || [ -n "${MAY[$folder]:-}" ] ||
        complain "lib/$folder: not in lib/LAYERS"
done

while read -r file; do
    folder=${file#lib/}
    folder=${folder%%/*}
    while read -r include; do
        header=${include:1}
        if [ "${include:0:1}" = '<' ]; then
            check_angle "$file" "$folder" "$header"
        elif [ "$folder" = include ]; then
            complain "$file: \"$header\": public headers include <nectar/...> and the standard ones"
        elif [ "${header#*/}" = "$header" ]; then
            complain "$file: \"$header\" does not name its folder"
        elif ! in_list "${header%%/*}" "${MAY[$folder]:-}"; then
            complain "$file: \"$header\": $folder may not include ${header%%/*}"
        fi
    done < <(includes "$file")
done < <(our_files lib -- -name '*.c' -o -name '*.h')

while read -r file; do
    folder=cmd
    case $file in cmd/shared/*) folder=cmd/shared ;; esac
    while read -r include; do
        header=${include:1}
        if [ "${include:0:1}" = '<' ]; then
            check_angle "$file" "$folder" "$header"
        elif [ "${header%%/*}" != shared ]; then
            complain "$file: \"$header\": programs see <nectar/...> and \"shared/...\" only"
        fi
    done < <(includes "$file")
done < <(our_files cmd -- -name '*.c' -o -name '*.h')

# The dispatcher starts with libc alone: of ours it sees the list of verbs and constants.
dispatcher_sees() {
    includes cmd/nectar-net.c | grep -E '^<nectar/|^"' | grep -vxE '"shared/verbs.h|<nectar/version.h'
}
if sees=$(dispatcher_sees); then
    complain "cmd/nectar-net.c: ${sees:1}: of ours it may see shared/verbs.h and nectar/version.h only"
fi
exit $bad
