# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # some names are of those who source it
#
# verb-savecore.sh - kdump savecore: save the dump in a capture kernel that has booted the
# normal system

need collector conf records device stack route netline sshkey resolve probe collect

help_savecore() {
	cat <<-'EOT'
		usage: kdump savecore

		In a capture kernel that has booted the normal system: saves log and dump to the
		targets of /etc/kdump.conf, as the capture image would have. File systems and
		network are taken as they are; a disk that is not mounted is. The machine is
		not ended: see what "capture" says, and reboot.

		exit: 0 saved; 6 saved, but less than asked; 3 a part was kept; 1 nothing was
		saved, or this is no capture kernel
	EOT
}

# savecore_folder N: where target N of $savecore_from is on this system; 1 if nowhere
savecore_folder() {
	[ "$(probe_value "$savecore_from" "$1" kind)" = disk ] || return 1
	savecore_node=$(device_find "$(probe_value "$savecore_from" "$1" device)" \
		"$(probe_value "$savecore_from" "$1" fstype)") || return 1
	savecore_point=$(mounted_at "$savecore_node") || return 1
	printf '%s%s\n' "${savecore_point%/}" "$(probe_value "$savecore_from" "$1" dir)"
}

# savecore_conf: capture.conf of what was settled, with files and folders as they are here
savecore_conf() {
	grep -v '^target ' "$savecore_from/capture.conf"
	savecore_n=1
	while savecore_kind=$(probe_value "$savecore_from" $savecore_n kind) && [ -n "$savecore_kind" ]; do
		savecore_lines=$(sed -n "s/^target $savecore_n //p" "$savecore_from/capture.conf")
		savecore_leave='^send |^needs |^bring |^net '
		if savecore_dir=$(savecore_folder $savecore_n); then
			savecore_leave='^kind |^needs |^device |^fstype |^options |^dir |^bring |^net '
			printf "target $savecore_n %s\n" 'kind folder' "dir $KDUMP_ROOT$savecore_dir" 'needs nothing'
		elif [ "$savecore_kind" = disk ] || [ "$savecore_kind" = raw ]; then
			printf 'target %s needs disk\n' $savecore_n
			savecore_leave='^send |^needs '
		else
			printf 'target %s needs nothing\n' $savecore_n
			savecore_send=$(probe_options "$savecore_from" $savecore_n | tr '\n' ' ')
			[ -z "$savecore_send" ] || printf 'target %s send %s\n' $savecore_n "$savecore_send"
		fi
		printf '%s\n' "$savecore_lines" | grep -v -E "$savecore_leave" | sed "s/^/target $savecore_n /"
		savecore_n=$((savecore_n + 1))
	done
}

# savecore_settle: what the configuration means now; else what it meant when an image was
# made; else the folder for dumps
savecore_settle() {
	savecore_from=$work/settled
	mkdir -p "$savecore_from"
	if conf_read "$KDUMP_ROOT/etc/kdump.conf"; then
		resolve_config "$savecore_from" "$(uname -r)"
		case $? in
		0 | 6) return ;;
		esac
	fi
	savecore_from=$KDUMP_ROOT/var/lib/crashpipe/$(uname -r)
	if [ -s "$savecore_from/capture.conf" ]; then
		say "going by $savecore_from/capture.conf instead"
		return
	fi
	say 'going without a configuration: to /var/crash'
	savecore_from=$work/settled
	mkdir -p "$KDUMP_ROOT/var/crash"
	printf '%s\n' 'format 1' 'target 1 kind folder' "target 1 dir $KDUMP_ROOT/var/crash" \
		'target 1 needs nothing' 'target 1 shown /var/crash' >"$savecore_from/capture.conf"
}

verb_savecore() {
	[ $# -eq 0 ] || {
		say 'savecore: takes no arguments'
		usage
	}
	[ -e "${VMCORE:-$KDUMP_ROOT/proc/vmcore}" ] ||
		die 1 "$KDUMP_ROOT/proc/vmcore: not there: this is not a capture kernel"
	work_folder
	savecore_settle
	savecore_conf >"$work/capture.conf"
	for savecore_program in "$lib/../capture" "$here/capture"; do
		[ ! -r "$savecore_program" ] || break
	done
	set -- --supervise -c "$work/capture.conf"
	[ -z "$dry_run" ] || set -- -n "$@"
	sh "$savecore_program" "$@"
}
