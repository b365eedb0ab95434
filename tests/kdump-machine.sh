# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154,SC2086  # bin comes from case.sh
#
# kdump-machine.sh - invented machines for the cases of scripts/kdump; to be sourced behind case.sh
#
# The machine is a tree of files, machine (KDUMP_ROOT). Nothing can be loaded there, so
# kexec-load has a stand-in in front of it that loads and unloads by writing what the
# kernel would say afterwards; all it is asked besides, and all options, go to the real
# one. FAIL in the environment lets a load end with that status.

# shellcheck source-path=SCRIPTDIR source=machine.sh
. "${0%/*}/../machine.sh"

top=$(cd "${0%/*}/../.." && pwd)
release=6.12.1-test

# make_kernel FILE: an ELF file with one segment of 20 MiB in memory
make_kernel() {
	{
		printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0'
		le 2 2 && le 2 62 && le 4 1 && le 8 $((0x1000100)) && le 8 64 && le 8 0
		le 4 0 && le 2 64 && le 2 56 && le 2 1 && le 2 0 && le 2 0 && le 2 0
		le 4 1 && le 4 5 && le 8 4096 && le 8 -2130706432 && le 8 $((0x1000000))
		le 8 1024 && le 8 $((20 << 20)) && le 8 $((0x200000))
	} >"$1"
	truncate -s 5120 "$1"
}

# make_stand_in: see above
make_stand_in() {
	mkdir -p stand-in
	cat >stand-in/kexec-load <<-END
		#!/bin/sh
		real=$bin/kexec-load
		machine=$PWD/machine
	END
	cat >>stand-in/kexec-load <<-'END'
		plan='' unload='' load='' initrd='' kernel='' status=''
		for word; do
			case $word in
			-n) plan=yes ;;
			-u) unload=yes ;;
			-p) load=yes ;;
			--status) status=yes ;;
			--initrd=*) initrd=${word#*=} ;;
			-*) ;;
			*) kernel=$word ;;
			esac
		done
		[ -z "$plan$status" ] && [ -n "$load" ] || exec "$real" "$@"
		[ "${FAIL:-0}" -eq 0 ] || {
			echo 'kexec-load: the kernel refused it' >&2
			exit "$FAIL"
		}
		if [ -n "$unload" ]; then
			rm -f "$machine/run/crashpipe/capture-kernel"
			echo 0 >"$machine/sys/kernel/kexec_crash_loaded"
			exit 0
		fi
		# what the real one refuses is refused
		"$real" "$@" -n >"$machine/plan" || exit
		cmdline=$(sed -n 's/^command line: //p' "$machine/plan")
		echo 1 >"$machine/sys/kernel/kexec_crash_loaded"
		# whole seconds: the record has nanoseconds, which not every stat shows
		touch -d "@$(stat -c %Y "$kernel")" "$kernel"
		touch -d "@$(stat -c %Y "$initrd")" "$initrd"
		mkdir -p "$machine/run/crashpipe"
		cat >"$machine/run/crashpipe/capture-kernel" <<-RECORD
			time=$(date +%s)
			call=kexec_file_load
			kernel=${kernel#"$machine"}
			kernel-size=$(stat -c %s "$kernel")
			kernel-mtime-ns=$(stat -c %Y "$kernel")000000000
			initrd=${initrd#"$machine"}
			initrd-size=$(stat -c %s "$initrd")
			initrd-mtime-ns=$(stat -c %Y "$initrd")000000000
			command-line=$(printf '%s' "$cmdline" | sed 's/%/%25/g; s/ /%20/g')
			used=50331648
			init-size=33554432
			unpacked=10485760
		RECORD
	END
	chmod 755 stand-in/kexec-load
	# the small tools, as mkcapture looks for them beside the others
	[ ! -d "$bin/../small" ] || ln -sfn "$bin/../small" small
	for tool in crashreserve dumpsend dumpfilter dumpmsg; do
		ln -sf "$bin/$tool" "stand-in/$tool"
	done
}

# block NAME DEV: a disk with one partition NAME1, DEV MAJOR; an ext4 is on it
block() {
	put "/sys/devices/pci/block/$1/dev" "$2:0"
	put "/sys/devices/pci/block/$1/${1}1/dev" "$2:1"
	put "/sys/devices/pci/block/$1/${1}1/partition" 1
	mkdir -p machine/sys/dev/block machine/sys/class/block
	ln -sf "../../devices/pci/block/$1" "machine/sys/dev/block/$2:0"
	ln -sf "../../devices/pci/block/$1/${1}1" "machine/sys/dev/block/$2:1"
	ln -sf "../../devices/pci/block/$1" "machine/sys/class/block/$1"
	ln -sf "../../devices/pci/block/$1/${1}1" "machine/sys/class/block/${1}1"
	mkdir -p machine/dev
	rm -f "machine/dev/${1}1"
	truncate -s 4M "machine/dev/${1}1"
	mkfs.ext4 -q -F -O ^has_journal -U "$3" "machine/dev/${1}1" >/dev/null 2>&1
	put "/run/udev/data/b$2:1" "E:ID_FS_UUID=$3
E:ID_FS_TYPE=ext4"
}

# a machine of 2 GiB with 256 MiB reserved, Linux 6.12, its root an ext4 on /dev/sda1;
# everything that a target needs is built into its kernel
make_machine() {
	rm -rf machine
	put /proc/cmdline 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro crashkernel=256M quiet panic=0 console=ttyS0'
	put /proc/iomem '00001000-0009fbff : System RAM
00100000-7fffffff : System RAM
  02000000-02ffffff : Kernel code
  6f000000-7effffff : Crash kernel
fee00000-fee00fff : Local APIC'
	put /proc/meminfo 'MemTotal:        1800000 kB
MemFree:         1000000 kB
MemAvailable:    1200000 kB
Buffers:            1000 kB
Cached:           200000 kB
AnonPages:         90000 kB'
	put /proc/sys/kernel/osrelease $release
	put /proc/sys/kernel/arch x86_64
	put /proc/sys/kernel/panic 0
	put /proc/sys/kernel/panic_on_oops 0
	put /proc/sys/kernel/sysrq 1
	put /proc/sys/kernel/kexec_load_disabled 0
	put /proc/sys/kernel/random/boot_id 11111111-2222-3333-4444-555555555555
	put /sys/kernel/kexec_crash_size 268435456
	put /sys/kernel/kexec_crash_loaded 0
	put /sys/devices/system/cpu/possible 0-3
	put /proc/self/mountinfo '22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw'
	put /var/log/dmesg '[    0.011000] crashkernel reserved: 0x000000006f000000 - 0x000000007f000000 (256 MB)'
	put /sys/kernel/vmcoreinfo '10000 1000'
	put /sys/devices/system/cpu/cpu0/crash_notes 20000
	put /sys/devices/system/cpu/cpu0/crash_notes_size 368
	put "/lib/modules/$release/modules.dep" ''
	put "/lib/modules/$release/modules.builtin" 'kernel/fs/ext4/ext4.ko
kernel/drivers/block/virtio_blk.ko
kernel/drivers/ata/ahci.ko'
	put "/boot/config-$release" 'CONFIG_MODULES=y
CONFIG_RD_GZIP=y
CONFIG_BLK_DEV_INITRD=y
CONFIG_BINFMT_ELF=y
CONFIG_BINFMT_SCRIPT=y
CONFIG_PROC_VMCORE=y
CONFIG_DEVTMPFS=y'
	block sda 8 11111111-2222-3333-4444-555555555555
	make_kernel "machine/boot/vmlinuz-$release"
	mkdir -p machine/var/crash machine/bin
	ln "$(command -v busybox)" machine/bin/busybox 2>/dev/null || cp "$(command -v busybox)" machine/bin/
	make_stand_in
}

# armed_machine: the same, with an image that is current, and loaded; it is made once
armed_machine() {
	if [ ! -d "$work/.armed" ]; then
		make_machine
		kdump 0 start
		cp -a machine "$work/.armed"
		pwd >"$work/.armed-in"
		return
	fi
	rm -rf machine
	cp -a "$work/.armed" machine
	make_stand_in
	sed -i "s| $(cat "$work/.armed-in")/| $PWD/|" machine/var/lib/crashpipe/$release/inputs \
		machine/var/lib/crashpipe/$release/files machine/run/crashpipe/loaded
	put /sys/kernel/kexec_crash_loaded 1
}

# kdump STATUS ARGUMENT...: the command on that machine ends so; see expect
kdump() {
	wanted=$1
	shift
	expect "$wanted" env KDUMP_ROOT="$PWD/machine" CRASHPIPE_BIN="$PWD/stand-in" \
		FAIL="${FAIL:-0}" KDUMP_PROBE_SECONDS="${KDUMP_PROBE_SECONDS:-2}" \
		${SHELL_OF_KDUMP:-sh} "$top/scripts/kdump" "$@"
}

# prints TEXT...: standard output holds each
prints() {
	for text; do
		grep -q -F -e "$text" out || why "no \"$text\" in: $(cat out err)"
	done
}

# prints_not TEXT...
prints_not() {
	for text; do
		! grep -q -F -e "$text" out || why "\"$text\" in: $(cat out)"
	done
}

# loaded 0|1: is anything, by the machine's own word?
loaded() {
	[ "$(cat machine/sys/kernel/kexec_crash_loaded)" = "$1" ] || why "loaded is not $1: $(cat err)"
}
