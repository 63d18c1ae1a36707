# nectar-net. `make demo` and `make check` do all their own set-up; plain `make` installs nothing.
#
#   make            everything, into build/            make check       all tests
#   make demo       the main job as a transcript       make check-san   the same under ASan and UBSan
#   make demo-chain the same, on a chain of its own
#   make deps       build packages (apt)               make lint        structure and style, offline
#   make install    PREFIX=/usr/local DESTDIR=         make bench       figures beside their limits
#   make interop    against an independent peer        make bench-interop   ratios to it
#   make fault      networks that fail, at length (part of check)
#   make soak       MINUTES=2, nodes that come and go    make valgrind   black-box tests under it
#   make fuzz       TIME=60 JOBS=1, each parser and a whole link (tests/fuzz/fuzz.mk)
#   make contract   compiles the registry's contract; gas-table: its costs (tests/chain/chain.mk)

VERSION := $(shell sed -n 's/.*NECTAR_VERSION *"\(.*\)"/\1/p' lib/include/nectar/version.h)
SONAME  := libnectar.so.0
PREFIX  ?= /usr/local
BINDIR      ?= $(PREFIX)/bin
LIBDIR      ?= $(PREFIX)/lib
LIBEXECDIR  ?= $(PREFIX)/libexec/nectar-net
INCLUDEDIR  ?= $(PREFIX)/include
MANDIR      ?= $(PREFIX)/share/man
DATADIR     ?= $(PREFIX)/share

B ?= build
CC ?= cc
AR ?= ar

BUILD_PACKAGES := gcc make pkg-config libsodium-dev libssl-dev \
	libcjson-dev nettle-dev libsecp256k1-dev libsqlite3-dev libcurl4-openssl-dev libinih-dev \
	libbsd-dev
TEST_PACKAGES := bats bats-assert bats-file libcmocka-dev perl jq mandoc man-db procps \
	socat zsh fish bash-completion curl openssl ca-certificates iproute2 strace
LINT_PACKAGES := clang-14 libclang-rt-14-dev llvm-14 clang-format-14 g++ mandoc shellcheck pmccabe valgrind
PKGS := libsodium libcjson nettle sqlite3
CMD_PKGS := inih libbsd

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wwrite-strings -Wpointer-arith -Wcast-align -Wformat=2 -Wundef \
	-Wvla -Wnull-dereference -Wimplicit-fallthrough -Wswitch-enum
ifdef WERROR
WARN += -Werror
endif
OPT ?= -O2 -g
HARDEN ?= -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fstack-clash-protection
ifdef SAN
OPT := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
HARDEN :=
endif
BASE_CFLAGS := -std=c11 -D_GNU_SOURCE -fPIC -fvisibility=hidden -include lib/base/banned.h \
	$(OPT) $(HARDEN) $(WARN)
DEPFLAGS = -MMD -MP
LDFLAGS += $(if $(SAN),-fsanitize=address$(comma)undefined) -Wl,-z,relro,-z,now -Wl,--as-needed
comma := ,

LIB_FOLDERS := $(shell sed -n 's/^\([a-z]*\):.*/\1/p' lib/LAYERS)
LIB_SRC := $(wildcard $(LIB_FOLDERS:%=lib/%/*.c))
LIB_OBJ := $(LIB_SRC:lib/%.c=$(B)/obj/lib/%.o) $(B)/obj/lib/contract/registry_code.o
SHARED_SRC := $(wildcard cmd/shared/*.c)
SHARED_OBJ := $(SHARED_SRC:%.c=$(B)/obj/%.o)
VERBS := $(filter-out nectar-net,$(basename $(notdir $(wildcard cmd/*.c))))
BIN := $(B)/bin/nectar-net $(VERBS:%=$(B)/bin/nectar-net-%)
UNIT_SRC := $(wildcard tests/unit/*/*_test.c tests/wire/*_test.c tests/fuzz/*_fuzz.c \
	tests/chain/*_test.c)
UNIT := $(UNIT_SRC:tests/%.c=$(B)/tests/%)
UNIT_SHARED := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/unit/shared/*.c tests/wire/shared/*.c))
BENCH_SHARED := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/bench/shared/*.c))
BENCH := $(patsubst tests/bench/%.c,$(B)/bench/%,$(wildcard tests/bench/*.c))
HELPERS := $(patsubst tests/helpers/%.c,$(B)/helpers/%,$(wildcard tests/helpers/*.c)) $(B)/helpers/relay \
	$(B)/helpers/hostile $(B)/helpers/endpoint
HOSTILE_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/helpers/hostile/*.c))
ENDPOINT_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/helpers/endpoint/*.c))
RELAY_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/fault/*.c))

# Asked for once, and only when something is compiled.
pkg = $(shell pkg-config $(1) $(2) 2>/dev/null)
LIB_CFLAGS = $(eval LIB_CFLAGS := $(call pkg,--cflags,$(PKGS)))$(LIB_CFLAGS)
# libcrypto is opened when it is first needed (crypto/libcrypto), libsecp256k1 and libcurl
# (net/libcurl) too.
LIB_LIBS = $(eval LIB_LIBS := $(call pkg,--libs,$(PKGS)) -lpthread)$(LIB_LIBS)
CMD_CFLAGS = $(eval CMD_CFLAGS := $(call pkg,--cflags,$(CMD_PKGS)))$(CMD_CFLAGS)
CMD_LIBS = $(eval CMD_LIBS := $(call pkg,--libs,$(CMD_PKGS)))$(CMD_LIBS)

.PHONY: all deps deps-test deps-lint demo demo-chain check check-san check-run lint bench install uninstall \
	clean completions have-packages unit helpers chain contract gas-table fault interop \
	bench-interop soak valgrind
.DELETE_ON_ERROR:
.SECONDARY:

all: $(B)/lib/$(SONAME) $(B)/lib/libnectar.a $(BIN)

# --- packages -------------------------------------------------------------------------------

deps:
	@tests/install-packages $(BUILD_PACKAGES)
deps-test: deps
	@tests/install-packages $(TEST_PACKAGES)
deps-lint: deps-test
	@tests/install-packages $(LINT_PACKAGES)

# Each library by what pkg-config calls it, and the package that brings it.
PROVIDERS := libsodium:libsodium-dev libcrypto:libssl-dev \
	libcjson:libcjson-dev nettle:nettle-dev libsecp256k1:libsecp256k1-dev sqlite3:libsqlite3-dev \
	libcurl:libcurl4-openssl-dev inih:libinih-dev libbsd:libbsd-dev

have-packages:
	@command -v pkg-config >/dev/null || { echo "missing package: pkg-config (run: make deps)" >&2; exit 1; }
	@missing=; for p in $(PROVIDERS); do \
	   pkg-config --exists $${p%%:*} || missing="$$missing $${p##*:}"; done; \
	   [ -z "$$missing" ] || { echo "missing packages:$$missing (run: make deps)" >&2; exit 1; }

# --- library --------------------------------------------------------------------------------

# Each folder sees only what lib/LAYERS lets it see: its include path is a folder of links.
$(B)/layers/.made: lib/LAYERS
	@mkdir -p $(B)/layers
	@sed -n 's/^\([a-z]*\): *\(.*\)/\1 \2/p' $< | while read -r f uses; do \
	   mkdir -p $(B)/layers/$$f; rm -f $(B)/layers/$$f/*; \
	   for u in $$f $$uses; do ln -sfn $(CURDIR)/lib/$$u $(B)/layers/$$f/$$u; done; done
	@touch $@

$(B)/obj/lib/%.o: lib/%.c $(B)/layers/.made | have-packages
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CFLAGS) $(DEFINES) $(LIB_CFLAGS) $(DEPFLAGS) -Ilib/include \
	   -I$(B)/layers/$(word 1,$(subst /, ,$*)) -c $< -o $@

# Opened when it is first needed, by the name of the one whose headers are compiled with.
$(B)/obj/lib/crypto/libsecp256k1.o: DEFINES = -DLIBSECP256K1_NAME='"$(shell readelf -d \
	$$($(CC) -print-file-name=libsecp256k1.so) 2>/dev/null | sed -n 's/.*soname: \[\(.*\)\]/\1/p')"'

# The code of the contract, as `make contract` compiled it: hex digits that become an array.
$(B)/generated/registry_code.c: lib/contract/NectarRegistry.bin
	@mkdir -p $(@D)
	@{ echo '#include "contract/registry.h"' && echo 'const uint8_t registry_code[] = {' && \
	   sed 's/../0x&,/g' $< && echo '};' && \
	   echo 'const size_t registry_code_len = sizeof registry_code;'; } >$@
$(B)/obj/lib/contract/registry_code.o: $(B)/generated/registry_code.c $(B)/layers/.made | have-packages
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CFLAGS) $(DEPFLAGS) -I$(B)/layers/contract -c $< -o $@

$(B)/lib/libnectar.a: $(LIB_OBJ)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/lib/$(SONAME): $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs -Wl,--exclude-libs,ALL $(LDFLAGS) $^ $(LIB_LIBS) -o $@
	@ln -sfn $(SONAME) $(B)/lib/libnectar.so

# --- programs -------------------------------------------------------------------------------

RPATH := -Wl,-rpath,'$$ORIGIN/../lib:$$ORIGIN/../../lib'

$(B)/obj/cmd/%.o: cmd/%.c | have-packages
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CFLAGS) $(CMD_CFLAGS) $(DEPFLAGS) -Ilib/include -Icmd -c $< -o $@

$(B)/obj/shared.a: $(SHARED_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

# The dispatcher links libc only, and is built again for the folder it is installed for.
$(B)/bin/nectar-net: cmd/nectar-net.c cmd/shared/verbs.h
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CFLAGS) $(LDFLAGS) $< -o $@
$(B)/install/nectar-net: cmd/nectar-net.c cmd/shared/verbs.h
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CFLAGS) -DEXEC_FOLDER='"$(LIBEXECDIR)"' $(LDFLAGS) $< -o $@

$(B)/bin/nectar-net-%: $(B)/obj/cmd/%.o $(B)/obj/shared.a $(B)/lib/$(SONAME)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(RPATH) $< $(B)/obj/shared.a -L$(B)/lib -lnectar $(CMD_LIBS) -o $@

# --- tests ----------------------------------------------------------------------------------

$(B)/obj/tests/%.o: tests/%.c | have-packages
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CFLAGS) $(LIB_CFLAGS) $(DEPFLAGS) -Ilib/include -Ilib -Itests -c $< -o $@

$(B)/tests/%: $(B)/obj/tests/%.o $(UNIT_SHARED) $(B)/lib/libnectar.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $< $(UNIT_SHARED) $(B)/lib/libnectar.a $(LIB_LIBS) -lcmocka -o $@

include tests/fuzz/fuzz.mk

$(B)/helpers/%: $(B)/obj/tests/helpers/%.o $(B)/lib/libnectar.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $< $(B)/lib/libnectar.a $(LIB_LIBS) -o $@

$(B)/helpers/hostile: $(HOSTILE_OBJ) $(B)/lib/libnectar.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ $(LIB_LIBS) -o $@

$(B)/helpers/endpoint: $(ENDPOINT_OBJ)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ $(LIB_LIBS) -o $@

# Joins network namespaces for the tests of faults; nothing of the library is in it.
$(B)/helpers/relay: $(RELAY_OBJ)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -lm -o $@

$(B)/bench/%: $(B)/obj/tests/bench/%.o $(BENCH_SHARED) $(B)/lib/libnectar.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $< $(BENCH_SHARED) $(B)/lib/libnectar.a $(LIB_LIBS) -o $@

unit: $(UNIT)
helpers: $(HELPERS)

include tests/chain/chain.mk

check: deps-test
	+$(MAKE) all unit helpers chain
	+$(MAKE) check-run

# Three at once, even on two processors: half of the time tests wait for something.
check-run:
	BUILD=$(abspath $(B)) $(if $(SAN),NECTAR_SANITIZED=1) prove --directives --timer -j3 \
	   --exec tests/run-one $(UNIT_SRC) $(wildcard tests/cmd/*.bats tests/chain/*.bats tests/fault/*.bats)

# The tests of faults alone, those that take minutes included, and their figures.
fault: all helpers
	BUILD=$(abspath $(B)) prove --comments --exec tests/run-one -j2 --timer \
	   $(wildcard tests/fault/long/*.bats tests/fault/*.bats)

# Listeners, routers and senders that come and go; nothing lost, doubled, or growing.
soak: all
	@BUILD=$(abspath $(B)) MINUTES=$(or $(MINUTES),2) tests/soak/run.sh

# FILES=tests/cmd/NAME.bats for some alone, FILTER=NAME for tests, TOOL=helgrind for races.
valgrind: all helpers
	@BUILD=$(abspath $(B)) TOOL=$(TOOL) FILTER="$(FILTER)" tests/valgrind/run.sh $(FILES)

check-san: deps-test
	+$(MAKE) B=$(B)/san SAN=1 all unit helpers chain
	+$(MAKE) B=$(B)/san SAN=1 check-run

demo: deps
	+$(MAKE) all
	@BUILD=$(abspath $(B)) tests/demo.sh

# With a real Ethereum node, in place of a file.
demo-chain: deps
	+$(MAKE) all chain
	@BUILD=$(abspath $(B)) tests/demo-chain.sh

# The independent peer in Rust (tests/interop/README.md); cargo fetches what Cargo.lock names.
interop: all
	@NECTAR_BIN=$(abspath $(B))/bin tests/interop/run.sh

bench-interop: all helpers
	@NECTAR_BIN=$(abspath $(B))/bin tests/interop/bench.sh

bench: all chain $(BENCH) $(B)/helpers/mute $(B)/helpers/burst $(B)/helpers/peak $(B)/helpers/abi
	@BUILD=$(abspath $(B)) tests/bench/run.sh

lint:
	@CC=$(CC) tests/lint/run.sh

completions: all
	@tests/lint/completions.sh --write $(B)

# --- installation ---------------------------------------------------------------------------

install: all $(B)/install/nectar-net $(B)/libnectar.pc
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(LIBEXECDIR) \
	   $(DESTDIR)$(INCLUDEDIR)/nectar $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man3 \
	   $(DESTDIR)$(MANDIR)/man5 $(DESTDIR)$(MANDIR)/man7 \
	   $(DESTDIR)$(DATADIR)/bash-completion/completions \
	   $(DESTDIR)$(DATADIR)/zsh/site-functions $(DESTDIR)$(DATADIR)/fish/vendor_completions.d
	install -m755 $(B)/install/nectar-net $(DESTDIR)$(BINDIR)/nectar-net
	install -m755 $(VERBS:%=$(B)/bin/nectar-net-%) $(DESTDIR)$(LIBEXECDIR)
	install -m755 $(B)/lib/$(SONAME) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sfn $(SONAME) $(DESTDIR)$(LIBDIR)/libnectar.so
	install -m644 $(B)/lib/libnectar.a $(DESTDIR)$(LIBDIR)
	install -m644 $(B)/libnectar.pc $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m644 lib/include/nectar/*.h $(DESTDIR)$(INCLUDEDIR)/nectar
	for n in 1 3 5 7; do for f in man/*.$$n; do [ -e $$f ] && install -m644 $$f $(DESTDIR)$(MANDIR)/man$$n; done; done
	install -m644 completions/nectar-net.bash $(DESTDIR)$(DATADIR)/bash-completion/completions/nectar-net
	install -m644 completions/_nectar-net $(DESTDIR)$(DATADIR)/zsh/site-functions
	install -m644 completions/nectar-net.fish $(DESTDIR)$(DATADIR)/fish/vendor_completions.d

$(B)/libnectar.pc: Makefile lib/include/nectar/version.h
	@mkdir -p $(@D)
	@printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'includedir=$(INCLUDEDIR)' '' \
	   'Name: libnectar' 'Description: The Nectar networking protocol' 'Version: $(VERSION)' \
	   'Libs: -L$${libdir} -lnectar' 'Libs.private: -lpthread' 'Requires.private: $(PKGS)' \
	   'Cflags: -I$${includedir}' >$@

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/nectar-net $(VERBS:%=$(DESTDIR)$(LIBEXECDIR)/nectar-net-%) \
	   $(DESTDIR)$(LIBDIR)/$(SONAME) $(DESTDIR)$(LIBDIR)/libnectar.so $(DESTDIR)$(LIBDIR)/libnectar.a \
	   $(DESTDIR)$(LIBDIR)/pkgconfig/libnectar.pc \
	   $(patsubst lib/include/%,$(DESTDIR)$(INCLUDEDIR)/%,$(wildcard lib/include/nectar/*.h)) \
	   $(foreach n,1 3 5 7,$(patsubst man/%,$(DESTDIR)$(MANDIR)/man$(n)/%,$(wildcard man/*.$(n)))) \
	   $(DESTDIR)$(DATADIR)/bash-completion/completions/nectar-net \
	   $(DESTDIR)$(DATADIR)/zsh/site-functions/_nectar-net \
	   $(DESTDIR)$(DATADIR)/fish/vendor_completions.d/nectar-net.fish
	-rmdir $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(INCLUDEDIR)/nectar 2>/dev/null

clean:
	rm -rf $(B)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
