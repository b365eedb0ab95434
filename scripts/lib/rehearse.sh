# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # some names are of those who source it
#
# rehearse.sh - a crash and its capture in QEMU, from the kernel and the image of this
# machine; to be sourced behind arm.sh, programs.sh, tree.sh and archive.sh
#
# A machine of rehearse_memory MiB boots the kernel with this machine's reservation, from
# an initramfs of nothing but busybox, kexec-load, that kernel again and the image; it loads
# both, and panics. The capture kernel gets crashpipe.rehearsal: capture-init brings up all
# but the targets, which are not there, and dumpfilter makes the dump and throws it away.
# QEMU emulates the processor: no rights are needed, and no device. The machine's own disks
# and network cards are not in it: whether their drivers work only a crash can tell.

rehearse_memory=512
rehearse_seconds=${KDUMP_REHEARSAL_SECONDS:-240}

# rehearse_machine: sets qemu, qemu_words, qemu_console; 1 for others
rehearse_machine() {
	case $(options_machine) in
	x86_64)
		qemu='qemu-system-x86_64'
		qemu_words='-machine q35 -cpu max,la57=off' qemu_console='ttyS0 no_timer_check'
		;;
	aarch64)
		qemu='qemu-system-aarch64'
		qemu_words='-machine virt,gic-version=2 -cpu cortex-a57' qemu_console=ttyAMA0
		;;
	*) return 1 ;;
	esac
}

# rehearse_init: what the first kernel runs. Its own words begin with "rehearsal: ".
rehearse_init() {
	cat <<-EOF
		#!/bin/busybox sh
		/bin/busybox mount -t proc proc /proc
		/bin/busybox mount -t sysfs sysfs /sys
		/bin/busybox mount -t devtmpfs devtmpfs /dev
		exec </dev/null >/dev/console 2>&1
		echo 'rehearsal: the first kernel runs'
		if kexec-load -p --initrd=/capture.img --append='$1' /vmlinuz; then
			echo 'rehearsal: loaded'
			echo c >/proc/sysrq-trigger
		fi
		echo 'rehearsal: not loaded'
		/bin/busybox poweroff -f
	EOF
}

# rehearse_words: of the capture kernel's command line what suits this machine, too
rehearse_words() {
	set -f
	for rehearse_word in $1; do
		case $rehearse_word in
		elfcorehdr=* | acpi_rsdp=* | memmap=* | mem=* | crashkernel=* | console=* | quiet | \
			earlycon* | earlyprintk* | root=* | BOOT_IMAGE=* | *\'* | crashpipe.*) ;;
		*) printf '%s ' "$rehearse_word" ;;
		esac
	done
	set +f
	printf 'console=%s panic=5 crashpipe.rehearsal\n' "$qemu_console"
}

# rehearse_make KERNEL IMAGE WORDS: the first kernel's initramfs, in $work/rehearsal.img
rehearse_make() {
	rehearse_tree=$work/rehearsal
	mkdir -p "$rehearse_tree/bin" "$rehearse_tree/proc" "$rehearse_tree/sys" \
		"$rehearse_tree/dev" "$rehearse_tree/run" "$rehearse_tree/tmp" || return 1
	rehearse_box=$(tree_find_busybox) || {
		rehearse_why='there is no busybox on this system'
		return 2
	}
	program_copy "$KDUMP_ROOT" "$rehearse_tree" "$rehearse_box" /bin/busybox || return 1
	program_copy '' "$rehearse_tree" "$(command -v kexec-load)" /bin/kexec-load || return 1
	cp "$1" "$rehearse_tree/vmlinuz" && cp "$2" "$rehearse_tree/capture.img" || return 1
	rehearse_init "$3" >"$rehearse_tree/init"
	chmod -R u+rwX,go+rX "$rehearse_tree"
	chmod 755 "$rehearse_tree/init" "$rehearse_tree/bin/"*
	archive_make "$rehearse_tree" "$work/rehearsal.img" none
	rehearse_made=$?
	rm -rf "$rehearse_tree"
	return $rehearse_made
}

# rehearse_run KERNEL KIB: what both kernels say goes to $work/rehearsal.log
rehearse_run() {
	# shellcheck disable=SC2086 # words
	timeout -k 5 "$rehearse_seconds" "$qemu" -no-user-config -nodefaults -display none -vga none \
		-monitor none -no-reboot -serial stdio -smp 1 -accel tcg $qemu_words \
		-m "$((rehearse_memory + $2 / 1024))" -kernel "$1" -initrd "$work/rehearsal.img" \
		-append "console=$qemu_console panic=5 crashkernel=$(($2 / 1024))M" \
		</dev/null >"$work/rehearsal.log" 2>"$work/rehearsal.err" 9>&-
}

# rehearse_said TEXT: does the log have it?
rehearse_said() {
	grep -a -q -e "$1" "$work/rehearsal.log"
}

# rehearse_verdict STATUS: sets rehearse_why to what went wrong, or how it went; 1 for the
# former
rehearse_verdict() {
	rehearse_line=$(tr -d '\r\000' <"$work/rehearsal.log" | grep -a -v '^$' | tail -n 1 |
		sed 's/^\[[^]]*\] //' | tr -cd '[:print:]' | cut -c 1-160)
	rehearse_short=$(tr -d '\r' <"$work/rehearsal.log" | grep -a -i -m 1 -e 'out of memory' \
		-e 'invoked oom-killer' -e 'page allocation failure' -e 'deadlocked on memory' \
		-e 'unpacking failed: write error' -e 'Cannot allocate memory' | sed 's/^\[[^]]*\] //')
	if rehearse_said 'crashpipe: rehearsal: ok'; then
		rehearse_why=$(tr -d '\r' <"$work/rehearsal.log" |
			sed -n 's/^.*crashpipe: rehearsal: ok:* *//p' | tail -n 1)
		return 0
	elif [ -n "$rehearse_short" ]; then
		rehearse_why="memory is too short in $2 MiB: $rehearse_short"
	elif rehearse_said 'crashkernel reservation failed\|crashkernel: memory value expected'; then
		rehearse_why="the first kernel cannot reserve $2 MiB there"
	elif ! rehearse_said 'rehearsal: the first kernel runs'; then
		rehearse_why="the kernel does not boot there: ${rehearse_line:-$(head -n 1 "$work/rehearsal.err")}"
	elif ! rehearse_said 'rehearsal: loaded'; then
		rehearse_why="kexec-load there: $(tr -d '\r' <"$work/rehearsal.log" |
			sed -n 's/^.*kexec-load: //p' | tail -n 1)"
	elif [ "$1" -eq 124 ]; then
		rehearse_why="not done after $rehearse_seconds s; the last line: $rehearse_line"
	else
		rehearse_why="the capture kernel did not come to its end; the last line: $rehearse_line"
	fi
	return 1
}

# rehearse KERNEL IMAGE KIB WORDS: 0 it went well; 1 it did not; 2 not possible here: why it
# is in rehearse_why
rehearse() {
	if ! rehearse_machine; then
		rehearse_why="no machine of kind $(options_machine) is known for QEMU"
		return 2
	elif ! command -v "$qemu" >/dev/null; then
		rehearse_why="$qemu is not installed"
		return 2
	fi
	rehearse_why='its initramfs cannot be made'
	rehearse_make "$1" "$2" "$(rehearse_words "$4")" || return
	rehearse_run "$1" "$3"
	rehearse_verdict $? $(($3 / 1024))
}
