# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# mkcapture.sh - systems to make capture images of; to be sourced behind case.sh
#
# Kernel and modules are those that tests/vm/fetch-kernel made, in BUILD_DIR/vm/kernels or
# in KERNELS; where there are none, cases with modules are skipped.
# shellcheck disable=SC2154,SC2317 # case.sh sets bin, and calls the cases

top=$(cd "${0%/*}/../.." && pwd)
mkcapture=$top/scripts/mkcapture

# invented: a system without modules, and what resolve_config would have said of it
invented() {
	unsanitized
	[ "$(id -u)" -eq 0 ] || skip 'needs root: it runs programs in the image'
	busybox=$(command -v busybox) || skip 'no busybox'
	small=$(dirname "$bin")/small/bin
	[ -x "$small/tools-none" ] || why "$small: make small"
	CRASHPIPE_BIN=$bin CRASHPIPE_SMALL=$small KDUMP_ROOT=$PWD/root kver=6.1.0-test
	export CRASHPIPE_BIN CRASHPIPE_SMALL KDUMP_ROOT
	mkdir -p root/bin root/boot root/etc "root/lib/modules/$kver" from
	: >"root/lib/modules/$kver/modules.builtin"
	cp "$busybox" root/bin/busybox
	cat >from/capture.conf <<-'END'
		format 1
		host box
		layout rhel
		dump_options -l -d 31
		failure_action reboot
		final_action reboot
		watchdog yes
		target 1 kind disk
		target 1 needs disk
		target 1 device UUID=0123
		target 1 fstype ext4
		target 1 dir /var/crash
		target 1 shown local
	END
	: >from/files
	: >from/modules
	: >from/programs
	printf '%s\n' CONFIG_BLK_DEV_INITRD=y CONFIG_BINFMT_ELF=y CONFIG_BINFMT_SCRIPT=y \
		CONFIG_PROC_VMCORE=y CONFIG_DEVTMPFS=y CONFIG_RD_GZIP=y CONFIG_MODULES=y >"root/boot/config-$kver"
}

# real: the same with the modules of a real kernel
real() {
	kernel=${KERNELS:-$(dirname "$bin")/vm/kernels}/6.1
	[ -s "$kernel/version" ] || skip "no kernel in $kernel: tests/vm/fetch-kernel makes it"
	invented
	kver=$(cat "$kernel/version")
	cp -al "$kernel/lib/modules/$kver" root/lib/modules/ 2>/dev/null ||
		cp -a "$kernel/lib/modules/$kver" root/lib/modules/
	cp root/boot/config-6.1.0-test "root/boot/config-$kver"
	printf '%s\n' virtio_pci virtio_blk >from/modules
}

# build [OPTION...]: the image, without a complaint; plain, because that is quicker
build() {
	expect 0 "$mkcapture" -q -k "$kver" --from from --compress none "$@" -o image
	says_nothing
}

# unpacked: the image, in tree, and what init unpacks
unpacked() {
	rm -rf tree
	mkdir tree
	gzip -dcf image >image.cpio
	(cd tree && cpio -i -d -m --quiet) <image.cpio || why 'cpio cannot read it'
	gzip -d tree/lib/modules/*.gz 2>/dev/null
	[ -e tree/lib/crashpipe/tools.gz ] || return 0
	gzip -d tree/lib/crashpipe/tools.gz
	chmod 755 tree/lib/crashpipe/tools
	mv tree/lib/crashpipe/tools tree/bin/dumpfilter
	ln tree/bin/dumpfilter tree/bin/dumpmsg
	ln tree/bin/dumpfilter tree/bin/dumpsend
}

# packed: tree, as the image
packed() {
	(cd tree && find . | cpio -o -H newc --quiet) >image
}

# finds TEXT...: the check of the image fails, and says this
finds() {
	expect 5 "$mkcapture" --check image -k "$kver"
	says "$@"
}
