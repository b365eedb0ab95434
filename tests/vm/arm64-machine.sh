# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # work, out, kernel, build, here: see below
#
# arm64-machine.sh - crash an arm64 machine, for scripts to include
#
# The script that includes this has included arm64.sh before; it sets kernel to what
# fetch-kernel made, out to the machine's folder, build to what arm64-build made, and work
# as arm64.sh says. work/arm64-busybox is there. More may be set before initramfs():
#	turn	not empty: the host changes a byte of what was loaded (turn_byte())
#	packed	not empty: the kernel is loaded compressed
#	panic	commands for the first kernel's shell, instead of a panic by sysrq
#	files	of the host, for /etc there
#	tools	arm64 programs for /usr/bin there

turn='' packed='' panic='' files='' tools=''

archive() {
	(cd "$1" && find . | cpio -o -H newc -R 0:0 --quiet)
}

# files and tools that were asked for, with what util-linux' programs need
more() {
	mkdir -p "$root/etc" "$root/usr/bin" "$root/usr/lib/locale"
	cp -RL /usr/lib/locale/C.utf8 "$root/usr/lib/locale/"
	for file in $files; do
		cp "$file" "$root/etc/"
	done
	for tool in $tools; do
		program "$tool" "$root"
		mv "$root/bin/${tool##*/}" "$root/usr/bin/"
	done
}

# initramfs LOADER: $out/initrd.img for both kernels, and $out/first.img with what only
# the first one needs in front of it
initramfs() {
	root=$out/root
	rm -rf "$root"
	mkdir -p "$root/bin" "$root/lib" "$root/proc" "$root/sys" "$root/dev" "$root/tmp" "$root/run"
	cp "$work/arm64-busybox/bin/busybox" "$root/bin/"
	ln -s busybox "$root/bin/sh"
	cp "$work/arm64-sysroot/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1" "$root/lib/"
	for tool in kexec-load dumpfilter dumpmsg; do
		program "$build/bin/$tool" "$root"
	done
	aarch64-linux-gnu-strip "$root/bin/kexec-load" "$root/bin/dumpfilter" "$root/bin/dumpmsg"
	: >"$out/log"
	for name_ in virtio_mmio virtio_blk; do
		module $name_ "$root"
	done
	cp "$here/init-arm64-crash" "$root/init"
	chmod 755 "$root/init"
	append='console=ttyAMA0 irqpoll nr_cpus=1 reset_devices panic=5'
	printf "loader='%s'\nturn='%s'\nappend='%s'\n" "$1" "$turn" "$append" \
		>"$root/machine.conf"
	printf "panic='%s'\n" "$(printf '%s' "$panic" | sed "s/'/'\\\\''/g")" >>"$root/machine.conf"
	more
	archive "$root" | gzip -1 >"$out/initrd.img"
	rm -rf "$root"
	mkdir -p "$root/boot"
	cp "$out/initrd.img" "$root/boot/"
	if [ -n "$packed" ]; then
		gzip -1 <"$kernel/vmlinuz" >"$root/boot/vmlinuz"
	else
		cp "$kernel/vmlinuz" "$root/boot/"
	fi
	{
		archive "$root"
		cat "$out/initrd.img"
	} >"$out/first.img"
	rm -rf "$root"
}

# disk NAME MIB: a file of $out and its options
disk() {
	rm -f "$out/$1.disk"
	truncate -s "$2"M "$out/$1.disk"
	printf -- '-drive file=%s,format=raw,if=none,id=%s,cache=unsafe ' "$out/$1.disk" "$1"
	printf -- '-device virtio-blk-device,drive=%s,serial=%s ' "$1" "$1"
}

# value NAME: the last of what the guest said
value() {
	sed -n "s/^vm: $1=//p" "$out/serial.text" | tail -n 1
}

# wait until the guest has loaded, and change a byte of the elfcorehdr that nobody reads:
# p_align of the first program header. The machine's RAM, which begins at 1 GiB, is a file.
turn_byte() {
	tries=0
	until grep -q '^vm: turn' "$out/serial.log" 2>/dev/null; do
		sleep 1
		tries=$((tries + 1))
		[ $tries -lt 300 ] || return
	done
	at=$(sed -n 's/^ *\(0x[0-9a-f]*\)-.* elfcorehdr.*/\1/p' "$out/serial.log" | tail -n 1)
	[ -n "$at" ] || return
	printf '\001' | dd of="$out/ram" bs=1 seek=$((at - 0x40000000 + 64 + 48)) conv=notrunc \
		2>/dev/null
}

# crash CPU MIB CRASHKERNEL [QEMU'S OPTION...]: until the machine is off
crash() {
	cpu=$1 mib=$2 reserve=$3
	shift 3
	if [ -n "$turn" ]; then
		set -- "$@" -machine memory-backend=ram \
			-object "memory-backend-file,id=ram,mem-path=$out/ram,share=on,size=${mib}M"
		turn_byte &
	fi
	# shellcheck disable=SC2046,SC2086  # words on purpose; no path has blanks
	timeout --foreground -k 10 900 qemu-system-aarch64 -accel tcg,thread=multi \
		-M virt,gic-version=3 -cpu "$cpu" -m "$mib" -smp 2 -nodefaults -display none \
		-no-reboot -serial "file:$out/serial.log" "$@" -kernel "$kernel/vmlinuz" \
		-initrd "$out/first.img" -append "console=ttyAMA0 crashkernel=$reserve panic=5" \
		$(disk first 64) $(disk second 256) $(disk raw $((mib + 64))) \
		</dev/null 2>"$out/qemu.err"
	wait
	rm -f "$out/ram"
	tr -d '\r' <"$out/serial.log" >"$out/serial.text"
	tail -n 3 "$out/serial.text" >"$out/log"
	for archive in first second; do
		mkdir -p "$out/$archive"
		tar -x -C "$out/$archive" -f "$out/$archive.disk" 2>/dev/null
		rm -f "$out/$archive.disk"
	done
	rm -f "$out/first.img" "$out/initrd.img"
	mv "$out/raw.disk" "$out/raw"
	[ "$(value end)" = yes ] && truncate -s "$(value bytes)" "$out/raw"
}
