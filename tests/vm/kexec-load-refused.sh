# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # kexec-load-guest.sh sets what is not set here
#
# kexec-load-refused.sh - reloads that fail and leave the old kernel armed; a part of
# kexec-load-guest.sh

# a load that is told to stop while it waits for another
# shellcheck disable=SC2317  # expect runs it
interrupted() {
	refuse "$1" 16 kexec-load "$2" -p "$kernel" --append="$append set=wrong" &
	sleep 2
	kill $!
	wait $!
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
	refused kernel-elf 5 'no Linux kernel' /bin/busybox
	refused kernel-initrd 5 'is it the initrd' "$initrd"
	size=$(stat -c %s "$kernel")
	for length in 1 511 512 1023 1024 20000 40000 $((size / 2)) $((size - 4096)) $((size - 1)); do
		head -c "$length" "$kernel" >"$work/cut"
		refused "kernel-cut-$length" 5 'cut short\|not a bzImage' "$work/cut"
	done
	patched 510 '\0\0'
	refused header-boot-flag 5 'boot flag at 0x1fe' "$work/patched"
	patched 514 'HdrX'
	refused header-magic 5 'no bzImage\|not a bzImage\|no section .linux' "$work/patched"
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
	patched $((size / 2)) 'damage'
	refused payload-damaged 5 'checksum is wrong\|damaged' "$work/patched"
	refused payload-damaged-classical 5 'checksum is wrong\|damaged' -c "$work/patched"
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
	cp "$initrd" "$work/zeros"
	truncate -s 150M "$work/zeros"
	printf 'no archive' >"$work/odd"
	refused initrd-odd 5 'neither a cpio archive nor packed' "$kernel" --initrd="$work/odd"
	size=$(stat -c %s "$initrd")
	head -c $((size - 5000)) "$initrd" >"$work/odd"
	refused initrd-cut 5 'odd: ' "$kernel" --initrd="$work/odd"
	(cd "$boot" && echo vmlinuz | cpio -o -H newc 2>/dev/null) >"$work/odd"
	refused initrd-no-init 5 '/init is not in it' "$kernel" --initrd="$work/odd"
	refused initrd-no-rdinit 5 '/no/such is not in it' "$kernel" --initrd="$initrd" \
		--append="$append rdinit=/no/such"
	refused cmdline-2017 2 'the command line has 2017 characters, 1 too many' \
		"$kernel" --append="$(words 2017)"
	refused cmdline-5000 2 '2984 too many' "$kernel" --append="$(words 5000)"
	refused cmdline-5000-classical 2 'too many' -c "$kernel" --append="$(words 5000)"
	refused initrd-too-big-classical 1 'too small' -c "$kernel" --initrd="$work/zeros"
	rm -f "$work/zeros"
	expect not-root 1 1 'needs CAP_SYS_BOOT: run it as root' \
		as_nobody "kexec-load -p $kernel"
	expect not-root-unload 1 1 'needs CAP_SYS_BOOT: run it as root' \
		as_nobody 'kexec-load -p -u'
	expect not-root-status 0 1 '^armed' as_nobody 'kexec-load --status'
	expect not-root-check 1 1 'needs CAP_SYS_BOOT' as_nobody "kexec-load --check $kernel"
	expect not-root-hidden 1 1 'needs CAP_SYS_BOOT' as_nobody "kexec-load -p -n $kernel"
	grep -q 'does not tell where the reservation lies' "$work/err" ||
		not_ok hidden-iomem 'zeros in /proc/iomem were not noticed'
	expect usage-no-kernel 2 1 'no KERNEL given' kexec-load -p
	expect usage-load 2 1 'only loads panic kernels' kexec-load -l "$kernel"
	expect usage-type 5 1 '' kexec-load -p -t elf "$kernel"
}

# each errno that a call can give, when it comes without the old image being lost
test_errno() {
	while read -r call number status pattern; do
		option=-s
		[ "$call" != classic ] || option=-c
		expect "errno-$call-$number" "$status" 1 "$pattern" \
			refuse "$call" "$number" kexec-load $option -p "$kernel" --append="$append set=wrong"
		grep -q 'the previous capture kernel is still loaded' "$work/err" ||
			not_ok "errno-$call-$number-state" 'the state was not told'
	done <<-END
		file 1 1 not permitted
		file 8 5 does not take this file for a kernel
		file 12 4 no memory for its copy
		file 16 4 try again
		file 22 1 see its log
		file 38 1 lacks kexec_file_load
		file 61 1 not signed
		file 126 1 does not trust
		file 129 1 wrong or revoked
		panic 22 1 see its log
		classic 1 1 not permitted
		classic 13 1 forbids the classical call
		classic 16 4 try again
		classic 38 1 lacks kexec_load
		classic 99 4 outside the reservation
	END
	expect errno-no-call 1 1 'lacks kexec_load' \
		refuse both 38 kexec-load -p "$kernel" --append="$append set=wrong"
	expect stopped 3 1 'stopped by SIGTERM' interrupted file -s
	expect stopped-classic 3 1 'stopped by SIGTERM' interrupted classic -c
	expect errno-unload-busy 4 1 'try again' refuse file 16 kexec-load -p -u
}
