# crashpipe - GNU make
#
#   make                  all tools, in build/
#   make check            a named sample of every kind of test (as root on Debian: installs what it needs)
#   make check-full       every test; tests/README.md says how long it takes
#   make demo             a real kernel crashes in a virtual machine and is captured
#   make bench            speed and memory beside makedumpfile (MAKEDUMPFILE=path)
#   make install PREFIX=/usr DESTDIR=...
#
#   make CODECS="zlib lzo2"    a smaller build; all of them by default
#   make DEFLATE=zlib          who makes zlib streams: isal, deflate or zlib
#   make SAN=asan              sanitizers: asan (with ubsan), tsan
#   make CC=clang

VERSION  = 0.1
TOOLS    = kexec-load dumpfilter dumpmsg
PREFIX  ?= /usr/local
CODECS  ?= zlib lzo2 snappy libzstd
DEFLATE ?= isal

SAN     ?= none
B       ?= build/$(SAN)
san-none =
san-asan = -fsanitize=address,undefined -fno-sanitize-recover=all
san-tsan = -fsanitize=thread

# what each library is called by pkg-config, and the Debian package that has it
pc-zlib = zlib
pc-lzo2 = lzo2
pc-snappy = snappy
pc-libzstd = libzstd
pc-isal = libisal
pc-deflate = libdeflate
deb-libelf = libelf-dev
deb-zlib = zlib1g-dev
deb-lzo2 = liblzo2-dev
deb-snappy = libsnappy-dev
deb-libzstd = libzstd-dev
deb-libisal = libisal-dev
deb-libdeflate = libdeflate-dev

deflate-pc = $(if $(filter zlib,$(CODECS)),$(filter-out zlib,$(pc-$(DEFLATE))))
PKGS     = libelf zlib $(foreach c,$(CODECS),$(or $(pc-$(c)),$(error CODECS: no codec called $(c): zlib lzo2 snappy libzstd))) $(deflate-pc)
missing := $(strip $(foreach p,$(sort $(PKGS)),$(shell pkg-config --exists $(p) || echo $(p))))

CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
           -Wvla -Wno-missing-field-initializers -Werror
FLAGS    = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION='"$(VERSION)"' -Ilib \
           $(CODECS:%=-DHAVE_%) $(if $(deflate-pc),-DHAVE_$(deflate-pc)) \
           $(WARN) -MMD -MP -pthread $(san-$(SAN))
LIBS     = -Wl,--as-needed $(shell pkg-config --libs $(PKGS)) -pthread

objects  = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)/*.c))
BIN      = $(TOOLS:%=$(B)/bin/%)

all: libraries $(BIN)

libraries:
	@$(foreach p,$(missing),echo "crashpipe: the library $(p) is missing: install Debian's package $(deb-$(p))" >&2;) \
	$(if $(missing),exit 1,:)

$(B)/lib.a: $(call objects,lib)
	$(AR) rcs $@ $^

define tool
$(B)/bin/$(1): $(call objects,$(1)) $(B)/lib.a
	@mkdir -p $$(@D)
	$$(CC) $$(FLAGS) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

$(B)/%.o: %.c | libraries
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

install: all
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/share/man/man8
	install $(BIN) $(DESTDIR)$(PREFIX)/sbin
	install -m 644 $(foreach t,$(TOOLS),$(t)/$(t).8) $(DESTDIR)$(PREFIX)/share/man/man8

clean:
	rm -rf build

.PHONY: all libraries install clean
.DELETE_ON_ERROR:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
