#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kdump-guest.sh - what kdump-command does in its machine, instead of loading a kernel
#
# Each step leaves NAME=STATUS in /disk/out/steps and its words in /disk/out/step-NAME.

PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH

# step NAME COMMAND...
step() {
	name=$1
	shift
	"$@" >"/disk/out/step-$name" 2>&1
	printf '%s=%s\n' "$name" $? >>/disk/out/steps
	read -r up _ </proc/uptime
	printf 'vm: step %s at %s\n' "$name" "$up" >/dev/console
}

# one holds the lock while another comes
# shellcheck disable=SC2317  # step runs it
both_at_once() {
	: >/run/at-once
	# shellcheck disable=SC2016  # that shell's
	flock /run/crashpipe/kdump.lock sh -c 'n=0
		until grep -q waiting /run/at-once || [ $((n += 1)) -gt 120 ]; do
			sleep 0.5
		done' &
	sleep 0.5
	kdump stop >/run/at-once 2>&1
	stopped=$?
	cat /run/at-once
	return "$stopped"
}

tar -x -z -C / -f /etc/kdump.tar
ln -s /disk/boot/vmlinuz "/boot/vmlinuz-$(uname -r)"
mkdir -p /etc/default
printf 'KDUMP_COMMANDLINE_APPEND="mine=1 quiet"\n' >/etc/default/kdump
echo 0 >/proc/sys/kernel/panic_on_oops
step before kdump status
step start kdump start
step oops cat /proc/sys/kernel/panic_on_oops
step status kdump status
step show kdump show
step json kdump status --json
cp -p /etc/kdump.conf /etc/kdump.conf.good
printf '# a comment more\n' >>/etc/kdump.conf
step stale kdump status
printf 'nonsense yes\n' >>/etc/kdump.conf
step refused kdump start
cp -p /etc/kdump.conf.good /etc/kdump.conf
step restart kdump restart
step reload kdump reload
step stop kdump stop
step oops_back cat /proc/sys/kernel/panic_on_oops
step stopped kdump status
step waits both_at_once
step last kdump start
exit 0
