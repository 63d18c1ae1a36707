#!/bin/sh
# Every C file is as clang-format writes it.
set -eu
. tests/lint/files.sh
c_files | xargs clang-format-14 --dry-run -Werror
