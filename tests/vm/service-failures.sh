# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154,SC2317  # variables and functions for service
#
# service-failures.sh - what can go wrong on the way; to be sourced
#
# In each of them the machine must come back by itself, keep what can be kept, and its
# report must say what happened.

all_failures='server_down disk_full disk_half host_key filter_killed filter_killed_always
	hang killed too_small_load too_small_run test test_crash'

# three_targets: SSH, then NFS, then the local disk
three_targets() {
	conf <<-END
		$(ssh_lines)
		nfs 10.0.2.2:/dump
		path /crashes
		ext4 /dev/vda
		path /var/crash
	END
}

# both servers answered when it was armed, and neither at the crash: the local disk takes it
scenario_server_down() {
	with_servers || return
	host_down() {
		"$here/../net/ssh-server" stop "$servers/ssh"
		"$here/../net/nfs-server" freeze "$servers/nfs"
	}
	three_targets
	usual_boots '' 'host down; crash'
	machine || return
	report_says 'sysrq.triggered.crash' '/var/crash'
	nothing_in "$servers/store"
	all_saved "$run/home/var/crash"
}

# no block is free: the log cannot be kept either, and the report says so
scenario_disk_full() {
	conf <<-'END'
		path /var/crash
	END
	usual_boots 'dd if=/dev/zero of=/fill bs=1M; sync; df /' 'crash'
	sed -i '1i rm -f /fill; ls -lR /var/crash' "$run/lab/boot2"
	machine || return
	report_says 'lost\|not saved\|no space\|full'
	nothing_in "$run/home/var/crash"
}

# room for the log and a part of the dump
scenario_disk_half() {
	conf <<-'END'
		path /var/crash
		core_collector makedumpfile -c -d 1
	END
	usual_boots 'dd if=/dev/zero of=/fill bs=1M; truncate -s -10M /fill; sync; df /' 'crash'
	sed -i '1i rm -f /fill' "$run/lab/boot2"
	machine || return
	report_says 'sysrq.triggered.crash' 'incomplete\|partial\|no space\|full'
	nothing_in "$run/home/var/crash"
	find_dump "$run/home/var/crash" || return
	whole_log "$dump/vmcore-dmesg.txt"
}

# another host key than when it was armed: nothing is sent there
scenario_host_key() {
	with_servers || return
	host_change() {
		"$here/../net/ssh-server" stop "$servers/ssh"
		rm -f "$servers/ssh"/host_*
		"$here/../net/nfs-server" run "$servers/nfs" \
			"$here/../net/ssh-server" start "$servers/ssh" 22
	} >&2
	conf <<-END
		$(ssh_lines)
		ext4 /dev/vda
		path /var/crash
	END
	usual_boots '' 'host change; crash'
	machine || return
	report_says 'sysrq.triggered.crash' 'host key'
	nothing_in "$servers/store"
	all_saved "$run/home/var/crash"
}

# killer TIMES: a hook of the capture kernel's that kills dumpfilter so many times
killer() {
	mkdir -p "$run/lab/root/etc/kdump"
	cat >"$run/lab/root/etc/kdump/killer" <<-END
		#!/bin/sh
		# kills the filter of the dump a second after it began, $1 times
		(
			n=0
			while [ \$n -lt $1 ]; do
				pid=\$(pidof dumpfilter) || {
					sleep 0.1
					continue
				}
				sleep 1
				kill -9 \$pid && echo "killer: killed \$pid"
				n=\$((n + 1))
			done
		) </dev/null >/dev/console 2>&1 &
	END
	chmod 755 "$run/lab/root/etc/kdump/killer"
}

# once: the second run, with less, makes it
scenario_filter_killed() {
	killer 1
	conf <<-'END'
		path /var/crash
		core_collector makedumpfile -c -d 1
		kdump_pre /etc/kdump/killer
	END
	usual_boots
	machine || return
	on_console '^killer: killed'
	verdict $? 'the filter was killed'
	report_says 'sysrq.triggered.crash'
	all_saved "$run/home/var/crash"
}

# each time: the log alone, and nobody calls the part a dump
scenario_filter_killed_always() {
	killer 20
	conf <<-'END'
		path /var/crash
		core_collector makedumpfile -c -d 1
		kdump_pre /etc/kdump/killer
	END
	usual_boots
	machine || return
	report_says 'sysrq.triggered.crash' 'incomplete\|partial\|lost'
	nothing_in "$run/home/var/crash"
	find_dump "$run/home/var/crash" || return
	whole_log "$dump/vmcore-dmesg.txt"
}

# arriving MIB: is more than that of a dump on the SSH server by now?
arriving() {
	[ -n "$(find "$servers/store" -type f -size +"$1"M 2>/dev/null)" ]
}

# the server freezes in the middle; the target's time runs out, and the next one takes it
scenario_hang() {
	with_servers || return
	host_watch() {
		[ ! -e "$run/frozen" ] && arriving 2 || return 0
		"$here/../net/ssh-server" freeze "$servers/ssh" && : >"$run/frozen"
	}
	conf <<-END
		$(ssh_lines)
		time_limit 60
		ext4 /dev/vda
		path /var/crash
		core_collector makedumpfile -c -d 1
	END
	usual_boots
	machine || return
	[ -e "$run/frozen" ]
	verdict $? 'the server froze in the middle of the dump'
	"$here/../net/ssh-server" thaw "$servers/ssh"
	report_says 'sysrq.triggered.crash' 'time'
	nothing_in "$servers/store"
	all_saved "$run/home/var/crash"
}

# the server is killed in the middle, and does not come back
scenario_killed() {
	with_servers || return
	host_watch() {
		[ ! -e "$run/killed" ] && arriving 2 || return 0
		"$here/../net/ssh-server" stop "$servers/ssh" && : >"$run/killed"
	}
	conf <<-END
		$(ssh_lines)
		ext4 /dev/vda
		path /var/crash
		core_collector makedumpfile -c -d 1
	END
	usual_boots
	machine || return
	[ -e "$run/killed" ]
	verdict $? 'the server was killed in the middle of the dump'
	report_says 'sysrq.triggered.crash'
	nothing_in "$servers/store"
	all_saved "$run/home/var/crash"
}

# nothing can be loaded: the unit fails, and status says why
scenario_too_small_load() {
	crashkernel=24M
	conf <<-'END'
		path /var/crash
	END
	cat >"$run/lab/boot1" <<-'END'
		tell systemctl is-failed kdump.service
		tell kdump status
	END
	machine_run
	verdict $? 'the machine was switched off in the end'
	on_console '^lab: systemctl is-failed kdump.service: exit 0'
	verdict $? 'kdump.service has failed'
	on_console '^lab: kdump status: exit [345]'
	verdict $? 'kdump status says that it is not armed' "$(console_words 'lab: kdump status')"
	on_console '^lab| .*\(small\|reserv\)'
	verdict $? 'and why'
}

# it can be loaded, and not run: status says so before, and the machine comes back
scenario_too_small_run() {
	crashkernel=60M
	conf <<-'END'
		path /var/crash
	END
	usual_boots '' 'kdump load; crash'
	machine_run
	verdict $? 'the machine was switched off in the end'
	on_console '^lab: kdump status: exit [345]'
	verdict $? 'kdump status does not trust it' "$(console_words 'lab: kdump status')"
	on_console '^lab| .*\(small\|reserv\)'
	verdict $? 'and says why'
	on_console 'lab: boot 2,'
	verdict $? 'the machine came back'
}

# a rehearsal, without a crash
scenario_test() {
	with_servers || return
	ssh_lines | conf
	cat >"$run/lab/boot1" <<-'END'
		tell kdump status
		tell kdump test
	END
	machine_run
	verdict $? 'the machine was switched off in the end'
	on_console '^lab: kdump test: exit 0'
	verdict $? 'kdump test finds nothing wrong' "$(console_words 'lab: kdump test')"
}

# the real thing: the next boot says whether it arrived
scenario_test_crash() {
	with_servers || return
	ssh_lines | conf
	usual_boots '' 'tell kdump test --crash --yes-crash-now; sleep 30'
	sed -i '1i tell kdump test' "$run/lab/boot2"
	machine || return
	report_says 'test'
	all_saved "$servers/store"
}
