# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # names that files share
#
# lock.sh - one kdump at a time changes what is loaded; to be sourced behind say.sh
#
# The lock is the kernel's, on /run/crashpipe/kdump.lock: it ends with the process that
# has it, however that ends. The file says who that is. (kexec-load has a lock of its
# own, /run/crashpipe/lock, for the moment of loading.)

lock_wait=${KDUMP_LOCK_WAIT:-180}
locked=

# lock_take WHAT: wait until no other has the lock, at most lock_wait seconds; dies with
# 4 then. A second call does nothing.
lock_take() {
	[ -z "$locked" ] || return 0
	lock_file=$KDUMP_ROOT/run/crashpipe/kdump.lock
	mkdir -p "${lock_file%/*}" 2>/dev/null
	if ! touch "$lock_file" 2>/dev/null; then
		die 1 "$lock_file: cannot be made: are you root?"
	fi
	command -v flock >/dev/null || {
		detail 'flock: not found: doing without a lock'
		return 0
	}
	exec 9<>"$lock_file"
	lock_until=$(($(date +%s) + lock_wait))
	lock_told=
	until flock -n 9; do
		lock_owner=$(head -n 1 "$lock_file" | tr -cd 'a-z0-9 ')
		[ -n "$lock_told" ] || inform "waiting for another kdump: ${lock_owner:-unknown}"
		lock_told=yes
		[ "$(date +%s)" -lt "$lock_until" ] ||
			die 4 "another kdump has not ended for $lock_wait seconds: ${lock_owner:-unknown}"
		sleep 0.2 2>/dev/null || sleep 1
	done
	locked=yes
	printf 'process %s %s\n' $$ "$1" >"$lock_file"
}
