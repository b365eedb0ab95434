#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kexec-load-guest.sh - the tests of kexec-load that need a real kernel
#
# Runs as root in a throw-away machine that was booted with crashkernel=, under busybox
# sh. Prints a line for each case, "ok NAME", "not ok NAME: why" or "skip NAME: why".
#
# usage: kexec-load-guest.sh BOOT PART     BOOT holds vmlinuz and initrd.img
#
# PART is one of
#   life      everything that works, and the limits; a panic is to follow
#   refused   reloads that fail before the old kernel is at risk; a panic is to follow
#   errno     the same, by the answers that the calls can give
#   lockdown  what a locked-down kernel refuses, in a rehearsal; a panic is to follow
#   lost      the same where no rehearsal is possible: the old kernel is lost for good
#   again     reloads that fail in the call, so that the old set is loaded again; a panic
#             is to follow
#   classic   the same, the old one loaded by the classical call
#
# Where a panic is to follow, set=first on the capture kernel's command line shows that
# it is the set that was loaded first. kexec-load, refuse and slot are found by PATH.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C

boot=$1
part=$2
kernel=$boot/vmlinuz
initrd=$boot/initrd.img
work=/tmp/kexec-load-test
append='console=ttyS0 irqpoll nr_cpus=1 reset_devices panic=5 no_timer_check'
first="$append set=first"
failed=0
# shellcheck source=/dev/null
# shellcheck disable=SC1091  # beside this script there
. "$boot/kexec-load-refused.sh"

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
	case "|$status|" in
	*"|$got|"*) ;;
	*)
		not_ok "$name" "exit $got instead of $status"
		return
		;;
	esac
	if [ "$(loaded)" != "$state" ]; then
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
	expect "$name" "$status" 1 "$pattern" kexec-load -p --append="$append set=wrong" "$@"
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

# shellcheck disable=SC2317  # expect runs it
as_nobody() {
	su -s /bin/sh -c "$1" nobody
}

words() {
	head -c "$1" /dev/zero | tr '\0' 'x'
}

# the record, as --status shows it
test_status() {
	expect status-files 0 1 "^kernel: *$kernel\$" kexec-load --status
	grep -q '^loaded: .*, by kexec_file_load$' "$work/out" ||
		not_ok status-call 'the call is not named'
	grep -q "^initrd: *$initrd\$" "$work/out" || not_ok status-initrd 'the initrd is not named'
	expect status-json 0 1 '"state": "armed".*"loaded_by": "kexec-load"' kexec-load --status --json
	cp "$initrd" "$work/other.img"
	expect other-initrd 0 1 '' kexec-load -p -q "$kernel" --initrd="$work/other.img" --append=a
	touch "$work/other.img"
	expect status-changed 0 1 'other.img (changed since)' kexec-load --status
	rm -f "$work/other.img" /run/crashpipe/capture-kernel
	expect status-another 0 1 '^loaded: *by another program' kexec-load --status
	expect status-another-json 0 1 '"loaded_by": "another program"' kexec-load --status --json
}

test_life() {
	expect status-not-armed 3 0 '^not armed: no capture kernel is loaded, [0-9]* MiB' \
		kexec-load --status
	expect unload-nothing 0 0 'no capture kernel was loaded' kexec-load -p -u
	expect check-nothing 0 0 '^rehearsal: *the kernel takes it' \
		kexec-load --check "$kernel" --initrd="$initrd" --append="$append"
	grep -q '^verdict: *a load would succeed' "$work/out" || not_ok check-verdict 'no verdict'
	expect guide-1 0 1 "^kexec-load: $kernel: loaded with $initrd: [0-9]* MiB of the" \
		kexec-load -p "$kernel" --initrd="$initrd" --append="root=/dev/x $append"
	expect status-armed 0 1 '^armed: ' kexec-load --status
	test_status
	expect guide-2 0 1 ': loaded with' \
		kexec-load -p --command-line="$append" --initrd="$initrd" "$kernel"
	expect unload 0 0 'no capture kernel is loaded now' kexec-load -p -u
	[ ! -e /run/crashpipe/capture-kernel ] || not_ok unload-record 'the record is still there'
	expect long-names 0 1 '(kexec_file_load)' kexec-load --load-panic --kexec-file-syscall \
		--ramdisk "$initrd" --append "$append" "$kernel"
	cp /run/crashpipe/capture-kernel "$work/record"
	expect unload-long 0 0 '' kexec-load --load-panic --unload
	# as if another program had unloaded it
	cp "$work/record" /run/crashpipe/capture-kernel
	expect stale 1 0 'No such file' kexec-load -p "$work/missing"
	[ ! -e /run/crashpipe/capture-kernel ] || not_ok stale-record 'the record is still there'
	expect classical 0 1 '(kexec_load)' kexec-load -c -p "$kernel" --initrd="$initrd" \
		--append="$append" --hotplug --no-checks --serial=none --noefi
	expect classical-status 0 1 '^loaded: .*, by kexec_load$' kexec-load --status
	expect classical-unload 0 0 '' kexec-load -p -u
	expect classical-long 0 1 '' kexec-load --kexec-syscall --load-panic "$kernel" -q
	for call in -s -c; do
		expect "uki$call" 0 1 "loaded with the kernel's own initrd" kexec-load $call -p "$boot/uki"
	done
	expect uki-status 0 1 '^command line: .*set=first' kexec-load --status
	expect quiet 0 1 '' kexec-load -q -p "$kernel" --append="$append"
	[ ! -s "$work/err" ] || not_ok quiet-silent 'it was not quiet'
	expect reload-no-initrd 0 1 ': loaded: ' kexec-load -p "$kernel" --append="$append"
	expect rehearsed 0 1 'has taken it in a rehearsal' kexec-load -p -v "$kernel" --append="$append"
	[ "$(rehearsal_slot)" = 0 ] || not_ok rehearsed-slot 'a kernel is left in the reboot slot'
	slot load "$kernel"
	: >/run/crashpipe/rehearsal
	expect killed 0 1 'a rehearsal that was killed' kexec-load -p "$kernel" --append="$append"
	[ "$(rehearsal_slot)" = 0 ] || not_ok killed-slot 'its kernel is still in the reboot slot'
	expect empty-cmdline 0 1 'the command line is empty' kexec-load -p "$kernel"
	expect dry-run 0 1 'characters' kexec-load -p -n "$kernel" --append="$append"
	expect dry-run-classical 0 1 '  purgatory$' kexec-load -c -p -n "$kernel" --append="$append"
	expect debug 0 1 '' kexec-load -p -d "$kernel" --append="$append"
	expect reuse 0 1 'left out: crashkernel=' \
		kexec-load -p -v --reuse-cmdline --append="$append" "$kernel"
	expect reuse-plan 0 1 "^command line: .* $append\$" \
		kexec-load -p -n --reuse-cmdline --append="$append" "$kernel"
	! grep -q crashkernel "$work/out" || not_ok reuse-crashkernel 'it is still there'
	expect longest-cmdline 0 1 '' kexec-load -p "$kernel" --append="$(words 2016)"
	expect longest-cmdline-classical 0 1 '' kexec-load -c -p "$kernel" --append="$(words 2016)"
	patched 566 '\37'
	grep -qw la57 /proc/cpuinfo || expect header-4-level 0 1 '' \
		kexec-load -p "$work/patched" --append="$append"
	expect cmdline-crashkernel 0 1 'would reserve memory too' \
		kexec-load -p "$kernel" --append='foo=crashkernel=99M'
	expect file-call-missing 0 1 '(kexec_load)' \
		refuse file 38 kexec-load -p "$kernel" --append="$append"
	expect unload-classical 0 0 'no capture kernel is loaded now' \
		refuse file 38 kexec-load -p -u
}

rehearsal_slot() {
	cat /sys/kernel/kexec/loaded 2>/dev/null || cat /sys/kernel/kexec_loaded
}

# loaders that meet wait for each other
test_two_at_once() {
	for n in 1 2; do
		(
			[ $n = 1 ] && call=-c || call=-s
			kexec-load -q "$call" -p "$kernel" --initrd="$initrd" --append="$first" \
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

# a copy of the kernel with a certificate table that is none
forge() {
	cp "$kernel" "$work/forged"
	size=$(stat -c %s "$kernel")
	printf '\20\0\0\0\0\2\2\0abcdefgh' >>"$work/forged"
	directory=$(($(le32 "$kernel" 60) + 24 + 144))
	b0=$(printf '%o' $((size & 255))) b1=$(printf '%o' $((size >> 8 & 255)))
	b2=$(printf '%o' $((size >> 16 & 255))) b3=$(printf '%o' $((size >> 24 & 255)))
	poke "$work/forged" "$directory" "\\$b0\\$b1\\$b2\\$b3\\20\\0\\0\\0"
}

# false, and a line, where there is no lockdown
lock_down() {
	mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
	echo integrity >/sys/kernel/security/lockdown 2>/dev/null && return
	printf 'skip %s: this kernel has no lockdown\n' "$part"
	return 1
}

# once locked down, only a signed kernel loads; the rehearsal tells
test_lockdown() {
	expect load-before-lockdown 0 1 '' kexec-load -p "$kernel" --initrd="$initrd" --append="$first"
	lock_down || return
	forge
	refused lockdown-unsigned 1 'locked down (integrity) and could not verify\|not signed' "$kernel"
	refused lockdown-forged 1 'locked down (integrity) and could not verify' "$work/forged"
	expect lockdown-check 1 1 '^verdict: *a load would fail' kexec-load --check "$work/forged"
	refused lockdown-classic 1 'locked down (integrity), which forbids the classical call' -c "$kernel"
	[ "$(rehearsal_slot)" = 0 ] || not_ok lockdown-slot 'a kernel is left in the reboot slot'
}

# where a kernel for a reboot is loaded there is no rehearsal, and the kernel loaded before
# is as unsigned as the new one
test_lost() {
	expect load-before-lockdown 0 1 '' kexec-load -p "$kernel" --initrd="$initrd" --append="$first"
	expect slot-load 0 1 '' slot load "$kernel"
	expect no-rehearsal 0 1 'no rehearsal: a kernel for a reboot is loaded' \
		kexec-load -v -p "$kernel" --initrd="$initrd" --append="$first"
	[ "$(rehearsal_slot)" = 1 ] || not_ok slot-kept 'the kernel for a reboot is gone'
	lock_down || return
	forge
	refused lost-unsigned 1 'not signed, and this machine may demand it (lockdown: integrity)' \
		"$kernel"
	expect lost-forged 1 0 'locked down (integrity) and could not verify' \
		kexec-load -p "$work/forged"
	grep -q 'the previous set .* could not be loaded again' "$work/err" ||
		not_ok lost-tried 'the previous set was not tried'
	tail -n 1 "$work/err" | grep -q 'NO capture kernel is loaded now' ||
		not_ok lost-state 'the state was not told'
	sed 's/^/# /' "$work/err"
	expect lost-status 3 0 '^not armed' kexec-load --status
	expect lockdown-unload 0 0 '' kexec-load -p -u
	expect slot-unload 0 0 '' slot unload
}

# an initrd that leaves the kernel no page for itself, though all segments fit: the
# reservation of this machine is made for it
make_full() {
	kexec-load -p -n -s "$kernel" --append=x >"$work/plan" 2>/dev/null
	bottom=$(sed -n 's/^ *0x[0-9a-f]*-\(0x[0-9a-f]*\) .* elfcorehdr$/\1/p' "$work/plan")
	top=$(sed -n 's/^ *\(0x[0-9a-f]*\)-.* kernel$/\1/p' "$work/plan")
	bottom=$((bottom + 1)) top=$((top))
	[ $bottom -ge $((16 << 20)) ] || bottom=$((16 << 20))
	cp "$initrd" "$work/full"
	truncate -s $(((top - bottom) & ~4095)) "$work/full"
}

# again NAME PATTERN: a reload that fails in the call, and is undone by a third load
again() {
	expect "$1" '1|4' 1 "$2" kexec-load -s -p "$kernel" --initrd="$work/full" --append="set=wrong"
	tail -n 1 "$work/err" | grep -q 'the previous capture kernel was loaded again' ||
		not_ok "$1-state" 'the state was not told'
	sed 's/^/# /' "$work/err"
}

test_again() {
	cp "$initrd" "$work/changing"
	expect armed-changing 0 1 '' kexec-load -p "$kernel" --initrd="$work/changing" --append="$append"
	make_full
	touch "$work/changing"
	refused again-changed 1 'a try may cost the capture kernel that is loaded' \
		-v -s "$kernel" --initrd="$work/full"
	grep -q 'cannot be loaded again: .*/changing was changed since' "$work/err" ||
		not_ok again-changed-why 'it was not told'
	expect again-changed-check 1 1 '^verdict: *a load would fail' \
		kexec-load --check -s "$kernel" --initrd="$work/full" --append=x
	rm "$work/changing"
	expect armed 0 1 '' kexec-load "$1" -p "$kernel" --initrd="$initrd" --append="$first"
	again again 'the kernel found no memory\|no room left\|too small or too fragmented'
	again again-twice ''
	expect again-status 0 1 "^initrd: *$initrd" kexec-load --status
}

test_limits() {
	limit=/proc/sys/kernel/kexec_load_limit_panic
	if [ -e $limit ]; then
		echo 1 >$limit
		expect limit-1 0 1 '' kexec-load -p "$boot/uki"
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
case $part in
life)
	test_life
	test_two_at_once
	expect armed 0 1 '' kexec-load -p "$boot/uki"
	test_limits
	;;
refused)
	expect armed 0 1 '' kexec-load -p "$kernel" --initrd="$initrd" --append="$first"
	test_bad_kernel
	test_bad_rest
	expect refused-status 0 1 "^command line: $first\$" kexec-load --status
	;;
errno)
	expect armed 0 1 '' kexec-load -p "$kernel" --initrd="$initrd" --append="$first"
	test_errno
	;;
lockdown) test_lockdown ;;
lost) test_lost ;;
again) test_again -s ;;
classic) test_again -c ;;
esac
rm -rf "$work"
exit $failed
