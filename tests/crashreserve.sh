# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # bin comes from case.sh
#
# crashreserve.sh - invented machines for the cases of crashreserve; to be sourced behind case.sh

# shellcheck source-path=SCRIPTDIR source=machine.sh
. "${0%/*}/../machine.sh"

gone() {
	rm -rf "machine$1"
}

# a machine of 2 GiB and 4 CPUs with 256 MiB reserved and nothing loaded, Linux 6.12
make_machine() {
	rm -rf machine
	put /proc/cmdline 'BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro crashkernel=256M quiet'
	put /proc/iomem '00001000-0009fbff : System RAM
00100000-7fffffff : System RAM
  02000000-02ffffff : Kernel code
  6f000000-7effffff : Crash kernel
fee00000-fee00fff : Local APIC'
	put /proc/meminfo 'MemTotal:        1800000 kB'
	put /proc/sys/kernel/osrelease 6.12.1-test
	put /proc/sys/kernel/arch x86_64
	put /proc/sys/kernel/panic 0
	put /proc/sys/kernel/panic_on_oops 1
	put /proc/sys/kernel/sysrq 1
	put /proc/sys/kernel/kexec_load_disabled 0
	put /proc/sys/kernel/random/boot_id 11111111-2222-3333-4444-555555555555
	put /sys/kernel/kexec_crash_size 268435456
	put /sys/kernel/kexec_crash_loaded 0
	put /sys/devices/system/cpu/possible 0-3
	put /var/log/dmesg '[    0.000000] Linux version 6.12.1-test (us)
[    0.000000] Command line: root=/dev/sda1 crashkernel=256M quiet
[    0.011000] crashkernel reserved: 0x000000006f000000 - 0x000000007f000000 (256 MB)
[    0.100000] Kernel command line: root=/dev/sda1 crashkernel=256M quiet'
}

# arm INIT_SIZE UNPACKED: kexec-load has loaded a kernel and an initial RAM disk of 4 MiB
arm() {
	put /sys/kernel/kexec_crash_loaded 1
	mkdir -p machine/boot
	truncate -s 8000000 machine/boot/vmlinuz
	truncate -s 4194304 machine/boot/capture.img
	touch -d @1700000000 machine/boot/vmlinuz machine/boot/capture.img
	put /run/crashpipe/capture-kernel "time=1700000100
call=kexec_file_load
kernel=/boot/vmlinuz
kernel-size=8000000
kernel-mtime-ns=1700000000000000000
initrd=/boot/capture.img
initrd-size=4194304
initrd-mtime-ns=1700000000000000000
command-line=console=ttyS0%20nr_cpus=1
used=50331648
init-size=$1
unpacked=$2"
}

# shows STATUS TEXT...: show exits so, and standard output holds each TEXT
shows() {
	status=$1
	shift
	expect "$status" "$bin/crashreserve" --root machine
	for text; do
		grep -q -F -e "$text" out || why "no \"$text\" in: $(cat out err)"
	done
}

# hides TEXT...: standard output holds none of these
hides() {
	for text; do
		! grep -q -F -e "$text" out || why "\"$text\" in: $(cat out)"
	done
}
