# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154  # variables of, and for, who includes it
#
# debian.sh - run a machine that debian made, for scripts to include
#
# The script sets here to this folder, image to what debian made, run to a folder for this
# machine, and fills $run/lab (see debian-root/usr/lib/lab/guest); then machine_run.
# Afterwards $run has serial.log and home/ (what the machine sent home). The machine may be
# reset and boot again as often as it wants; it ends when it is switched off.
#
# What may be set before:
memory=1024 smp=2 crashkernel=256M append='' extra='' limit=1500 stamp='' within='' diskless=''
cpu=max,la57=off pause=0.3
# memory in MiB; cpu: QEMU's name of it; extra: QEMU's options; limit: seconds for all;
# pause: seconds between two looks at what the machine has printed; stamp: a program that the
# console goes through; within: a command that QEMU runs under (a server's network);
# diskless: an initramfs that is all of the system, instead of a root disk
#
# The machine's "host WORD" calls the function host_WORD here, which may print one word as
# its answer; and while it runs, host_watch is called again and again, if there is one.

qemu=''

# the machine's own disk, with $run/lab/root laid over its files; it keeps what was written
# between two machine_run's
machine_disk() {
	cp --sparse=always --reflink=auto "$image/root.img" "$run/disk.img"
	[ -d "$run/lab/root" ] || return 0
	(
		cd "$run/lab/root" || exit
		find . -mindepth 1 -type d | sort | sed 's|^\./|mkdir /|'
		find . -type f | sed 's|^\./\(.*\)|rm /\1\nwrite \1 /\1|'
		find . -type f -exec stat -c 'sif %n mode 0%f' {} + | hex_modes
		find . -mindepth 1 -type d -exec stat -c 'sif %n mode 0%f' {} + | hex_modes
	) >"$run/debugfs.in"
	# what is there already is said to be, and stays
	(cd "$run/lab/root" && debugfs -w -f "$run/debugfs.in" "$run/disk.img") >"$run/debugfs.log" 2>&1
}

# "sif ./NAME mode 0HEX", as stat knows modes, with the octal number that debugfs wants
hex_modes() {
	while read -r word name what mode; do
		printf '%s %s %s 0%o\n' "$word" "${name#.}" "$what" "0x${mode#0}"
	done
}

# the same for a machine without a disk: an archive behind the others
machine_initramfs() {
	cp "$diskless" "$run/initrd.img"
	[ ! -d "$run/lab/root" ] ||
		(cd "$run/lab/root" && find . | cpio -o -H newc -R 0:0 --quiet) | gzip -1 >>"$run/initrd.img"
}

machine_files() {
	mkdir -p "$run/lab"
	rm -rf "${run:?}/home" "$run/home.img" "$run/serial.log" "$run/go" "$run/monitor.in" "$run/monitor.out"
	tar -c -C "$run/lab" --owner=0 --group=0 --exclude=./root -f "$run/lab.img" .
	truncate -s 1G "$run/home.img"
	mkfifo "$run/go" "$run/monitor.in" "$run/monitor.out"
	: >"$run/serial.log"
	if [ -n "$diskless" ]; then
		machine_initramfs
	else
		rm -f "$run/initrd.img"
		[ -s "$run/disk.img" ] || machine_disk
	fi
}

# disk FILE NAME: QEMU's options for a disk that the machine finds by its name
disk() {
	printf -- '-drive file=%s,format=raw,if=none,id=%s,cache=unsafe -device virtio-blk-pci,drive=%s,serial=%s ' \
		"$1" "$2" "$2" "$2"
}

machine_start() {
	machine_files
	exec 7<>"$run/go" 8<>"$run/monitor.in" 9<>"$run/monitor.out"
	initrd=$image/initrd.img
	[ -z "$diskless" ] || initrd=$run/initrd.img
	# norandmaps: QEMU translates what a program is anew for each place that it is at, and
	# pages with thousands of translations stop the next kernel's unpacking for minutes.
	# The second serial line is only read: what it prints is thrown away
	# shellcheck disable=SC2046,SC2086  # words on purpose
	set -- $within timeout --foreground -k 10 "$limit" qemu-system-x86_64 -accel tcg,thread=multi \
		-cpu "$cpu" -m "$memory" -smp "$smp" -nodefaults -vga none -display none \
		-serial stdio -chardev pipe,id=go,path="$run/go" -serial chardev:go \
		-chardev pipe,id=monitor,path="$run/monitor" -mon chardev=monitor,mode=readline \
		-kernel "$image/vmlinuz" -initrd "$initrd" \
		-netdev user,id=net -device virtio-net-pci,netdev=net,romfile=,addr=0x3 \
		$([ -n "$diskless" ] || disk "$run/disk.img" root) \
		$(disk "$run/lab.img" lab) $(disk "$run/home.img" home) $extra \
		-append "root=${root:-/dev/vda} rw console=ttyS0 crashkernel=$crashkernel no_timer_check norandmaps $append"
	if [ -n "$stamp" ]; then
		{ "$@" 2>"$run/qemu.err"; } </dev/null | $stamp >"$run/serial.log" &
	else
		"$@" </dev/null >"$run/serial.log" 2>"$run/qemu.err" &
	fi
	qemu=$!
}

# what the machine has asked for since the last time
machine_asked() {
	grep -a -o 'lab: host: [a-z_0-9]*$' "$run/serial.plain" | tail -n +$((answered + 1)) >"$run/asked"
	while read -r _ _ word; do
		answered=$((answered + 1))
		answer=$("host_$word" 3>&- 7>&- 8>&- 9>&-)
		printf '%s\n' "${answer:-done}" >&7
	done <"$run/asked"
}

# newer FILE THAN...: is it there, and newer than all of them?
newer() {
	[ -e "$1" ] && [ -z "$(find "$@" -newer "$1")" ]
}

# what it has printed, without the sequences with which systemd moves the cursor: one may
# stand in front of a line of ours
machine_plain() {
	sed 's/\r//g; s/\x1bM//g; s/\x1b\[[0-9;]*[A-Za-z]//g' "$run/serial.log" >"$run/serial.plain"
}

# until it is switched off
machine_wait() {
	answered=0
	while kill -0 "$qemu" 2>/dev/null; do
		sleep "$pause"
		machine_plain
		machine_asked
		! command -v host_watch >/dev/null || host_watch
	done
	wait "$qemu"
	machine_status=$?
	qemu=''
	exec 7>&- 8>&- 9>&-
	machine_plain
	rm -f "$run/go" "$run/monitor.in" "$run/monitor.out" "$run/asked" "$run/lab.img"
	mkdir -p "$run/home"
	tar -x -C "$run/home" -f "$run/home.img" 2>"$run/tar.err" || :
	rm -f "$run/home.img"
	return $machine_status
}

machine_run() {
	machine_start
	machine_wait
}

# a command for QEMU's monitor
machine_monitor() {
	printf '%s\n' "$*" >&8
}

# whatever happens
machine_stop() {
	[ -z "$qemu" ] || kill "$qemu" 2>/dev/null || :
	qemu=''
}

# on_console REGEX: has the machine printed such a line?
on_console() {
	grep -a -q -e "$1" "$run/serial.plain"
}

# machine_settle COMMAND...: let the machine boot once and do that, and keep what has
# become of its disk as the image, which has booted never then
machine_settle() {
	mkdir -p "$run/lab"
	printf 'tell %s\nrm -f /var/lib/lab-boots\n' "$*" >"$run/lab/boot1"
	machine_disk && machine_run && on_console "lab: $*: exit 0" || return 1
	mv "$run/disk.img" "$image/root.img"
}
