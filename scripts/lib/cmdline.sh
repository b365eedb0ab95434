# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # names that files share
#
# cmdline.sh - the capture kernel's command line; to be sourced behind settings.sh
#
# kexec-load takes the running kernel's words, removes and adds: see kexec-load(8). What
# is written here is what else our own image wants, and how /etc/default/kdump changes
# it: KDUMP_COMMANDLINE replaces the running kernel's words, KDUMP_COMMANDLINE_REMOVE
# removes, KDUMP_COMMANDLINE_APPEND adds.

# graviton: are interrupt lines polled there at the cost of devices that vanish?
graviton() {
	[ "$(cat "$KDUMP_ROOT/proc/sys/kernel/arch" 2>/dev/null || uname -m)" = aarch64 ] &&
		grep -q '^Amazon EC2' "$KDUMP_ROOT/sys/class/dmi/id/sys_vendor" 2>/dev/null
}

cmdline_file=/etc/crashpipe/cmdline.conf

# cmdline_check: 5 when that file has lines that kexec-load would not take, which are told: it
# gets them from another file
cmdline_check() {
	[ -r "$KDUMP_ROOT$cmdline_file" ] || return 0
	cmdline_faults=$(awk '
	$1 == "" || $1 ~ /^#/ { next }
	$1 !~ /^(remove|keep|add)$/ { print NR ": " $1 ": write remove, keep or add, and words"; next }
	$2 == "" || $2 ~ /^#/ { print NR ": " $1 ": no words follow" }' "$KDUMP_ROOT$cmdline_file" |
		tr -c ' -~\n' '?')
	[ -n "$cmdline_faults" ] || return 0
	printf '%s\n' "$cmdline_faults" | while IFS= read -r cmdline_fault; do
		say "$cmdline_file:$cmdline_fault"
	done
	return 5
}

# cmdline_rules: for kexec-load --cmdline-rules; the later lines win, so the
# administrator's come last
cmdline_rules() {
	cat <<-'EOF'
		# panic=10 is appended: with panic=0 the capture kernel could hang for ever
		remove panic
		# they name another init than the image's, or stop it
		remove rdinit kgdbwait
		# the image has its own network; the kernel would wait for a card
		remove ip nfsroot
		# they take memory
		remove ftrace trace_event trace_buf_size page_owner
	EOF
	! graviton || printf '# unplugged devices are lost by it\nremove irqpoll\n'
	# its last line may have no end
	[ ! -r "$KDUMP_ROOT$cmdline_file" ] || awk 1 "$KDUMP_ROOT$cmdline_file"
	cmdline_remove=$(settings_get KDUMP_COMMANDLINE_REMOVE)
	[ -z "$cmdline_remove" ] || printf 'remove %s\n' "$cmdline_remove"
}

# first_apic_id: of the processor that must not be started again as another's, where
# more than one may run
first_apic_id() {
	sed -n 's/^initial apicid[[:space:]]*: \([0-9]*\)$/\1/p' "$KDUMP_ROOT/proc/cpuinfo" \
		2>/dev/null | head -n 1
}

# pretimeouts: a watchdog that panics some time before it fires would end the capture
pretimeouts() {
	for cmdline_dog in "$KDUMP_ROOT"/sys/class/watchdog/watchdog[0-9]*; do
		cmdline_driver=$(readlink "$cmdline_dog/device/driver/module") || continue
		cmdline_driver=${cmdline_driver##*/}
		[ ! -e "$KDUMP_ROOT/sys/module/$cmdline_driver/parameters/pretimeout" ] ||
			printf ' %s.pretimeout=0' "$cmdline_driver"
	done
}

# What a capture needs none of, and what takes memory at the moment when the image is
# unpacked: 9 MiB of trace files' inodes, files for each cache of the slab allocator
# (6.1, Debian's cloud kernel: 64M are enough so, and 74M otherwise). A kernel that does
# not know a name goes on without; the word may be given more than once.
cmdline_blacklist=initcall_blacklist=tracer_init_tracefs,slab_sysfs_init

# cmdline_wants_blacklist: unless the administrator writes all of it, or wants it removed
cmdline_wants_blacklist() {
	cmdline_reuses || return 1
	case " $(settings_get KDUMP_COMMANDLINE_REMOVE) " in
	*' initcall_blacklist '*) return 1 ;;
	esac
}

# cmdline_append [WORDS]: what is appended, WORDS among it; what the administrator wants
# stands behind ours, because the last one counts
cmdline_append() {
	cmdline_own=$(settings_get KDUMP_COMMANDLINE_APPEND)
	cmdline_words="panic=10$(pretimeouts)"
	! cmdline_wants_blacklist || cmdline_words="$cmdline_words $cmdline_blacklist"
	case " $cmdline_own" in
	*' nr_cpus=1' | *' nr_cpus=1 '*) ;;
	*' nr_cpus='*)
		cmdline_apic=$(first_apic_id)
		[ -z "$cmdline_apic" ] || cmdline_words="$cmdline_words disable_cpu_apicid=$cmdline_apic"
		;;
	esac
	cmdline_base=$(settings_get KDUMP_COMMANDLINE)
	printf '%s\n' "${cmdline_base:+$cmdline_base }$cmdline_words${cmdline_own:+ $cmdline_own}${1:+ $1}"
}

# cmdline_reuses: does it begin with the running kernel's?
cmdline_reuses() {
	[ -z "$(settings_get KDUMP_COMMANDLINE)" ]
}
