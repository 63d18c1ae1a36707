#!/bin/bash
# gcc's static analyzer finds nothing in the library and the programs.
set -eu
make -s -j"$(nproc)" -k B=build/lint-analyzer CC=gcc WERROR=1 CFLAGS=-fanalyzer all
