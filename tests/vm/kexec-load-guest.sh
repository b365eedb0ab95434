#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kexec-load-guest.sh - the tests of kexec-load that need a real kernel
#
# Runs as root in a throw-away machine that was booted with crashkernel=, under busybox
# sh. Prints a line for each case, "ok NAME", "not ok NAME: why" or "skip NAME: why".
#
# usage: kexec-load-guest.sh BOOT     BOOT holds vmlinuz and initrd.img
#
# In the end a capture kernel is loaded and may not be replaced any more, so that a
# panic can follow. kexec-load and refuse are found by PATH.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C

boot=$1
kernel=$boot/vmlinuz
initrd=$boot/initrd.img
work=/tmp/kexec-load-test
append='console=ttyS0 irqpoll nr_cpus=1 reset_devices panic=5'
failed=0

ok() {
	printf 'ok %s\n' "$1"
}

not_ok() {
	printf 'not ok %s: %s\n' "$1" "$2"
	sed 's/^/# /' "$work/err"
	failed=1
}

loaded() {
	cat /sys/kernel/kexec/crash_loaded 2>/dev/null || cat /sys/kernel/kexec_crash_loaded
}

# expect NAME STATUS LOADED PATTERN COMMAND...: exit status, state afterwards, a message
expect() {
	name=$1 status=$2 state=$3 pattern=$4
	shift 4
	"$@" >"$work/out" 2>"$work/err"
	got=$?
	if [ "$got" -ne "$status" ]; then
		not_ok "$name" "exit $got instead of $status"
	elif [ "$(loaded)" != "$state" ]; then
		not_ok "$name" "kexec_crash_loaded is $(loaded) instead of $state"
	elif [ -n "$pattern" ] && ! cat "$work/out" "$work/err" | grep -q -e "$pattern"; then
		not_ok "$name" "no message like: $pattern"
	else
		ok "$name"
	fi
}

# refused NAME STATUS PATTERN ARGUMENT...: a load that must leave the old image armed
refused() {
	name=$1 status=$2 pattern=$3
	shift 3
	expect "$name" "$status" 1 "$pattern" kexec-load -p "$@"
	grep -q 'the previous capture kernel is still loaded' "$work/err" ||
		not_ok "$name-state" 'the state was not told'
}

# poke FILE OFFSET BYTES (as printf takes them)
poke() {
	# shellcheck disable=SC2059  # escapes on purpose
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

# patched OFFSET BYTES: a copy of the kernel with other bytes there
patched() {
	cp "$kernel" "$work/patched"
	poke "$work/patched" "$1" "$2"
}

# le32 FILE OFFSET
le32() {
	hexdump -v -s "$2" -n 4 -e '1/4 "%u"' "$1"
}

# a load that is told to stop while it waits for another
# shellcheck disable=SC2317  # expect runs it
interrupted() {
	refuse 16 kexec-load -p "$kernel" --append="$append" &
	sleep 2
	kill $!
	wait $!
}

# shellcheck disable=SC2317  # expect runs it
as_nobody() {
	su -s /bin/sh -c "$1" nobody
}

words() {
	head -c "$1" /dev/zero | tr '\0' 'x'
}

test_life() {
	expect status-not-armed 3 0 '^not armed: no capture kernel is loaded, [0-9]* MiB' \
		kexec-load --status
	expect unload-nothing 0 0 'no capture kernel was loaded' kexec-load -p -u
	expect guide-1 0 1 "^kexec-load: $kernel: loaded with $initrd: [0-9]* MiB of the" \
		kexec-load -p "$kernel" --initrd="$initrd" --append="root=/dev/x $append"
	expect status-armed 0 1 '^armed: ' kexec-load --status
	expect guide-2 0 1 ': loaded with' \
		kexec-load -p --command-line="$append" --initrd="$initrd" "$kernel"
	expect unload 0 0 'no capture kernel is loaded now' kexec-load -p -u
	expect long-names 0 1 '' kexec-load --load-panic --kexec-file-syscall \
		--ramdisk "$initrd" --append "$append" "$kernel"
	expect unload-long 0 0 '' kexec-load --load-panic --unload
	expect quiet 0 1 '' kexec-load -q -p "$kernel" --append="$append"
	[ ! -s "$work/err" ] || not_ok quiet-silent 'it was not quiet'
	expect reload-no-initrd 0 1 ': loaded: ' kexec-load -p "$kernel" --append="$append"
	expect empty-cmdline 0 1 'the command line is empty' kexec-load -p "$kernel"
	expect dry-run 0 1 'characters' kexec-load -p -n "$kernel" --append="$append"
	expect debug 0 1 '' kexec-load -p -d "$kernel" --append="$append"
	expect reuse 0 1 'left out: crashkernel=' \
		kexec-load -p -v --reuse-cmdline --append="$append" "$kernel"
	expect reuse-plan 0 1 "^command line: .* $append\$" \
		kexec-load -p -n --reuse-cmdline --append="$append" "$kernel"
	! grep -q crashkernel "$work/out" || not_ok reuse-crashkernel 'it is still there'
	expect longest-cmdline 0 1 '' kexec-load -p "$kernel" --append="$(words 2016)"
}

test_bad_kernel() {
	refused kernel-missing 1 'No such file' "$work/missing"
	refused kernel-directory 5 'is a directory' "$work"
	mkfifo "$work/fifo"
	refused kernel-fifo 5 'not a regular file' "$work/fifo"
	refused kernel-device 5 'not a regular file' /dev/zero
	: >"$work/empty"
	refused kernel-empty 5 'empty' "$work/empty"
	head -c 1000000 /dev/urandom >"$work/garbage"
	refused kernel-garbage 5 'not a bzImage' "$work/garbage"
	refused kernel-elf 5 'an ELF file' /bin/busybox
	refused kernel-initrd 5 'gzip data' "$initrd"
	size=$(stat -c %s "$kernel")
	for length in 1 511 512 1023 1024 20000 40000 $((size / 2)) $((size - 4096)) $((size - 1)); do
		head -c "$length" "$kernel" >"$work/cut"
		refused "kernel-cut-$length" 5 'cut short\|not a bzImage' "$work/cut"
	done
	patched 510 '\0\0'
	refused header-boot-flag 5 'boot flag at 0x1fe' "$work/patched"
	patched 514 'HdrX'
	refused header-magic 5 'no bzImage\|not a bzImage' "$work/patched"
	patched 518 '\13\2'
	refused header-version 5 'boot protocol at 0x206 is 2.11' "$work/patched"
	patched 529 '\0'
	refused header-zimage 5 'LOADED_HIGH' "$work/patched"
	patched 566 '\76'
	refused header-32-bit 5 'KERNEL_64' "$work/patched"
	patched 566 '\75'
	refused header-above-4g 5 'CAN_BE_LOADED_ABOVE_4G' "$work/patched"
	patched 566 '\37'
	if grep -qw la57 /proc/cpuinfo; then
		refused header-5-level 5 '5LEVEL' "$work/patched"
	else
		expect header-4-level 0 1 '' kexec-load -p "$work/patched" --append="$append"
	fi
	patched 564 '\0'
	refused header-relocatable 5 'not relocatable' "$work/patched"
	patched 588 '\377\377\377\177'
	refused header-payload 5 'the compressed kernel' "$work/patched"
	patched 608 '\0\20\0\0'
	refused header-init-size 5 'of memory are asked for (0x260)' "$work/patched"
	patched 560 '\1\1\1\1'
	refused header-alignment 5 'alignment at 0x230' "$work/patched"
	patched 608 '\0\0\0\177'
	refused kernel-too-big 1 'too small' "$work/patched"
	start=$((($(hexdump -v -s 497 -n 1 -e '1/1 "%u"' "$kernel") + 1) * 512))
	patched $((start + $(le32 "$kernel" 584))) 'XXXX'
	refused payload-magic 5 'no known compression' "$work/patched"
	cp "$kernel" "$work/writing"
	exec 9>>"$work/writing"
	refused kernel-open-for-writing 4 'open for writing' "$work/writing"
	exec 9>&-
	cp "$kernel" "$work/long"
	truncate -s 200M "$work/long"
	refused kernel-trailer 5 'bytes follow the setup code' "$work/long"
	rm -f "$work/long" "$work/writing" "$work/cut" "$work/garbage"
}

test_bad_rest() {
	refused initrd-missing 1 'No such file' "$kernel" --initrd="$work/missing"
	refused initrd-directory 5 'is a directory' "$kernel" --initrd="$work"
	refused initrd-fifo 5 'not a regular file' "$kernel" --initrd="$work/fifo"
	refused initrd-empty 5 'empty' "$kernel" --initrd="$work/empty"
	truncate -s 400M "$work/big"
	refused initrd-too-big 1 'MiB too small: kernel' "$kernel" --initrd="$work/big"
	truncate -s 5G "$work/big"
	refused initrd-5-gib 5 '4 GiB at most' "$kernel" --initrd="$work/big"
	rm -f "$work/big"
	printf 'no archive' >"$work/odd"
	expect initrd-odd 0 1 'neither a cpio archive nor packed' \
		kexec-load -p "$kernel" --initrd="$work/odd" --append="$append"
	refused cmdline-2017 2 'the command line has 2017 characters, 1 too many' \
		"$kernel" --append="$(words 2017)"
	refused cmdline-5000 2 '2984 too many' "$kernel" --append="$(words 5000)"
	expect cmdline-crashkernel 0 1 'would reserve memory too' \
		kexec-load -p "$kernel" --append='foo=crashkernel=99M'
	expect not-root 1 1 'needs CAP_SYS_BOOT: run it as root' \
		as_nobody "kexec-load -p $kernel"
	expect not-root-unload 1 1 'needs CAP_SYS_BOOT: run it as root' \
		as_nobody 'kexec-load -p -u'
	expect not-root-status 0 1 '^armed' as_nobody 'kexec-load --status'
	expect usage-no-kernel 2 1 'no KERNEL given' kexec-load -p
	expect usage-load 2 1 'only loads panic kernels' kexec-load -l "$kernel"
	expect usage-classical 2 1 'not in this version' kexec-load -c -p "$kernel"
}

# each errno that the call can give, when it comes without the old image being lost
test_errno() {
	while read -r number status pattern; do
		expect "errno-$number" "$status" 1 "$pattern" \
			refuse "$number" kexec-load -p "$kernel" --append="$append"
		grep -q 'the previous capture kernel is still loaded' "$work/err" ||
			not_ok "errno-$number-state" 'the state was not told'
	done <<-END
		1 1 not permitted
		5 1 check the disk
		8 5 does not take this file for a kernel
		9 1 cannot be read
		12 4 no memory for its copy
		13 1 a security policy
		14 1 bad address
		16 4 try again
		22 1 see its log
		26 4 open for writing
		27 5 larger than the kernel takes
		38 1 lacks kexec_file_load
		61 1 not signed
		65 1 uses an algorithm
		74 5 signature of the kernel image is damaged
		80 5 well-formed
		90 5 signature of the kernel image is damaged
		95 1 does not support
		99 1 too small or too fragmented
		126 1 does not trust
		129 1 wrong or revoked
	END
	expect stopped 3 1 'stopped by SIGTERM' interrupted
	expect errno-unload-busy 4 1 'try again' refuse 16 kexec-load -p -u
	expect errno-unload-classical 0 0 'no capture kernel is loaded now' \
		refuse 38 kexec-load -p -u
}

# loaders that meet wait for each other
test_two_at_once() {
	for n in 1 2; do
		(
			kexec-load -q -p "$kernel" --initrd="$initrd" --append="$append" \
				2>"$work/err.$n"
			echo $? >"$work/status.$n"
		) &
	done
	wait
	cat "$work"/err.? >"$work/err"
	if [ "$(cat "$work"/status.? | tr -d '\n')" = 00 ] && [ "$(loaded)" = 1 ]; then
		ok two-at-once
	else
		not_ok two-at-once "exits $(cat "$work"/status.? | tr '\n' ' ')"
	fi
}

# once locked down, only a signed kernel loads; ours has a forged certificate table
test_lockdown() {
	mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
	if ! echo integrity >/sys/kernel/security/lockdown 2>/dev/null; then
		printf 'skip lockdown: this kernel has none\n'
		return
	fi
	refused lockdown-unsigned 1 'not signed, and this machine may demand it (lockdown: integrity)' \
		"$kernel"
	cp "$kernel" "$work/forged"
	size=$(stat -c %s "$kernel")
	printf '\20\0\0\0\0\2\2\0abcdefgh' >>"$work/forged"
	directory=$(($(le32 "$kernel" 60) + 24 + 144))
	b0=$(printf '%o' $((size & 255))) b1=$(printf '%o' $((size >> 8 & 255)))
	b2=$(printf '%o' $((size >> 16 & 255))) b3=$(printf '%o' $((size >> 24 & 255)))
	poke "$work/forged" "$directory" "\\$b0\\$b1\\$b2\\$b3\\20\\0\\0\\0"
	expect lockdown-forged 1 0 'locked down (integrity) and could not verify' \
		kexec-load -p "$work/forged"
	grep -q 'NO capture kernel is loaded now' "$work/err" ||
		not_ok lockdown-forged-state 'the state was not told'
	sed 's/^/# /' "$work/err"
	expect lockdown-unload 0 0 '' kexec-load -p -u
}

test_limits() {
	limit=/proc/sys/kernel/kexec_load_limit_panic
	if [ -e $limit ]; then
		echo 1 >$limit
		expect limit-1 0 1 '' kexec-load -p "$kernel" --initrd="$initrd" --append="$append"
		refused limit-0 1 'kexec_load_limit_panic is 0' "$kernel"
		expect limit-0-unload 1 1 'kexec_load_limit_panic is 0' kexec-load -p -u
	else
		printf 'skip limit: since Linux 6.3\n'
	fi
	echo 1 >/proc/sys/kernel/kexec_load_disabled
	refused disabled 1 'kexec_load_disabled is 1' "$kernel"
	expect disabled-unload 1 1 'kexec_load_disabled is 1' kexec-load -p -u
	expect disabled-status 0 1 '^armed' kexec-load --status
}

mkdir -p "$work" /etc
grep -q '^nobody:' /etc/passwd 2>/dev/null || echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd
: >"$work/err"
if grep -qw lockdown-test /proc/cmdline; then
	expect load-before-lockdown 0 1 '' kexec-load -p "$kernel" --append="$append"
	test_lockdown
else
	test_life
	expect armed 0 1 '' kexec-load -p "$kernel" --initrd="$initrd" --append="$append"
	test_bad_kernel
	test_bad_rest
	expect armed-again 0 1 '' kexec-load -p "$kernel" --initrd="$initrd" --append="$append"
	test_errno
	test_two_at_once
	test_limits
fi
rm -rf "$work"
exit $failed
