#!/bin/bash
# gcc's static analyzer finds nothing in the library and the programs. The path to a finding is
# shown by: make B=build/lint-analyzer CFLAGS=-fanalyzer
set -eu
make -s -j"$(nproc)" -k B=build/lint-analyzer CC=gcc WERROR=1 CFLAGS="-fanalyzer -fdiagnostics-path-format=none" all
