# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154 # some names are of those who source it
#
# test-crash.sh - kdump test --crash: this machine, now; to be sourced behind arm.sh
#
# The capture kernel gets crashpipe.test_id=ID, which comes back in the record of the
# crash. Until then /var/lib/crashpipe/test has it: id, time, date, boot, config (what was
# tried: a checksum of the settled configuration); boot.sh adds what became of it.

test_hostname() {
	cat "$KDUMP_ROOT/proc/sys/kernel/hostname" 2>/dev/null || uname -n
}

# test_asked: only somebody who types the machine's name means this one
test_asked() {
	[ -z "$test_yes" ] || return 0
	printf 'This crashes %s, now: everything that runs on it ends at once, and what is not\nsaved is lost. To do it, type its name: ' \
		"$(test_hostname)" >&2
	IFS= read -r test_typed || test_typed=
	[ "$test_typed" = "$(test_hostname)" ] && return
	say 'test: that is not its name: nothing was done'
	return 1
}

# test_note: on the disk before it is needed
test_note() {
	test_file=$KDUMP_ROOT/var/lib/crashpipe/test
	mkdir -p "${test_file%/*}" || return 1
	test_id=$(od -A n -N 8 -t x1 /dev/urandom | tr -d ' \n')
	printf '%s\n' "id=$test_id" "time=$(date +%s)" "date=$(date -u +%Y-%m-%d-%H:%M:%S)" \
		"boot=$(tr -d '\n' <"$KDUMP_ROOT/proc/sys/kernel/random/boot_id" 2>/dev/null)" \
		"config=$(sha256sum <"$image_dir/capture.conf" | cut -c 1-64)" >"$test_file.new" || return 1
	sync "$test_file.new" 2>/dev/null || sync
	mv "$test_file.new" "$test_file"
}

# test_crash: comes back only if it could not be done
test_crash() {
	case $test_result$test_force in
	0 | *yes) ;;
	*)
		say 'test: not all is ok: the crash would be for nothing; mend that first, or --force'
		return "$test_result"
		;;
	esac
	if [ -n "$dry_run" ]; then
		inform 'would load the image with a mark of its own, and crash the machine'
		return 0
	fi
	test_asked || return 1
	lock_take test
	if ! test_note; then
		say "$KDUMP_ROOT/var/lib/crashpipe/test: cannot be written: nothing was done"
		return 1
	fi
	arm_load "crashpipe.test_id=$test_id"
	case $? in
	0 | 6) ;;
	*)
		rm -f "$test_file"
		say 'test: nothing was done'
		return 1
		;;
	esac
	say "test: crashing $(test_hostname) now; after the reboot: kdump report"
	sync
	printf 'c\n' >"$KDUMP_ROOT/proc/sysrq-trigger"
	# the kernel needs a moment for it
	if [ -n "$KDUMP_ROOT" ]; then sleep 1; else sleep 20; fi
	rm -f "$test_file"
	say 'test: the machine has not crashed: /proc/sysrq-trigger does nothing here'
	arm_load ''
	return 1
}
