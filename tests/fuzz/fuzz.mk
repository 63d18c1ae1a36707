# Fuzzing: included by the Makefile.
#
#   make fuzz TIME=60 JOBS=2 ONLY="frame link"   each target for TIME seconds, JOBS at once
#   make fuzz-merge                              adds what runs have found to the corpora
#   make fuzz-coverage                           what the corpora do not reach
#
# `make check` gives the corpora to the same targets with a main of our own (shared/replay.c).

FUZZ_SRC := $(wildcard tests/fuzz/*_fuzz.c)
FUZZ_NAMES := $(FUZZ_SRC:tests/fuzz/%_fuzz.c=%)
FUZZ_SHARED := $(patsubst %.c,$(B)/obj/%.o,$(filter-out %/replay.c,$(wildcard tests/fuzz/shared/*.c)))
FUZZ_MAIN := $(B)/obj/tests/fuzz/shared/replay.o
FUZZ_SEEDS := $(B)/tests/fuzz/seeds
TIME ?= 60
JOBS ?= 1
ONLY ?= $(FUZZ_NAMES)

# Everything is compiled once more, with clang and in a folder of its own.
FUZZ_WITH := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=undefined
FUZZ_MAKE = $(MAKE) -s B=$(B)/fuzz CC=clang-14 HARDEN= FUZZ_MAIN= \
	OPT='$(FUZZ_WITH) -fsanitize=fuzzer-no-link,address,undefined' \
	FUZZ_LINK=-fsanitize=fuzzer,address,undefined
COVERAGE_WITH := -fprofile-instr-generate -fcoverage-mapping -DNDEBUG
COVERAGE_MAKE = $(MAKE) -s B=$(B)/fuzz-coverage CC=clang-14 HARDEN= OPT='-O1 -g $(COVERAGE_WITH)' \
	FUZZ_LINK='$(COVERAGE_WITH)'

# By name, or the rule of the other tests would sometimes be taken.
$(FUZZ_NAMES:%=$(B)/tests/fuzz/%_fuzz): $(B)/tests/fuzz/%: $(B)/obj/tests/fuzz/%.o $(FUZZ_SHARED) $(FUZZ_MAIN) $(B)/lib/libnectar.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(FUZZ_LINK) $(filter %.o %/shared.a,$^) $(B)/lib/libnectar.a $(LIB_LIBS) -o $@

# The one parser among the programs.
$(B)/obj/tests/fuzz/batch_fuzz.o: CFLAGS += -Icmd
$(B)/tests/fuzz/batch_fuzz: $(B)/obj/shared.a

$(B)/fuzz-seeds: $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/fuzz/seeds/*.c)) $(UNIT_SHARED) \
		$(FUZZ_SHARED) $(B)/lib/libnectar.a
	$(CC) $(LDFLAGS) $^ $(LIB_LIBS) -lcmocka -o $@

.PHONY: fuzz fuzzers fuzz-merge fuzz-coverage
fuzzers: $(FUZZ_NAMES:%=$(B)/tests/fuzz/%_fuzz)

fuzz fuzz-merge: $(FUZZ_SEEDS)/.made
	@tests/install-packages $(BUILD_PACKAGES) $(LINT_PACKAGES)
	+$(FUZZ_MAKE) fuzzers
	@BUILD=$(abspath $(B))/fuzz SEEDS=$(abspath $(FUZZ_SEEDS)) TIME=$(TIME) JOBS=$(JOBS) tests/fuzz/run.sh $@ $(ONLY)

# Beginnings from tests/vectors and by hand.
$(FUZZ_SEEDS)/.made: $(B)/fuzz-seeds
	@mkdir -p $(@D)
	@$(B)/fuzz-seeds $(@D)
	@touch $@
unit: $(FUZZ_SEEDS)/.made

fuzz-coverage: $(FUZZ_SEEDS)/.made
	@tests/install-packages $(BUILD_PACKAGES) $(LINT_PACKAGES)
	+$(COVERAGE_MAKE) fuzzers
	@ln -sfn $(abspath $(FUZZ_SEEDS)) $(B)/fuzz-coverage/tests/fuzz/seeds
	@BUILD=$(abspath $(B))/fuzz-coverage tests/fuzz/coverage.sh $(ONLY)
