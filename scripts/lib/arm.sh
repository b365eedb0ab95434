# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2119,SC2120,SC2154  # names that files share
#
# arm.sh - from the configuration to a loaded capture kernel, in steps; to be sourced
# behind say.sh
#
# arm_begin reads and resolves the configuration, arm_build makes the image if it is
# stale, arm_load loads it. Each dies or returns with the status to end with; what was
# loaded before stays loaded until the new kernel is: kexec-load sees to that.

need settings kernel collector conf cmdline sysctl stale

kver='' kernel='' image='' image_dir='' resolved=''

# armed: is anything loaded now?
armed() {
	kexec-load -q --status ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} 2>/dev/null
}

# give_up STATUS: after a failure, how the machine stands. Where nothing is loaded by now, an
# oops shall not be a panic either
give_up() {
	if armed; then
		say 'what was loaded before stays loaded: the machine is armed as it was'
	else
		say 'NO capture kernel is loaded'
		disarm_rest
	fi
	exit "$1"
}

# disarm_rest: where nothing is loaded, whoever has unloaded it, nothing is left of it
disarm_rest() {
	[ -z "$dry_run" ] && ! armed || return 0
	rm -f "$KDUMP_ROOT/run/crashpipe/loaded"
	sysctl_disarm
}

# foreign_target: words when the settings name a target, as SUSE's do, and kdump.conf none
foreign_target() {
	[ -n "$(settings_get KDUMP_SAVEDIR)" ] && [ "$(conf_target 1 line)" = 0 ] || return 0
	printf '%s\n' "$settings_file: KDUMP_SAVEDIR is not read: kdump convert prints it as lines for /etc/kdump.conf"
}

# arm_tools: ends the program where nothing can be done or known
arm_tools() {
	for arm_program in kexec-load crashreserve; do
		command -v $arm_program >/dev/null ||
			die 1 "$arm_program: not found: is all of crashpipe installed?"
	done
}

# arm_settings [RELEASE]: the configuration and what to load, without asking the system
# for more. 5 for a fault in the configuration, 1 when there is no such kernel
arm_settings() {
	arm_tools
	conf_read "$KDUMP_ROOT/etc/kdump.conf" || return 5
	settings_read || return 5
	cmdline_check || return 5
	arm_foreign=$(foreign_target)
	[ -z "$arm_foreign" ] || inform "$arm_foreign"
	kver=${1:-$(kernel_release)}
	case $kver in
	*[!A-Za-z0-9._+~-]* | '' | .*)
		say "KDUMP_KERNELVER: $kver: is no kernel's release"
		return 5
		;;
	esac
	image_dir=$KDUMP_ROOT/var/lib/crashpipe/$kver
	image=$image_dir/capture.img
	if ! kernel=$(kernel_image "$kver"); then
		kernel=
		say "kernel $kver: no image found in $(settings_get KDUMP_BOOTDIR /boot)" \
			'or /lib/modules: KDUMP_KERNELVER, KDUMP_BOOTDIR and KDUMP_IMG can name it'
		return 1
	fi
	kernel=$KDUMP_ROOT$kernel
}

# arm_resolve: ask the running system about the targets. As resolve_config: 0; 6 some
# target cannot be; 4 not now; 5 none can be
arm_resolve() {
	need device stack route netline sshkey resolve modules
	work_folder
	resolved=$work/settled
	rm -rf "$resolved"
	mkdir -p "$resolved"
	inputs=$resolved/depends
	printf '%s\n' "$KDUMP_ROOT/etc/kdump.conf" >"$inputs"
	resolve_config "$resolved" "$kver"
	resolve_result=$?
}

# arm_stale: as stale_why. An image that has more than can be resolved now is current if that may
# change (a name server does not answer): made anew it would lose a target, or a cluster's node
arm_stale() {
	arm_more=
	[ "$resolve_result$resolve_later" != 61 ] || arm_more=yes
	stale_why "$image_dir" "$resolved" $arm_more
}

# arm_begin: both, or the end. What cannot be resolved now (a server's name, while the
# network is not up) may be in an image that was made before: then resolved is empty
arm_begin() {
	arm_settings || give_up $?
	arm_resolve
	case $resolve_result in
	0 | 6) ;;
	4)
		resolved=
		[ -s "$image" ] || give_up 4
		say "$image: the one of before has to do$(
			why=$(arm_stale) &&
				printf ', though %s' "$(printf '%s' "$why" | head -n 1)"
		)"
		;;
	*) give_up 5 ;;
	esac
}

# worse STATUS: the status to end with is the first that is not 0
worse() {
	[ "$result" -ne 0 ] || result=$1
}

# image_is_old: why the image is not current, in $why; 1 when it is
image_is_old() {
	if [ -z "$resolved" ]; then
		return 1
	elif [ -n "${rebuild:-}" ]; then
		why='asked for'
	elif [ "$(conf_get force_rebuild)" = 1 ]; then
		why='force_rebuild 1 is in kdump.conf'
	elif [ "$(conf_get force_no_rebuild)" = 1 ] && [ -s "$image" ]; then
		detail "$image: not looked at: force_no_rebuild 1 is in kdump.conf"
		return 1
	else
		why=$(arm_stale)
	fi
}

# arm_mkcapture ARGUMENT...
arm_mkcapture() {
	arm_program=$here/mkcapture
	[ -x "$arm_program" ] || arm_program=mkcapture
	"$arm_program" "$@" 9>&-
}

# arm_build: make the image if it is not current, and say why. 0 it is current now; 6 the
# one of before has to do; 1 there is none
arm_build() {
	image_is_old || {
		detail "$image: current"
		return 0
	}
	printf '%s\n' "$why" | head -n 5 | while IFS= read -r reason; do
		inform "making the capture image for $kver: $reason"
	done
	set -- -k "$kver" -o "$image"
	[ -z "$quiet" ] || set -- -q "$@"
	[ "$verbose" -lt 1 ] || set -- -v "$@"
	if [ -n "$dry_run" ]; then
		inform "would run: mkcapture $*"
		return 0
	fi
	mkdir -p "$image_dir"
	# what it would say of the configuration was said
	arm_mkcapture --from "$resolved" "$@" >&2 && return 0
	arm_status=$?
	say "mkcapture: exit $arm_status: the capture image could not be made"
	[ -s "$image" ] || return 1
	say "$image: the one of before has to do, though: $(printf '%s' "$why" | head -n 1)"
	return 6
}

# reserved_kib: what crashkernel= has got
reserved_kib() {
	for reserved_file in kexec/crash_size kexec_crash_size; do
		reserved_bytes=$(cat "$KDUMP_ROOT/sys/kernel/$reserved_file" 2>/dev/null) || continue
		case $reserved_bytes in
		*[!0-9]* | '') continue ;;
		esac
		printf '%s\n' $((reserved_bytes / 1024))
		return
	done
}

# load_options [WORDS]: kexec-load's, a line each, in $work/options
load_options() {
	work_folder
	load_reserved=$(reserved_kib)
	load_words=$(cmdline_append "${load_reserved:+crashpipe.reserved=$load_reserved}${1:+ $1}")
	{
		printf '%s\n' "--initrd=$image" "--append=$load_words"
		if cmdline_reuses; then
			cmdline_rules >"$work/rules"
			printf '%s\n' --reuse-cmdline "--cmdline-rules=$work/rules"
		elif [ -n "$(settings_get KDUMP_COMMANDLINE_REMOVE)" ]; then
			say "$settings_file: KDUMP_COMMANDLINE_REMOVE does not change KDUMP_COMMANDLINE"
		fi
		# since Linux 6.6 the kernel can keep the list of processors and memory itself
		! crashreserve show --json ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} 2>/dev/null |
			grep -q '"hotplug-flag"' || [ "$(settings_get KEXEC_ARGS)" = -s ] || printf '%s\n' --hotplug
		load_args
	} >"$work/options"
}

# load_args: KEXEC_ARGS, a line each, without those of kexec(8) that files of distributions have
# and that are of no meaning here
load_args() {
	settings_get KEXEC_ARGS | tr -s ' \t' '\n' |
		sed '/^$/d; /^--elf32-core-headers$/d; /^--elf64-core-headers$/d; /^--dt-no-old-root$/d'
}

# load_run OPTION...: kexec-load with these in front of what load_options has written
load_run() {
	while IFS= read -r load_option; do
		set -- "$@" "$load_option"
	done <"$work/options"
	kexec-load "$@" "$kernel"
}

# planned_cmdline: the capture kernel's command line as a load now would have it
planned_cmdline() {
	load_run -p -n -q ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} 2>/dev/null |
		sed -n 's/^command line: //p'
}

# load_record NAME: of kexec-load's own record; %XX is another character there
load_record() {
	[ -r "$KDUMP_ROOT/run/crashpipe/capture-kernel" ] || return 0
	awk -v name="$1=" 'index($0, name) == 1 {
		rest = substr($0, length(name) + 1)
		out = ""
		while (match(rest, /%[0-9A-F][0-9A-F]/)) {
			high = index("0123456789ABCDEF", substr(rest, RSTART + 1, 1)) - 1
			low = index("0123456789ABCDEF", substr(rest, RSTART + 2, 1)) - 1
			value = high * 16 + low
			out = out substr(rest, 1, RSTART - 1) (value < 32 || value == 127 ? "?" : sprintf("%c", value))
			rest = substr(rest, RSTART + 3)
		}
		print out rest
		exit
	}' "$KDUMP_ROOT/run/crashpipe/capture-kernel"
}

# settings_state: by which a change of the settings is found
settings_state() {
	[ -n "$settings_file" ] && stat -L -c '%s %Y %n' "$KDUMP_ROOT$settings_file" || printf 'none\n'
}

# rules_state: the same of the rules for the command line
rules_state() {
	stat -L -c '%s %Y %n' "$KDUMP_ROOT$cmdline_file" 2>/dev/null || printf 'none\n'
}

# arm_record CMDLINE: what is loaded, for status
arm_record() {
	record_file=$KDUMP_ROOT/run/crashpipe/loaded
	mkdir -p "${record_file%/*}"
	{
		printf 'time %s\n' "$(date +%s)"
		printf 'release %s\nkernel %s\nimage %s\n' "$kver" "$kernel" "$image"
		printf 'cmdline %s\nsettings %s\nrules %s\n' "$1" "$(settings_state)" "$(rules_state)"
		sed -n 's/^target [0-9]* shown /shown /p; /^failure_action /p; /^final_action /p' \
			"$image_dir/capture.conf" 2>/dev/null
	} >"$record_file.new" && mv "$record_file.new" "$record_file"
	keep_cmdline "$1"
}

# keep_cmdline WORDS: for a load from an initramfs, before this program can run; what was
# there stays where it cannot be written
keep_cmdline() {
	[ -n "$1" ] || return 0
	if (printf '%s\n' "$1" >"$image_dir/cmdline.new") 2>/dev/null; then
		mv "$image_dir/cmdline.new" "$image_dir/cmdline"
	else
		rm -f "$image_dir/cmdline.new"
		say "$image_dir/cmdline: cannot be written"
	fi
}

# arm_load [WORDS]: load the image, with WORDS on its command line, and set what
# KDUMP_SYSCTL has. kexec-load's status, or 6 when loaded but a setting could not be made
arm_load() {
	[ -s "$image" ] || [ -n "$dry_run" ] || {
		say "$image: not there: kdump start makes it"
		return 1
	}
	load_options "${1:-}"
	set -- -p ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"}
	[ "$verbose" -ge 1 ] || set -- "$@" -q
	if [ -n "$dry_run" ]; then
		[ -s "$image" ] || return 0
		load_run "$@" -n
		return
	fi
	load_run "$@" 9>&-
	load_status=$?
	if [ $load_status -eq 2 ] && [ -n "$(load_args)" ]; then
		say "$settings_file: KEXEC_ARGS=\"$(settings_get KEXEC_ARGS)\": kexec-load does not take that: see kexec-load(8)"
		return 5
	elif [ $load_status -ne 0 ]; then
		say "kexec-load: exit $load_status: nothing new was loaded"
		return "$load_status"
	fi
	arm_record "$(load_record command-line)"
	# what an earlier KDUMP_SYSCTL has set and this one does not have is put back
	sysctl_disarm
	sysctl_arm || return 6
}

# disarm: unload, and put back the settings; kexec-load's status
disarm() {
	if [ -n "$dry_run" ]; then
		inform 'would unload the capture kernel, and put back the settings of before'
		return 0
	fi
	kexec-load -p -u ${KDUMP_ROOT:+"--root=$KDUMP_ROOT"} 9>&-
	disarm_status=$?
	if [ $disarm_status -ne 0 ]; then
		say "kexec-load: exit $disarm_status: not unloaded"
		return "$disarm_status"
	fi
	rm -f "$KDUMP_ROOT/run/crashpipe/loaded"
	sysctl_disarm
}
