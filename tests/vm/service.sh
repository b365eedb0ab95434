# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # variables of, and for, service
#
# service.sh - what the scenarios of service share; to be sourced

verdict() {
	if [ "$1" -eq 0 ]; then
		printf 'ok service %s: %s\n' "$scenario" "$2"
	else
		printf 'not ok service %s: %s%s\n' "$scenario" "$2" "${3:+: $3}"
		failed=1
	fi
	return "$1"
}

# NFS with the usual ports and sshd at 22, in a network of their own: $within is the command
# to run a machine there; what NFS has is in $servers/nfs/view/dump, SSH's folder is
# $servers/store
start_servers() {
	servers=$run/servers
	mkdir -p "$servers/nfs" "$servers/ssh"
	mkdir -m 700 "$servers/store"
	"$here/../net/nfs-server" start "$servers/nfs" || return
	"$here/../net/nfs-server" run "$servers/nfs" "$here/../net/ssh-server" start "$servers/ssh" 22 || return
	within="nsenter -t $(cat "$servers/nfs/holder.pid") -n"
}

stop_servers() {
	[ -n "$servers" ] || return 0
	"$here/../net/ssh-server" stop "$servers/ssh" 2>/dev/null || :
	"$here/../net/nfs-server" stop "$servers/nfs" 2>/dev/null || :
	servers=''
}

with_servers() {
	start_servers
	verdict $? 'the servers run' || return
	mkdir -p "$run/lab/root/root/.ssh"
	chmod 700 "$run/lab/root/root" "$run/lab/root/root/.ssh"
	cp "$servers/ssh/id_ed25519" "$run/lab/root/root/.ssh/kdump_id_ed25519"
	chmod 600 "$run/lab/root/root/.ssh/kdump_id_ed25519"
	sed 's/^\[127\.0\.0\.1\]:22/10.0.2.2/; s/^127\.0\.0\.1/10.0.2.2/' "$servers/ssh/known_hosts" \
		>"$run/lab/root/root/.ssh/known_hosts"
}

# conf: kdump.conf from standard input
conf() {
	mkdir -p "$run/lab/root/etc"
	cat >"$run/lab/root/etc/kdump.conf"
}

# what a machine does unless a scenario says otherwise: [COMMANDS before the crash]
usual_boots() {
	cat >"$run/lab/boot1" <<-END
		tell systemctl is-active kdump.service
		tell kdump status
		tell journalctl --no-pager -b -u kdump.service
		dmesg >/dmesg.before
		cp -a /var/lib/crashpipe /etc/kdump.conf / 2>/dev/null
		sync
		${1-}
		${2-crash}
	END
	cat >"$run/lab/boot2" <<-'END'
		tell systemctl is-active kdump-report.service
		tell kdump report
		tell kdump status
		tell journalctl --no-pager -b -u kdump.service -u kdump-report.service
		home /var/crash /var/lib/crashpipe /crashpipe /dmesg.before
	END
}

# machine: from its first boot to the end, with what all must show
machine() {
	machine_run
	verdict $? 'the machine was switched off in the end' "$(tail -n 1 "$run/qemu.err")"
	on_console '^lab: kdump status: exit 0'
	verdict $? 'kdump.service has armed it at boot' "$(console_words 'lab| kdump')" || return
	on_console '^lab: boot 2,'
	verdict $? 'it came back by itself' || return
}

# console_words TEXT: one line of it from the console
console_words() {
	grep -a -m 1 -F -e "$1" "$run/serial.plain"
}

# report_says TEXT...: the lines that kdump report printed after the crash
report_says() {
	sed -n '/^lab: boot 2,/,$p' "$run/serial.plain" | sed -n '1,/^lab: kdump report: exit/p' >"$run/report"
	for text; do
		grep -a -q -i -e "$text" "$run/report"
		verdict $? "kdump report says \"$text\"" "it says: $(sed -n 's/^lab| //p' "$run/report" | head -n 5 | tr '\n' ';')"
	done
}

# find_dump FOLDER: sets dump to the folder of one crash in it, HOST-DATE
find_dump() {
	find "$1" -type d -name '*-????-??-??-??:??:??' 2>/dev/null | sort >"$run/folders"
	[ "$(wc -l <"$run/folders")" -eq 1 ]
	verdict $? 'one folder for the crash' "$(find "$1" 2>/dev/null | head -n 20 | tr '\n' ' ')" || return
	read -r dump <"$run/folders"
}

# whole_log FILE: all that the machine said before, in the same words, and its panic
whole_log() {
	sed 's/^\[[^]]*\] //' "$1" >"$run/log.saved"
	sed 's/^\[[^]]*\] //' "$run/home/dmesg.before" >"$run/log.before"
	lines=$(wc -l <"$run/log.before")
	[ "$lines" -gt 200 ] && head -n "$lines" "$run/log.saved" | cmp -s - "$run/log.before"
	verdict $? "the log begins with the $lines lines that dmesg printed before" || :
	grep -a -q "${panic:-Kernel panic - not syncing: sysrq triggered crash}" "$1"
	verdict $? 'and has the panic' "$(tail -n 2 "$1")"
}

# whole_dump FILE: our tools, and the readers of the world, can open it
whole_dump() {
	"$bin/dumpfilter" --verify "$1" >"$run/verify.log" 2>&1
	verdict $? "the dump is whole: $(tail -n 1 "$run/verify.log" | sed 's/.*: //')" "$(tail -n 1 "$run/verify.log")"
	"$bin/dumpmsg" "$1" >"$run/log.dump" 2>"$run/dumpmsg.err" && cmp -s "$run/log.dump" "${1%/*}/vmcore-dmesg.txt"
	verdict $? 'dumpmsg reads the same log from it as was saved'
	# where it went makes the difference, if anything does
	case $size,$scenario in
	full,local | full,nfs? | full,ssh | full,raw | full,diskless) readers "$1" ;;
	esac
}

# readers FILE: crash and drgn, of the suite sid, once for each kind of target
readers() {
	if ! "$here/../diff/peers" "$work/sid" 2>"$run/peers.log"; then
		printf 'skip service %s: crash and drgn: %s\n' "$scenario" "$(tail -n 1 "$run/peers.log")"
		return
	fi
	if ! "$here/../diff/symbols" "$kernel" bookworm 2>"$run/symbols.log"; then
		printf 'skip service %s: crash and drgn: %s\n' "$scenario" "$(tail -n 1 "$run/symbols.log")"
		return
	fi
	# what the NFS server has is in a mount namespace of its own: nothing can be bound from there
	cp "$1" "$run/vmcore"
	for reader in crash drgn; do
		# against itself: what is asked is whether the reader comes to its end with it
		"$here/../diff/readers.sh" $reader "$kernel/vmlinux" "$run/vmcore" "$run/vmcore" chroot "$work/sid" \
			>"$run/$reader.log" 2>&1
		verdict $? "$reader opens it: $(tail -n 1 "$run/$reader.log")" "$(tail -n 1 "$run/$reader.log")"
	done
}

# all_saved FOLDER: log and dump of one crash, whole
all_saved() {
	find_dump "$1" || return
	for file in vmcore vmcore-dmesg.txt; do
		[ -s "$dump/$file" ]
		verdict $? "${dump##*/}/$file is there" "$(find "$dump" -type f | tr '\n' ' ')" || return
	done
	[ -z "$(find "$1" -name '*incomplete*')" ]
	verdict $? 'nothing is called incomplete' "$(find "$1" -name '*incomplete*')"
	whole_log "$dump/vmcore-dmesg.txt"
	whole_dump "$dump/vmcore"
}

# nothing_in FOLDER: no dump under its final name
nothing_in() {
	[ -z "$(find "$1" -name vmcore 2>/dev/null)" ]
	verdict $? "no vmcore in ${1##*/}" "$(find "$1" -name vmcore | head -n 3 | tr '\n' ' ')"
}
