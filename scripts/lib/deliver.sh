# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with capture and the other parts of it
#
# deliver.sh - in which order what goes to which target; to be sourced after save
#
# 1. the nodes of a cluster are told; then pre hooks; where there are any, what the first
#    target needs is brought up before
# 2. the log to every target, except those that would need the network while the first
#    does not: a dump to a disk does not wait for DHCP
# 3. the dump to the targets in their order until one has it whole; what was temporary is
#    tried again in two more rounds
# 4. the log to those that were left out, or all that memory has of it, if it had to be
#    searched for
# 5. post hooks, emergency hooks
#
# A target with "rootfs yes" is there for failure_action dump_to_rootfs: log and dump go to
# it when no other one has a whole dump.

most_rounds=3
dump_state=lost dump_target='' dump_where='' dump_size='' dump_as=''
log_state=lost log_size='' log_as='' log_found='' dump_folder=''
dump_started='' dump_ended='' ended='' vetoed=''

# is_rootfs: the target of target_read
is_rootfs() {
	ask_target "$target" rootfs no
	[ "$value" = yes ]
}

# log_to N: if it is not there
log_to() {
	target_read "$1"
	! recall "$1" log || [ "$value" = incomplete ] || return 0
	time_left 5 || return
	if ! target_place; then
		add_try log 1 "${words:-no folder}"
		worse 6
		return 1
	fi
	save_log --salvage=never "$log_limit"
}

# log_first: to all that are quick to reach
log_first() {
	target_read 1
	first_needs=$needs
	n=0
	while [ $n -lt "$ntargets" ]; do
		n=$((n + 1))
		target_read $n
		! is_rootfs || continue
		case $first_needs,$needs in
		net,* | *,nothing | *,disk) log_to $n ;;
		esac
	done
}

# log_last: to those that were left out and can still be had without much waiting
log_last() {
	n=0
	while [ $n -lt "$ntargets" ]; do
		n=$((n + 1))
		target_read $n
		if [ "$log_found" = 5 ]; then
			# this takes a pass over all memory: only where the dump is
			case $kind,$place,$dump_target in
			raw,* | *,,*) continue ;;
			*,"$n" | *,) ;;
			*) continue ;;
			esac
			worse 6
			say 'looking for the log in all of memory'
			save_log --salvage=auto 0
		elif [ "$log_state" = lost ] || [ "$needs" = net ]; then
			! is_rootfs || continue
			# one that has failed already is only worth it if nothing is saved
			[ "$log_state" = lost ] || ! recall "$n" up || [ "$value" = yes ] || continue
			case $tries in
			*"target $n log "*) [ "$log_state" = lost ] || continue ;;
			esac
			log_to $n
		fi
	done
	[ "$log_state" != lost ] || [ -n "$dry_run" ] || show_end_of_log
}

# show_end_of_log: where nothing takes it, the console may be recorded
show_end_of_log() {
	case $dump_state in
	saved | raw | partial) return ;;
	esac
	say 'the log could not be saved; its last lines, as far as they can be read:'
	output=$work/log
	within 30 dumpmsg -q --salvage=never --tail=100 "$vmcore"
	output=
	cat "$work/log" >&2
	rm -f "$work/log"
	show_log
}

# better NEW: is this outcome better than what there is?
better() {
	case $1,$dump_state in
	none,* | *,saved) return 1 ;;
	saved,* | less,*) ;;
	raw,raw) return 1 ;;
	raw,* | *,lost) ;;
	partial,incomplete) ;;
	*) return 1 ;;
	esac
}

# note_outcome: of save_dump, for the record
note_outcome() {
	better "$outcome" || return 0
	dump_state=$outcome
	[ "$outcome" != less ] || dump_state=saved
	dump_target=$target
	dump_where=$place
	[ "$kind" = raw ] || is_local || dump_where=$place$query
	dump_folder=${place##*/}
	[ -n "$folder" ] && [ "$kind" != raw ] || dump_folder=
}

# dump_to N: 0 if it is there, whole
dump_to() {
	target_read "$1"
	again='' outcome=none
	retry_for=60
	[ "$1" -lt "$ntargets" ] || retry_for=300
	if ! target_place; then
		add_try dump 1 "${words:-no folder}"
		worse 6
		[ "$needs" = nothing ] || is_dead || again=later
		return 1
	fi
	save_dump
	note_outcome
	case $outcome in
	saved)
		[ "$1" -eq 1 ] || worse 6
		return 0
		;;
	less | raw)
		say "$shown: saved, but not all went as asked: see above"
		worse 6
		return 0
		;;
	partial | incomplete)
		say "$shown: kept what there is, called incomplete: it can be read"
		;;
	esac
	return 1
}

# dump_all: to the first that takes it
dump_all() {
	round=1 left=
	n=0
	while [ $n -lt "$ntargets" ]; do
		n=$((n + 1))
		left="$left $n"
	done
	while [ -n "$left" ] && [ $round -le $most_rounds ]; do
		[ $round -eq 1 ] || say "trying the whole pipe again, $round of $most_rounds"
		now_left=$left left=
		for n in $now_left; do
			[ -z "$interrupted" ] || return
			time_left || {
				say 'time_limit: there is no time left'
				return
			}
			target_read "$n"
			if is_rootfs; then
				# the last one: only when all others have failed for good
				continue
			fi
			! dump_to "$n" || return 0
			[ "$again" != later ] || left="$left $n"
		done
		round=$((round + 1))
	done
	dump_to_rootfs
}

# dump_to_rootfs: what failure_action says
dump_to_rootfs() {
	[ "$failure_action" = dump_to_rootfs ] || return 1
	n=0
	while [ $n -lt "$ntargets" ]; do
		n=$((n + 1))
		target_read $n
		is_rootfs || continue
		say "dump_to_rootfs: $shown"
		log_to $n
		dump_to $n
		return
	done
	say 'dump_to_rootfs: there is no target for it in capture.conf'
	return 1
}

# judge: result of what became of the dump
judge() {
	[ -z "$vetoed" ] || {
		worse 6
		return
	}
	case $dump_state in
	saved | raw) ;;
	partial | incomplete) worse 3 ;;
	*) worse 1 ;;
	esac
}

# first_up: as on RHEL, the pre hooks find what the first target needs up: one may tell other
# machines over the network
first_up() {
	[ "$ntargets" -gt 0 ] && ask pre || return 0
	target_read 1
	target_ready || :
}

# deliver: all of it; result
deliver() {
	[ "$ntargets" -gt 0 ] || say 'there is no target'
	tell_nodes
	first_up
	run_pre || vetoed=yes
	[ "$ntargets" -eq 0 ] || log_first
	[ -n "$vetoed" ] || [ "$ntargets" -eq 0 ] || dump_all
	if [ -z "$interrupted" ]; then
		log_last
	fi
	n=0
	while [ $n -lt "$ntargets" ]; do
		n=$((n + 1))
		target_read $n
		if [ "$dump_target" = $n ] && [ "$dump_state" = saved ] && is_local &&
			[ -z "$dry_run" ] && [ "$layout" != plain ]; then
			aside 300 keep_rest
		fi
	done
	judge
	more_facts
	run_with post
	case $dump_state in
	saved | raw) ;;
	*) [ -n "$vetoed" ] || run_with emergency ;;
	esac
}

# all_down: unmount what was mounted
all_down() {
	n=0
	while [ $n -lt "$ntargets" ]; do
		n=$((n + 1))
		target_read $n
		case $needs in
		disk) ;;
		*) continue ;;
		esac
		! is_dead || continue
		recall $n up || continue
		within 60 sh -c "$down_script" down $n ||
			say "target $n: cannot be put down: going on"
	done
}
