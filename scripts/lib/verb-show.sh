# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # names that files share
#
# verb-show.sh - settings and state, by the names that kdump-config show has, and ours

need arm state json
# shellcheck source-path=SCRIPTDIR source=verb-status.sh
. "$lib/verb-status.sh"

help_show() {
	cat <<-'EOF'
		usage: kdump show [--json]

		Prints the settings, the reservation, what is loaded, the command that loads it,
		and "current state: ready to kdump" or "Not ready to kdump", with the reason. With
		--json it is what status --json prints, with "settings" in it.

		exit: as of status
	EOF
}

# first_target KIND NAME: of the first target of that kind
first_target() {
	show_n=1
	while show_kind=$(conf_target $show_n kind 2>/dev/null) && [ -n "$show_kind" ]; do
		if [ "$show_kind" = "$1" ]; then
			conf_target $show_n "$2"
			return
		fi
		show_n=$((show_n + 1))
	done
}

# dump_folder: KDUMP_COREDIR, the folder of the first local target
dump_folder() {
	show_folder=$(first_target path spec)
	printf '%s\n' "${show_folder:-$(first_target disk path)}"
}

# crash_regions: "START-END" of each, the main one, which is the higher, first
crash_regions() {
	sed -n 's/^ *\([0-9a-f]*\)-\([0-9a-f]*\) : Crash kernel$/0x\1-0x\2/p' \
		"$KDUMP_ROOT/proc/iomem" 2>/dev/null |
		awk -F - '{ print length($1), $0 }' | sort -k 1nr -k 2r | cut -d ' ' -f 2
}

# field NAME VALUE: nothing when there is no value
field() {
	[ -z "$2" ] || printf '%-28s%s\n' "$1:" "$2"
}

show_settings() {
	field DUMP_MODE kdump
	field USE_KDUMP "$(settings_get USE_KDUMP 1)"
	field KDUMP_COREDIR "$(dump_folder)"
	field KDUMP_SYSCTL "$(settings_get KDUMP_SYSCTL "$sysctl_default")"
	field KDUMP_KERNELVER "$kver"
	field MAKEDUMP_ARGS "$(conf_get dump_options)"
	field SSH "$(first_target ssh spec)"
	field SSH_KEY "$(first_target ssh sshkey)"
	field NFS "$(first_target nfs spec)"
	field HOSTTAG "$(conf_get host)"
	field KDUMP_NUM_DUMPS "$(conf_get keep)"
	field failure_action "$(conf_get failure_action)"
	field final_action "$(conf_get final_action)"
}

show_memory() {
	show_regions=$(crash_regions)
	field 'crashkernel addr' "$(printf '%s' "$show_regions" | sed 's/-.*//' | head -n 1)"
	field 'crashkernel regions' "$(printf '%s' "$show_regions" | tr '\n' ' ')"
	show_kib=$(reserved_kib)
	field 'crashkernel size' "${show_kib:+$((show_kib / 1024))M}"
	show_words=$(advice_size)
	field 'crashkernel suggested size' "${show_words#crashkernel=}"
}

show_files() {
	field 'kdump kernel' "${kernel:-none found}"
	if [ -s "$image" ]; then
		field 'kdump initrd' "$image ($(stat -L -c %s "$image") bytes, $(
			date -u -r "$image" '+%Y-%m-%d %H:%M:%S'
		) UTC)"
	elif state_hidden >/dev/null; then
		field 'kdump initrd' "$image"
	else
		field 'kdump initrd' "$image (not made yet)"
	fi
}

# quoted: lines of standard input as words for a shell, on one line
quoted() {
	sed "s/'/'\\\\''/g; /[^A-Za-z0-9=_.,:\\/+@%-]/s/.*/'&'/" | tr '\n' ' ' | sed 's/ $//'
}

# show_command: how it was loaded, or would be
show_command() {
	show_cmdline=$(load_record command-line)
	case $state_code in
	0 | 4) ;;
	*) show_cmdline= ;;
	esac
	[ -n "$kernel" ] && [ -s "$image" ] || [ -n "$show_cmdline" ] || return 0
	printf '\nkexec command:\n  '
	if [ -n "$show_cmdline" ]; then
		printf '%s\n' kexec-load -p "--initrd=$(load_record initrd)" "--append=$show_cmdline" \
			"$(load_record kernel)"
	else
		load_options
		printf '%s\n' kexec-load -p "--initrd=$image" "--append=$(planned_cmdline)" "$kernel"
	fi | quoted
	printf '\n'
}

show_text() {
	if conf_known; then
		show_settings
	else
		words "$state_faults" | sed 's/^/fault: /'
	fi
	show_memory
	[ -z "$image_dir" ] || show_files
	state_targets | awk '{ print "target " NR ":                   " $0 }'
	case $state_code in
	0) field 'current state' 'ready to kdump' ;;
	4) field 'current state' 'ready to kdump, but not to be trusted' ;;
	1) field 'current state' 'not known' ;;
	*) field 'current state' 'Not ready to kdump' ;;
	esac
	words "$state_why" | rows why:
	words "$state_do" | rows 'what to do:'
	words "$state_notes" | rows note:
	state_last | rows 'last crash:'
	state_test | rows 'real test:'
	show_command
}

# conf_known: was the configuration read?
conf_known() {
	[ -n "$(conf_get final_action 2>/dev/null)" ]
}

# show_json: that of status, with the settings in front
show_json() {
	printf '{"settings": {'
	conf_known && show_settings | awk '{
		at = index($0, ":")
		v = substr($0, at + 1)
		sub(/^ */, "", v)
		gsub(/[\\"]/, "\\\\&", v)
		printf "%s\"%s\": \"%s\"", (NR > 1 ? ", " : ""), substr($0, 1, at - 1), v
	}'
	printf '}, '
	status_json | sed 's/^{//'
}

verb_show() {
	show_as=text
	for show_option; do
		case $show_option in
		--json) show_as=json ;;
		*)
			say "show: no argument $show_option"
			usage
			;;
		esac
	done
	state_find
	[ -n "$quiet" ] || "show_$show_as" || return 1
	return "$state_code"
}
