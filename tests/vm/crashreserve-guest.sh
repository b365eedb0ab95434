#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# crashreserve-guest.sh - crashreserve's show and shrink, asked on a real machine
#
# Runs as root in a throw-away machine, under busybox sh. Prints a line for each case,
# "ok NAME" or "not ok NAME: why", and "json TEXT" for the host to parse.
#
# usage: crashreserve-guest.sh BOOT CASE     BOOT holds vmlinuz and capture.img
#
# CASE says which command line the machine was booted with: main (256 MiB), gap (the
# same; a panic that must not be captured follows), none, malformed, large, two (regions,
# above and below 4 GiB). main ends with a capture kernel loaded, for a panic.

# the cases are called by their names
# shellcheck disable=SC2317
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C

boot=$1
work=/tmp/crashreserve-test
append='console=ttyS0 irqpoll nr_cpus=1 reset_devices panic=5'
failed=0

ok() {
	printf 'ok %s\n' "$1"
}

not_ok() {
	printf 'not ok %s: %s\n' "$1" "$2"
	sed 's/^/# /' "$work/out" "$work/err"
	failed=1
}

# expect NAME STATUS TEXT COMMAND...: exit status, and a text in what it says
expect() {
	name=$1 status=$2 text=$3
	shift 3
	"$@" >"$work/out" 2>"$work/err"
	got=$?
	if [ "$got" -ne "$status" ]; then
		not_ok "$name" "exit $got instead of $status"
	elif [ -n "$text" ] && ! cat "$work/out" "$work/err" | grep -q -F -e "$text"; then
		not_ok "$name" "does not say: $text"
	else
		ok "$name"
	fi
}

# holds NAME TEXT: the last answer holds this, too
holds() {
	grep -q -F -e "$2" "$work/out" || not_ok "$1" "does not say: $2"
}

json() {
	crashreserve --json >"$work/json" 2>"$work/err"
	sed 's/^/json /' "$work/json"
}

# number KEY: of the last JSON
number() {
	sed -n "s/.*\"$1\": \([0-9]*\).*/\1/p" "$work/json"
}

crash_size() {
	cat /sys/kernel/kexec/crash_size 2>/dev/null || cat /sys/kernel/kexec_crash_size
}

loaded() {
	cat /sys/kernel/kexec/crash_loaded 2>/dev/null || cat /sys/kernel/kexec_crash_loaded
}

# bytes of the N-th "Crash kernel" line from the end
region() {
	line=$(grep 'Crash kernel' /proc/iomem | tail -n "$1" | head -n 1)
	first=${line%%-*} last=${line#*-}
	last=${last%% *}
	[ -n "$line" ] && printf '%d' $((0x$last - 0x${first##* } + 1))
}

# is NAME A B: two numbers are equal
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "$2 is not $3"
	fi
}

load() {
	kexec-load -q -p "$boot/vmlinuz" --initrd="$boot/capture.img" --append="$append"
}

as_nobody() {
	su -s /bin/sh -c "$1" nobody
}

test_show() {
	expect not-armed 3 'memory is reserved but nothing is loaded' crashreserve
	holds not-armed-asked 'crashkernel=256M'
	holds not-armed-reserved '256 MiB at 0x'
	holds not-armed-log '256'
	holds not-armed-map 'CCC'
	expect load 0 '' load
	expect armed 0 'armed: a capture kernel is loaded' crashreserve
	holds armed-file "$boot/capture.img ("
	holds armed-cmdline "$append"
	cat "$work/out"
	json
	is json-size "$(number crash_size)" "$(crash_size)"
	expect nobody 0 '/proc/iomem hides the addresses' as_nobody crashreserve
	touch "$boot/capture.img"
	expect stale 4 'capture.img has changed since it was loaded' crashreserve
	expect stale-reload 0 '' load
	expect stale-mended 0 'armed: ' crashreserve
	mv "$boot/capture.img" "$boot/gone"
	expect missing 4 'is there no more' crashreserve
	mv "$boot/gone" "$boot/capture.img"
	expect back 0 'armed: ' crashreserve
	mv /run/crashpipe/capture-kernel "$work/record"
	expect foreign 0 'it was not loaded by kexec-load' crashreserve
	mv "$work/record" /run/crashpipe/capture-kernel
	mkdir -p /etc/default
	echo 'GRUB_CMDLINE_LINUX="crashkernel=512M"' >/etc/default/grub
	expect next-boot 0 '/etc/default/grub has crashkernel=512M: it takes effect' crashreserve
	rm -r /etc/default
}

test_shrink() {
	expect shrink-loaded 1 'a capture kernel is loaded' crashreserve shrink 200M
	is shrink-loaded-still "$(loaded)" 1
	is shrink-loaded-size "$(crash_size)" 268435456
	kexec-load -q -p -u
	expect shrink-nobody 1 'run it as root' as_nobody 'crashreserve shrink 200M'
	expect shrink-dry 0 'would be: 200 MiB' crashreserve shrink -n 200M
	is shrink-dry-size "$(crash_size)" 268435456
	expect shrink 0 'after:   200 MiB' crashreserve shrink 200M
	holds shrink-before 'before:  256 MiB'
	is shrink-size "$(crash_size)" 209715200
	is shrink-iomem "$(region 1)" 209715200
	expect shrink-said 3 'asked for 256 MiB, 200 MiB are there' crashreserve
	expect shrink-odd 0 '' crashreserve shrink 209711105
	is shrink-odd-size "$(crash_size)" 209715200
	expect shrink-grow 1 'it cannot grow to 256 MiB' crashreserve shrink 256M
	expect shrink-small 1 '-f does it' crashreserve shrink --kernel "$boot/vmlinuz" \
		--initrd "$boot/capture.img" 24M
	expect shrink-nothing 1 'nothing would be left to load into' crashreserve shrink 0
	is shrink-refused-size "$(crash_size)" 209715200
	expect to-estimate 0 'after:' crashreserve shrink --to-estimate \
		--kernel "$boot/vmlinuz" --initrd "$boot/capture.img"
	printf '# to-estimate: %s bytes\n' "$(crash_size)"
	[ "$(crash_size)" -lt 209715200 ] || not_ok to-estimate-size "$(crash_size)"
	expect to-estimate-again 0 'nothing to give back' crashreserve shrink -v --to-estimate \
		--kernel "$boot/vmlinuz" --initrd "$boot/capture.img"
	expect to-estimate-load 0 '' load
	expect to-estimate-armed 0 'armed: ' crashreserve
	! grep '^warning: *the reservation' "$work/out" || not_ok to-estimate-trusted 'it is not'
}

# with little more than it takes to load, a kernel loads and does not boot
test_gap() {
	expect load 0 '' load
	json
	size=$((($(number used) / 1048576 + 4) * 1048576))
	printf '# used: %s bytes, least: %s, gap: %s\n' "$(number used)" "$(number least)" "$size"
	kexec-load -q -p -u
	expect gap-refused 1 'enough to load the capture kernel, but not to boot it' \
		crashreserve shrink --kernel "$boot/vmlinuz" --initrd "$boot/capture.img" "$size"
	expect gap-shrink 0 'but not to boot it' crashreserve shrink -f --kernel "$boot/vmlinuz" \
		--initrd "$boot/capture.img" "$size"
	expect gap-load 0 '' load
	is gap-loaded "$(loaded)" 1
	expect too-small 4 'is enough to load what is loaded, but not to boot it' crashreserve
	cat "$work/out"
	json
	echo 'ok gap-ready'
}

test_none() {
	expect none 5 'crashkernel= is not on the' crashreserve
	mkdir -p /etc/default
	echo 'GRUB_CMDLINE_LINUX="crashkernel=256M"' >/etc/default/grub
	expect reboot-needed 5 'reboot needed: /etc/default/grub has crashkernel=256M' crashreserve
	expect none-shrink 1 'no memory is reserved' crashreserve shrink 1M
	json
}

test_malformed() {
	expect malformed 5 'asked but refused, because' crashreserve
	holds malformed-log 'the kernel says "crashkernel: unrecognized char: ,"'
	json
	# until the ring has lost it
	n=0
	while [ "$n" -lt 4000 ] && dmesg | grep -q 'unrecognized char'; do
		seq "$n" $((n + 400)) | sed 's/.*/<6>filler line & that makes the log of the kernel wrap around, in the end, as it would after days/' |
			while read -r line; do echo "$line" >/dev/kmsg; done
		n=$((n + 400))
	done
	expect malformed-later 5 'asked but refused, because' crashreserve
	holds malformed-lost 'has lost its first lines'
}

test_large() {
	expect large 5 'asked but refused, because' crashreserve
	cat "$work/out"
	json
}

test_two() {
	main=$(region 1) low=$(region 2)
	is two-main "$main" 268435456
	is two-low "$low" 134217728
	expect two 3 'a low region' crashreserve
	holds two-main-shown '256 MiB at 0x'
	cat "$work/out"
	json
	crashreserve shrink -n 200M >"$work/plan" 2>/dev/null
	expect two-shrink 0 'after:' crashreserve shrink 200M
	is two-plan "$(sed -n 's/^would be: *//p' "$work/plan")" "$(sed -n 's/^after: *//p' "$work/out")"
	is two-size "$(crash_size)" 209715200
	printf '# left: %s and %s bytes\n' "$(region 1)" "$(region 2)"
	expect two-load 0 '' load
	expect two-armed 0 'armed: ' crashreserve
	kexec-load -q -p -u
	# no more than the low region
	crashreserve shrink -f -n 128M >"$work/plan" 2>/dev/null
	expect two-low-only 0 'after:' crashreserve shrink -f 128M
	is two-low-plan "$(sed -n 's/^would be: *//p' "$work/plan")" "$(sed -n 's/^after: *//p' "$work/out")"
	crashreserve
	expect two-nothing 0 '' crashreserve shrink -f 0
	expect two-none 5 'no reservation' crashreserve
	json
}

mkdir -p "$work" /etc /run
grep -q '^nobody:' /etc/passwd 2>/dev/null || echo 'nobody:x:65534:65534::/:/bin/sh' >>/etc/passwd
: >"$work/err"
: >"$work/out"
case $2 in
main)
	test_show
	test_shrink
	;;
*) "test_$2" ;;
esac
exit $failed
