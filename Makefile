# crashpipe - GNU make
#
#   make                  all tools, in build/
#   make check            a named sample of every kind of test (as root on Debian: installs what it needs)
#   make check-full       every test; tests/README.md says how long it takes
#   make demo             a real kernel crashes in a virtual machine and is captured
#   make bench            speed and memory beside makedumpfile (MAKEDUMPFILE=path MACHINES=dir)
#   make bench-send       dumpsend beside other NFS and SSH clients
#   make bench-service    seconds from a panic to the saved dump, beside kdump-tools and a bare busybox
#   make small            the tools as the capture image has them, in build/none/small/bin
#   make install PREFIX=/usr DESTDIR=... SYSCONFDIR=/etc UNITDIR=... UDEVDIR=...
#   make deb              a Debian package of all of it, in build/none
#
#   make CODECS="zlib lzo2"    a smaller build; all of them by default
#   make TRANSPORTS=ssh        dumpsend without NFS (or nfs: without SSH, or nothing)
#   make DWARF=                dumpfilter without -x and -g, which need libdw
#   make PACKERS= FDT=         kexec-load and crashreserve without liblzma and liblz4, without libfdt (arm64)
#   make DEFLATE=zlib          who makes zlib streams above level 1: deflate (libdeflate) or zlib
#   make SMALL= install        without the small tools: where libraries cannot be linked statically
#   make SAN=asan              sanitizers: asan (with ubsan), tsan
#   make CC=clang
#   make CC=aarch64-linux-gnu-gcc AR=aarch64-linux-gnu-ar PKG_CONFIG=...    for another machine

VERSION  = 0.1
TOOLS    = kexec-load crashreserve dumpfilter dumpmsg dumpsend
PREFIX  ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
UDEVDIR ?= $(PREFIX)/lib/udev
CODECS  ?= zlib lzo2 snappy libzstd
TRANSPORTS ?= nfs ssh
DEFLATE ?= deflate
DWARF   ?= dw
PACKERS ?= lzma lz4
FDT     ?= fdt
SMALL   ?= none nfs ssh none-zstd full
PKG_CONFIG ?= pkg-config
OBJCOPY ?= $(shell $(CC) -print-prog-name=objcopy)

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
pc-deflate = libdeflate
pc-nfs = libnfs
pc-ssh = libssh2
pc-dw = libdw
pc-lzma = liblzma
pc-lz4 = liblz4
deb-libelf = libelf-dev
deb-zlib = zlib1g-dev
deb-lzo2 = liblzo2-dev
deb-snappy = libsnappy-dev
deb-libzstd = libzstd-dev
deb-libdeflate = libdeflate-dev
deb-libnfs = libnfs-dev
deb-libssh2 = libssh2-1-dev
deb-libcrypto = libssl-dev
deb-libdw = libdw-dev
deb-liblzma = liblzma-dev
deb-liblz4 = liblz4-dev
deb-libfdt = libfdt-dev

deflate-pc = $(if $(filter zlib,$(CODECS)),$(filter-out zlib,$(pc-$(DEFLATE))))
PKGS     = libelf zlib $(if $(filter ssh,$(TRANSPORTS)),libcrypto) $(foreach t,$(TRANSPORTS),$(or $(pc-$(t)),$(error TRANSPORTS: $(t) is none: nfs ssh))) $(foreach c,$(CODECS),$(or $(pc-$(c)),$(error CODECS: no codec called $(c): zlib lzo2 snappy libzstd))) $(deflate-pc) $(foreach d,$(DWARF),$(or $(pc-$(d)),$(error DWARF: $(d) is none: dw or nothing))) \
           $(foreach p,$(PACKERS),$(or $(pc-$(p)),$(error PACKERS: $(p) is none: lzma lz4 or nothing)))
# libfdt is the one that pkg-config does not know
missing := $(strip $(foreach p,$(sort $(PKGS)),$(shell $(PKG_CONFIG) --exists $(p) || echo $(p))) \
             $(if $(FDT),$(shell echo '\#include <libfdt.h>' | $(CC) -E - >/dev/null 2>&1 || echo libfdt)))

CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
           -Wvla -Wno-missing-field-initializers -Werror
FLAGS    = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DVERSION='"$(VERSION)"' -Ilib \
           $(CODECS:%=-DHAVE_%) $(TRANSPORTS:%=-DHAVE_%) $(DWARF:%=-DHAVE_%) $(PACKERS:%=-DHAVE_%) $(FDT:%=-DHAVE_%) $(if $(deflate-pc),-DHAVE_$(deflate-pc)) \
           $(WARN) -MMD -MP -pthread $(san-$(SAN))
LIBS     = -Wl,--as-needed $(shell $(PKG_CONFIG) --libs $(PKGS)) $(FDT:%=-l%) -pthread

# "make V=1" shows the commands
V       ?= 0
Q        = $(if $(filter 1,$(V)),,@echo "  $(1) $(2)" &&) 

# what belongs to a transport or library that is not wanted
unwanted = $(if $(DWARF),,dumpfilter/debug-% dumpfilter/image% dumpfilter/vmlinux-%) \
           $(if $(filter nfs,$(TRANSPORTS)),,dumpsend/nfs% dumpsend/store-nfs%) \
           $(if $(filter ssh,$(TRANSPORTS)),,dumpsend/sftp% dumpsend/ssh2% dumpsend/channel% dumpsend/child% \
             dumpsend/hostkey% dumpsend/login% dumpsend/store-ssh% dumpsend/store-sftp% dumpsend/store-exec%)
objects  = $(patsubst %.c,$(B)/%.o,$(filter-out $(unwanted),$(wildcard $(1)/*.c)))
BIN      = $(TOOLS:%=$(B)/bin/%)

all: libraries $(BIN)

libraries:
	@command -v $(firstword $(PKG_CONFIG)) >/dev/null || { echo "crashpipe: pkg-config is missing: install Debian's package pkg-config" >&2; exit 1; }
	@$(foreach p,$(missing),echo "crashpipe: the library $(p) is missing: install Debian's package $(deb-$(p))" >&2;) \
	$(if $(missing),exit 1,:)

$(B)/lib.a: $(call objects,lib)
	$(call Q,AR,$@)$(AR) rcs $@ $^

define tool
$(B)/bin/$(1): $(call objects,$(1)) $(B)/lib.a
	@mkdir -p $$(@D)
	$$(call Q,LD,$$@)$$(CC) $$(FLAGS) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

# what was built in another way before is built anew
how      = $(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(LIBS)
$(B)/how: how-changed
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(how))' | cmp -s - $@ || echo '$(subst ','\'',$(how))' >$@
how-changed:

$(B)/%.o: %.c $(B)/how | libraries
	@mkdir -p $(@D)
	$(call Q,CC,$<)$(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The purgatory, for the machine that is compiled for; nothing that CFLAGS has for programs
# gets into it. Its linker script fails when anything is left to be done at run time.
machine := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
bare-x86_64 = -m64 -mno-red-zone -fcf-protection=none
# parts that one of them has besides
parts-aarch64 = sha256-aarch64
bare-aarch64 = -mstrict-align -mcmodel=tiny -mbranch-protection=none
BARE     = -std=gnu11 -Os -ffreestanding -fno-builtin -fpie -fvisibility=hidden -mgeneral-regs-only \
           -fno-stack-protector -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-sanitize=all \
           -fno-lto -ffunction-sections -U_FORTIFY_SOURCE $(WARN) -MMD -MP $(bare-$(machine))
BARELINK = $(bare-$(machine)) -nostdlib -pie -fno-sanitize=all -fno-lto -Wl,--no-dynamic-linker,--no-undefined,--gc-sections \
           -Wl,--build-id=none,-z,norelro,-z,noexecstack
purgatory := $(if $(bare-$(machine)),$(addsuffix .o,$(addprefix $(B)/purgatory/, \
             entry-$(machine) machine-$(machine) $(parts-$(machine)) start compare port mem libc sha256)))

$(B)/purgatory/%.o: kexec-load/purgatory/%.c $(B)/how
	@mkdir -p $(@D)
	$(call Q,CC,$<)$(CC) $(BARE) -c -o $@ $<
$(B)/purgatory/%.o: kexec-load/purgatory/%.S $(B)/how
	@mkdir -p $(@D)
	$(call Q,CC,$<)$(CC) $(BARE) -c -o $@ $<
$(B)/purgatory/%.o: lib/%.c $(B)/how
	@mkdir -p $(@D)
	$(call Q,CC,$<)$(CC) $(BARE) -c -o $@ $<
$(B)/purgatory/elf: kexec-load/purgatory/purgatory.lds $(purgatory)
	$(call Q,LD,$@)$(CC) $(BARELINK) -Wl,-T,$< -o $@ $(purgatory)
$(B)/purgatory/flat: $(if $(purgatory),$(B)/purgatory/elf) $(B)/how
	@mkdir -p $(@D)
	$(call Q,FLAT,$@)$(if $(purgatory),$$($(CC) -print-prog-name=objcopy) -O binary -j .purgatory $< $@,: >$@)
$(B)/kexec-load/purgatory-image.o: kexec-load/purgatory-image.S $(B)/purgatory/flat
	@mkdir -p $(@D)
	$(call Q,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -DPURGATORY='"$(B)/purgatory/flat"' -c -o $@ $<
$(B)/bin/kexec-load: $(B)/kexec-load/purgatory-image.o

# For the capture image: dumpfilter, dumpmsg and dumpsend in one static program, in some
# sizes. Only what differs is compiled for each of them: what is in a library and has no
# user does not get in. Codecs are all of CODECS, but zstd, which is as large as the C
# library, only where the name says so.
S        = $(B)/small
small-sends-nfs = nfs
small-sends-ssh = ssh
small-sends-full = nfs ssh
small-zstd-none-zstd = libzstd
small-zstd-full = libzstd
SMALLFLAGS = $(filter-out -fsanitize% -fno-sanitize% -DHAVE_dw $(TRANSPORTS:%=-DHAVE_%),$(FLAGS) $(CPPFLAGS) $(CFLAGS)) \
           -fno-pie -ffunction-sections -fdata-sections
small-unwanted = dumpfilter/debug-% dumpfilter/image% dumpfilter/vmlinux-%
small-objects = $(patsubst %.c,$(S)/%.o,$(filter-out $(small-unwanted),$(wildcard $(1)/*.c)))
# what is compiled for each: of dumpsend, what names the transports, and the list of codecs
small-own = $(addprefix $(S)/$(1)/,dumpsend/main.o dumpsend/deliver.o dumpsend/sha.o)
# libssh2.pc names libgcrypt's libraries, too, which Debian's libssh2 does not use
SMALLLIBS = $(filter-out -lgcrypt -lgpg-error,$(shell $(PKG_CONFIG) --static --libs $(filter-out libdw,$(PKGS)))) $(if $(filter snappy,$(CODECS)),-lstdc++ -lm) -pthread

$(S)/%.o: %.c $(B)/how | libraries
	@mkdir -p $(@D)
	$(call Q,CC,$@)$(CC) $(SMALLFLAGS) $(TRANSPORTS:%=-DHAVE_%) -c -o $@ $<
$(S)/lib.a: $(call small-objects,lib)
	$(call Q,AR,$@)$(AR) rcs $@ $^
$(S)/dumpsend.a: $(call small-objects,dumpsend)
	$(call Q,AR,$@)$(AR) rcs $@ $^
$(S)/whole/dumpfilter.o: $(call small-objects,dumpfilter)
$(S)/whole/dumpmsg.o: $(call small-objects,dumpmsg)
# a tool as one object, of which only main() can be seen
$(S)/whole/%.o:
	@mkdir -p $(@D)
	$(call Q,LD,$@)$(CC) -r -nostdlib -o $@ $(filter %.o %.a,$^)
	@$(OBJCOPY) --redefine-sym main=$(basename $(@F))_main --keep-global-symbol=$(basename $(@F))_main $@

define small
$(S)/$(1)/%.o: %.c $(B)/how | libraries
	@mkdir -p $$(@D)
	$$(call Q,CC,$$@)$$(CC) $$(filter-out $(if $(small-zstd-$(1)),,-DHAVE_libzstd),$$(SMALLFLAGS)) \
		$$(addprefix -DHAVE_,$$(filter $(small-sends-$(1)),$$(TRANSPORTS))) -c -o $$@ $$<
$(S)/$(1)/whole/dumpsend.o: $(call small-own,$(1)) $(S)/dumpsend.a
	@mkdir -p $$(@D)
	$$(call Q,LD,$$@)$$(CC) -r -nostdlib -o $$@ $$^
	@$$(OBJCOPY) --redefine-sym main=dumpsend_main --keep-global-symbol=dumpsend_main $$@
$(S)/bin/tools-$(1): $(S)/scripts/small/main.o $(S)/whole/dumpfilter.o $(S)/whole/dumpmsg.o \
		$(S)/$(1)/whole/dumpsend.o $(S)/$(1)/lib/codec.o $(S)/lib.a
	@mkdir -p $$(@D)
	$$(call Q,LD,$$@)$$(CC) $$(SMALLFLAGS) $$(filter-out -pie,$$(LDFLAGS)) -static -s -Wl,--gc-sections -o $$@ $$^ $$(SMALLLIBS) 2>$$@.said || { cat $$@.said >&2; false; }
	@# without a fault it says only that name services need shared libraries: those we use do not
	@rm -f $$@.said
endef
$(foreach k,$(SMALL),$(eval $(call small,$(k))))

small: $(SMALL:%=$(S)/bin/tools-%)

# put MODE,DIRECTORY,FILES: with the places of this PREFIX in them
put = install -d $(DESTDIR)$(2) && for file in $(3); do name=$${file\#\#*/} && \
	sed 's,/usr/\(sbin/kdump\|lib/crashpipe\),$(PREFIX)/\1,g' "$$file" >$(B)/put && \
	install -m $(1) $(B)/put "$(DESTDIR)$(2)/$$name" && rm $(B)/put || exit 1; done
pages = $(if $(wildcard scripts/*.$(1)),$(call put,644,$(PREFIX)/share/man/man$(1),$(wildcard scripts/*.$(1))))
# what initramfs generators, systemd and the kernel's packages look for is in these places below
# PREFIX; most of them look below /usr only
GENERATORS = $(PREFIX)/share/initramfs-tools $(PREFIX)/lib/dracut/modules.d $(PREFIX)/lib/initcpio $(PREFIX)/lib/kernel/install.d
LIBDIR   = $(PREFIX)/lib/crashpipe

install: all $(if $(SMALL),small)
	install -d $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(LIBDIR) $(DESTDIR)$(PREFIX)/share/man/man8
	install $(BIN) $(DESTDIR)$(PREFIX)/sbin
	install -m 644 $(foreach t,$(TOOLS),$(t)/$(t).8) $(DESTDIR)$(PREFIX)/share/man/man8
	$(if $(SMALL),install -d $(DESTDIR)$(LIBDIR)/small)
	$(if $(SMALL),install $(SMALL:%=$(S)/bin/tools-%) $(DESTDIR)$(LIBDIR)/small)
	$(call put,755,$(PREFIX)/sbin,$(wildcard scripts/kdump scripts/mkcapture))
	$(call put,755,$(LIBDIR),$(wildcard scripts/capture scripts/capture-init) scripts/systemd/capture-here \
		scripts/udev/reload-throttled scripts/hooks/contents scripts/hooks/start scripts/hooks/early-load scripts/hooks/kernel-changed)
	$(call put,644,$(LIBDIR)/lib,$(wildcard scripts/lib/*))
	$(call put,644,$(UNITDIR),$(wildcard scripts/systemd/*.service scripts/systemd/*.target scripts/systemd/*.path))
	$(call put,755,$(UNITDIR)/../system-generators,scripts/systemd/kdump-generator)
	$(call put,644,$(UDEVDIR)/rules.d,scripts/udev/98-kdump.rules)
	$(call put,755,$(word 1,$(GENERATORS))/hooks,scripts/hooks/initramfs-tools/hooks/crashpipe)
	$(call put,755,$(word 1,$(GENERATORS))/scripts/init-top,$(wildcard scripts/hooks/initramfs-tools/scripts/init-top/*))
	$(call put,755,$(word 2,$(GENERATORS))/50crashpipe,$(wildcard scripts/hooks/dracut/50crashpipe/*))
	$(call put,755,$(word 2,$(GENERATORS))/50crashpipe-early,$(wildcard scripts/hooks/dracut/50crashpipe-early/*))
	$(call put,755,$(word 3,$(GENERATORS))/install,$(wildcard scripts/hooks/mkinitcpio/install/*))
	$(call put,755,$(word 3,$(GENERATORS))/hooks,$(wildcard scripts/hooks/mkinitcpio/hooks/*))
	$(call put,755,$(word 4,$(GENERATORS)),scripts/hooks/kernel/95-crashpipe.install)
	$(call put,755,$(SYSCONFDIR)/kernel/postinst.d,scripts/hooks/kernel/postinst.d/zz-crashpipe)
	$(call put,755,$(SYSCONFDIR)/initramfs/post-update.d,scripts/hooks/kernel/postinst.d/zz-crashpipe)
	$(call put,755,$(SYSCONFDIR)/kernel/postrm.d,scripts/hooks/kernel/postrm.d/zz-crashpipe)
	$(if $(wildcard scripts/completion/*),$(call put,644,$(PREFIX)/share/bash-completion/completions,$(wildcard scripts/completion/*)))
	$(call pages,5)
	$(call pages,7)
	$(call pages,8)
	@# what an administrator has written stays
	$(foreach f,$(wildcard scripts/kdump.conf),[ -e $(DESTDIR)$(SYSCONFDIR)/kdump.conf ] || install -D -m 644 $(f) $(DESTDIR)$(SYSCONFDIR)/kdump.conf)
	[ -e $(DESTDIR)$(SYSCONFDIR)/sysctl.d/60-kdump.conf ] || \
		install -D -m 644 scripts/sysctl/kdump.conf $(DESTDIR)$(SYSCONFDIR)/sysctl.d/60-kdump.conf
	install -d $(addprefix $(DESTDIR)$(SYSCONFDIR)/kdump/,pre.d post.d emergency.d)
	install -d -m 700 $(DESTDIR)/var/lib/crashpipe

# a Debian package, of this machine's architecture, in $(B)
deb: all $(if $(SMALL),small)
	+scripts/deb/build $(B) $(VERSION) $(MAKE)

clean:
	rm -rf build

.PHONY: all libraries small install deb clean how-changed
.DELETE_ON_ERROR:
-include $(shell find $(B) -path $(B)/vm -prune -o -path $(B)/newer -prune -o -type f -name '*.d' -print 2>/dev/null)

# tests: tests/README.md says what each kind does

NEEDS    = tests/install-needs
TFLAGS   = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 $(WARN) -O2 -g -MMD -MP
UNIT     = $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*.c))
SAMPLES  = $(patsubst tests/gen/samples/%.dump,$(B)/samples/%.elf,$(wildcard tests/gen/samples/*.dump))
HELPERS  = $(addprefix $(B)/tests/,gen kept unflat pagediff proxy fault.so)
FUZZERS  = $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/*.c))
FOR     ?= 60
# as many at a time as there are processors, unless make was told otherwise
JOBS     = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

tests: all small $(UNIT) $(HELPERS) $(SAMPLES) $(B)/tests/images $(B)/tests/symbols

# programs that share nothing with what they test
$(B)/tests/gen: $(filter-out tests/gen/kept.c tests/gen/unflat.c,$(wildcard tests/gen/*.c))
$(B)/tests/kept: tests/gen/kept.c
$(B)/tests/unflat: tests/gen/unflat.c
$(B)/tests/pagediff: $(wildcard tests/diff/*.c)
$(B)/tests/proxy: $(wildcard tests/net/*.c)
$(B)/tests/pagediff: TLIBS = -lz -llzo2 -lsnappy -lzstd
$(addprefix $(B)/tests/,gen kept unflat pagediff proxy):
	@mkdir -p $(@D)
	$(call Q,CC,$@)$(CC) $(TFLAGS) -o $@ $(filter %.c,$^) $(TLIBS)

$(B)/tests/fault.so: $(wildcard tests/fault/*.c)
	@mkdir -p $(@D)
	$(call Q,CC,$@)$(CC) $(TFLAGS) -fPIC -shared -o $@ $(filter %.c,$^) -ldl

# "/* with: dumpmsg/ring.c ... */" at the top of a test: parts of tools to link in
with-sources = $(shell sed -n 's,^/\* with: \(.*\) \*/$$,\1,p' $(1))
with = $(addprefix $(B)/,$(addsuffix .o,$(basename $(call with-sources,$(1)))))
define unit
$(B)/tests/unit/$(1): $(B)/tests/unit/$(1).o $(call with,tests/unit/$(1).c) $(B)/lib.a
	$$(call Q,LD,$$@)$$(CC) $$(FLAGS) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ -lcmocka $$(LIBS)
endef
$(foreach u,$(notdir $(UNIT)),$(eval $(call unit,$(u))))

$(B)/tests/symbols: $(B)/tests/vm/symbols.o $(B)/lib.a
	$(call Q,LD,$@)$(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/images: $(B)/tests/vm/images.o $(B)/lib.a
	$(call Q,LD,$@)$(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/damage: $(B)/tests/fuzz/damage/damage.o $(call with,tests/fuzz/damage/damage.c) $(B)/lib.a
	$(call Q,LD,$@)$(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/tests/damage-log: $(B)/tests/fuzz/damage/log.o $(call with,tests/fuzz/damage/log.c) $(B)/lib.a
	$(call Q,LD,$@)$(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

.SECONDARY: $(UNIT:%=%.o)

# dumps of invented kernels; a change of an included part makes all of them anew
$(B)/samples/%.elf: tests/gen/samples/%.dump $(wildcard tests/gen/samples/*.inc) $(B)/tests/gen
	@mkdir -p $(@D)
	$(call Q,GEN,$@)$(B)/tests/gen $< $@

# clang's fuzzers, on a lib/ of their own
FUZZING  = $(filter-out -fsanitize%,$(FLAGS)) -g -O1 -fno-sanitize-recover=all
$(B)/fuzz/o/%.o: %.c
	@mkdir -p $(@D)
	$(call Q,CC,$@)clang $(FUZZING) -fsanitize=fuzzer-no-link,address,undefined -c -o $@ $<

define fuzzer
$(B)/fuzz/$(1): $$(patsubst %.c,$(B)/fuzz/o/%.o,tests/fuzz/$(1).c $$(wildcard lib/*.c) $(call with-sources,tests/fuzz/$(1).c))
	$$(call Q,LD,$$@)clang $$(FUZZING) -fsanitize=fuzzer,address,undefined -o $$@ $$(filter %.o,$$^) $$(LIBS)
endef
$(foreach f,$(notdir $(FUZZERS)),$(eval $(call fuzzer,$(f))))
.SECONDARY: $(patsubst %.c,$(B)/fuzz/o/%.o,$(wildcard tests/fuzz/*.c lib/*.c))

fuzzers: $(FUZZERS)

fuzz: tests fuzzers
	tests/fuzz/run $(B) $(FOR)

# what check needs besides: the parts built with sanitizers
sanitized: all $(UNIT) $(B)/tests/damage $(B)/tests/damage-log

check check-full:
	$(NEEDS) check
	+$(MAKE) $(JOBS) tests fuzzers
	+$(MAKE) deb
	+$(MAKE) $(JOBS) SAN=asan B=$(B)/asan sanitized
	tests/run $(B) $(if $(filter check,$@),sample,full)

demo:
	@$(NEEDS) demo
	+@$(MAKE) --no-print-directory all
	@tests/vm/demo $(B)/bin $(B)/vm

# MACHINES: where the dumps to measure with are, or will be: some minutes and 15 GB for each
MACHINES ?= $(B)/bench
PLAN     = $(patsubst %.c,$(B)/%.o,dumpfilter/plan.c dumpfilter/scan.c dumpfilter/scan-look.c dumpfilter/memory.c dumpfilter/vmemmap.c)
$(B)/tests/bench/floor: $(B)/tests/bench/floor.o $(B)/lib.a
$(B)/tests/bench/scan: $(B)/tests/bench/scan.o $(PLAN) $(B)/lib.a
$(B)/tests/bench/scan.o: FLAGS += -Idumpfilter
$(B)/tests/bench/floor $(B)/tests/bench/scan:
	$(call Q,LD,$@)$(CC) $(FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
.SECONDARY: $(B)/tests/bench/floor.o $(B)/tests/bench/scan.o

bench:
	$(NEEDS) check
	+$(MAKE) all $(B)/tests/gen $(B)/tests/bench/floor $(B)/tests/bench/scan
	tests/bench/log $(B) $(or $(MAKEDUMPFILE),-)
	tests/bench/machines $(B) $(MACHINES)
	tests/bench/run $(B) $(MACHINES) $(or $(MAKEDUMPFILE),-)

# what dumpsend is measured with and beside
PEERS    = $(addprefix $(B)/tests/bench/,measure nfs-async ssh2-cat)
$(B)/tests/bench/nfs-async: TLIBS = -lnfs
$(B)/tests/bench/ssh2-cat: TLIBS = -lssh2
$(B)/tests/bench/%: tests/bench/%.c
	@mkdir -p $(@D)
	$(call Q,CC,$@)$(CC) $(TFLAGS) -o $@ $< $(TLIBS)

bench-send:
	$(NEEDS) check
	+$(MAKE) all $(PEERS) $(B)/tests/gen $(B)/tests/proxy
	tests/bench/send $(B)

# as root: whole Debian machines crash
bench-service:
	$(NEEDS) check
	+$(MAKE) all small deb
	tests/bench/service $(B) $(B)/vm

.PHONY: tests fuzzers fuzz sanitized check check-full demo bench bench-send bench-service
