# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034,SC2154,SC2317  # variables and functions for service
#
# service-cases.sh - where a dump can go, and what can crash a machine; to be sourced

all_cases='local nfs3 nfs4 ssh raw diskless three oops nmi dhcp lvm md port cluster'

scenario_local() {
	conf <<-'END'
		path /var/crash
	END
	usual_boots
	machine || return
	report_says 'sysrq.triggered.crash' 'whole\|complete\|saved'
	all_saved "$run/home/var/crash"
}

# to_server LINES FOLDER: the usual crash, and all must be in FOLDER
to_server() {
	printf '%s\n' "$1" | conf
	usual_boots
	machine || return
	report_says 'sysrq.triggered.crash' '10\.0\.2\.2'
	all_saved "$2"
}

scenario_nfs3() {
	with_servers || return
	to_server 'nfs 10.0.2.2:/dump
path /crashes' "$servers/nfs/view/dump"
}

scenario_nfs4() {
	with_servers || return
	to_server 'nfs4 10.0.2.2:/dump
path /crashes' "$servers/nfs/view/dump"
}

ssh_lines() {
	printf 'ssh root@10.0.2.2\nsshkey /root/.ssh/kdump_id_ed25519\npath %s\n' "$servers/store"
}

scenario_ssh() {
	with_servers || return
	to_server "$(ssh_lines)" "$servers/store"
}

# the address comes from QEMU's DHCP server, in both kernels
scenario_dhcp() {
	with_servers || return
	mkdir -p "$run/lab/root/etc/network"
	printf 'auto lo\niface lo inet loopback\nauto ens3\niface ens3 inet dhcp\n' \
		>"$run/lab/root/etc/network/interfaces"
	to_server "$(ssh_lines)" "$servers/store"
}

# raw_disk MIB: a second disk for the machine, called raw
raw_disk() {
	truncate -s "${1}M" "$run/raw.disk"
	extra="$extra $(disk "$run/raw.disk" raw)"
}

# the dump is fetched from the device by the next boot
scenario_raw() {
	raw_disk 600
	conf <<-'END'
		raw /dev/disk/by-id/virtio-raw
		path /var/crash
	END
	usual_boots
	machine || return
	report_says 'sysrq.triggered.crash'
	all_saved "$run/home/var/crash"
}

# no disk but those of the test; its next boot learns of the crash from the server
scenario_diskless() {
	newer "$image-diskless/diskless.img" "$image/root.img" ||
		"$here/debian" --diskless --kernel "$kernel" --deb "$deb" --tree "$work/debian-tree" \
			"$image-diskless" 2>"$run/diskless.log"
	verdict $? 'an initramfs with all of Debian' "$(tail -n 1 "$run/diskless.log")" || return
	with_servers || return
	host_boot() {
		printf '%s\n' x >>"$run/boots"
		wc -l <"$run/boots"
	}
	diskless=$image-diskless/diskless.img memory=3072
	ssh_lines | conf
	usual_boots 'home /dmesg.before; send_home'
	sed -i '/^home/d' "$run/lab/boot2"
	machine || return
	report_says 'sysrq.triggered.crash' '10\.0\.2\.2'
	all_saved "$servers/store"
}

# the first is not there, the second does not know the key, the third takes it
scenario_three() {
	with_servers || return
	cp "$servers/ssh/id_stranger" "$run/lab/root/root/.ssh/stranger"
	chmod 600 "$run/lab/root/root/.ssh/stranger"
	conf <<-END
		nfs 10.0.2.3:/dump
		ssh root@10.0.2.2
		sshkey /root/.ssh/stranger
		path $servers/store
		ext4 /dev/vda
		path /var/crash
	END
	usual_boots
	machine || return
	report_says 'sysrq.triggered.crash'
	nothing_in "$servers/store"
	all_saved "$run/home/var/crash"
}

# a module's oops: without kernel.panic_on_oops=1 the machine would go on
scenario_oops() {
	conf <<-'END'
		path /var/crash
	END
	mkdir -p "$run/lab/root/root"
	"$here/mkmodule" "$kernel" "$here/module.c" "$run/lab/root/root/crasher.ko" 2>"$run/module.log"
	verdict $? 'a module that crashes' "$(tail -n 1 "$run/module.log")" || return
	usual_boots 'tell sysctl kernel.panic_on_oops' 'armed; say crash; insmod /root/crasher.ko do=null-a'
	panic='BUG: kernel NULL pointer dereference'
	machine || return
	on_console 'lab| kernel.panic_on_oops = 1'
	verdict $? 'an oops is a panic while it is armed'
	report_says 'NULL pointer\|Fatal exception\|BUG'
	all_saved "$run/home/var/crash"
}

# an NMI that QEMU's monitor injects, as a management controller would
scenario_nmi() {
	conf <<-'END'
		path /var/crash
	END
	usual_boots 'sysctl -w kernel.unknown_nmi_panic=1 kernel.panic_on_unrecovered_nmi=1' \
		'armed; say crash; host nmi; sleep 60'
	host_nmi() { printf 'nmi\n' >>"$run/monitor.in"; }
	panic='Kernel panic - not syncing: NMI'
	machine || return
	report_says 'NMI'
	all_saved "$run/home/var/crash"
}

# stack_image: the same with what Debian has for LVM and md
stack_image() {
	image=$work/debian-stack
	newer "$image/root.img" "$work/debian/root.img" || "$here/debian" --kernel "$kernel" --deb "$deb" \
		--with 'lvm2 mdadm' --tree "$work/debian-tree" "$image" 2>"$run/image.log"
	verdict $? 'a Debian with lvm2 and mdadm' "$(tail -n 1 "$run/image.log" 2>/dev/null)"
}

# on_stack: on_device, with what Debian has for LVM and md
on_stack() {
	stack_image </dev/null && on_device
}

# on_device: /var/crash is a file system of its own, on what the script on standard input
# makes of the disks that it is given
on_device() {
	{
		cat
		cat <<-'END'
			mkfs.ext4 -q "$device"
			mkdir -p /var/crash
			printf 'UUID=%s /var/crash ext4 nofail 0 2\n' "$(blkid -s UUID -o value "$device")" >>/etc/fstab
			mount "$device" /var/crash
		END
	} >"$run/lab/setup"
	conf <<-'END'
		path /var/crash
	END
	usual_boots 'tell lsblk'
	machine || return
	report_says 'sysrq.triggered.crash'
	all_saved "$run/home/var/crash"
}

scenario_lvm() {
	truncate -s 600M "$run/data.disk"
	extra=$(disk "$run/data.disk" data)
	on_stack <<-'END'
		pvcreate -qq -y /dev/disk/by-id/virtio-data
		vgcreate -qq vg /dev/disk/by-id/virtio-data
		lvcreate -qq -y -n crash -l '90%FREE' vg
		device=/dev/vg/crash
	END
}

scenario_md() {
	truncate -s 500M "$run/one.disk" "$run/two.disk"
	extra="$(disk "$run/one.disk" one) $(disk "$run/two.disk" two)"
	on_stack <<-'END'
		mdadm --create /dev/md0 --run --quiet --level=1 --raid-devices=2 --metadata=1.2 \
			/dev/disk/by-id/virtio-one /dev/disk/by-id/virtio-two
		device=/dev/md0
	END
}

# the disk is behind a PCIe root port, as on real machines and in libvirt's, and the kernel
# is one whose driver for it is in no list of built-in modules
scenario_port() {
	kernel=$work/kernels/6.12 image=$work/debian-6.12
	"$here/fetch-kernel" 6.12 "$kernel" 2>"$run/kernel.log" && {
		newer "$image/root.img" "$work/debian/root.img" || "$here/debian" --kernel "$kernel" --deb "$deb" \
			--tree "$work/debian-tree" "$image" 2>"$run/image.log"
	}
	verdict $? 'a Debian with Linux 6.12' "$(tail -n 1 "$run/kernel.log" "$run/image.log" 2>/dev/null)" || return
	truncate -s 600M "$run/data.disk"
	extra="-machine q35 -device pcie-root-port,id=slot1,chassis=1
		$(disk "$run/data.disk" data | sed 's/virtio-blk-pci,/&bus=slot1,/')"
	on_device <<-'END'
		device=/dev/disk/by-id/virtio-data
	END
}

# a line for each dump that arrived, with the time; and for each crash without one
crash_log() {
	dumps=$(find "$servers/store" -name vmcore | wc -l)
	boots=$(grep -a -c '^lab: boot ' "$run/serial.plain")
	[ "$dumps $boots" != "$logged" ] || return 0
	printf '%s boot %s, %s dumps%s\n' "$(date +%T)" "$boots" "$dumps" \
		"$([ "$boots" -le $((dumps + 1)) ] || echo ': one is missing')" >>"$run/crashes"
	logged="$dumps $boots"
}

# one machine, again and again, each time after its own reboot; what makes it slow without
# being what is tested is left out
scenario_repeat() {
	with_servers || return
	ssh_lines | conf
	limit=$((repeats * 600)) smp=1 cpu=Nehalem pause=2 memory=640 crashkernel=128M
	append='mitigations=off init_on_alloc=0' logged=''
	host_watch() { crash_log; }
	cat >"$run/lab/boots" <<-END
		[ "\$boot" -le $repeats ] || tell kdump report --all
		[ "\$boot" -gt $repeats ] || crash
	END
	began=$(date +%s)
	machine_run
	verdict $? 'the machine was switched off in the end' "$(tail -n 1 "$run/qemu.err")"
	boots=$(grep -a -c '^lab: boot ' "$run/serial.plain")
	[ "$boots" -eq $((repeats + 1)) ]
	verdict $? "it crashed $repeats times and booted $boots times, in $(($(date +%s) - began)) s"
	find "$servers/store" -name vmcore >"$run/dumps"
	[ "$(wc -l <"$run/dumps")" -eq "$repeats" ]
	verdict $? "$(wc -l <"$run/dumps") dumps arrived"
	[ -z "$(find "$servers/store" -name '*incomplete*')" ]
	verdict $? 'nothing is called incomplete'
	bad=0
	while read -r file; do
		"$bin/dumpfilter" --verify "$file" >/dev/null 2>&1 &&
			grep -a -q 'sysrq.triggered.crash' "${file%/*}/vmcore-dmesg.txt" || bad=$((bad + 1))
	done <"$run/dumps"
	[ $bad -eq 0 ]
	verdict $? 'each is whole, with its log' "$bad are not"
}

# a node of a cluster, with the fence agents' own programs at both ends: the one of the machine
# is in the image, and tells ours that it dumps
scenario_cluster() {
	agents=$work/fence-agents
	if [ ! -d "$agents" ]; then
		mkdir -p "$agents.deb" && (cd "$agents.deb" && apt-get -qq download fence-agents) 2>"$run/agents.log" &&
			dpkg-deb -x "$agents.deb"/fence-agents_*.deb "$agents"
		verdict $? "Debian's fence agents" "$(tail -n 1 "$run/agents.log")" || return
	fi
	with_servers || return
	mkdir -p "$run/lab/root/usr/libexec/fence-agents"
	cp "$agents/usr/libexec/fence-agents/fence_kdump_send" "$run/lab/root/usr/libexec/fence-agents/"
	# shellcheck disable=SC2086  # words
	$within "$agents/usr/sbin/fence_kdump" -v -n 127.0.0.1 -o off -t 600 >"$run/agent.log" 2>&1 &
	agent=$!
	conf <<-'END'
		fence_kdump_nodes 10.0.2.2 10.0.2.15
		fence_kdump_args -i 1
		path /var/crash
	END
	usual_boots
	machine || return
	on_console 'fence_kdump_send -i 1 10.0.2.2'
	verdict $? 'the other node is told, and not the machine itself'
	kill "$agent" 2>/dev/null && sleep 1
	wait "$agent"
	verdict $? 'the agent of the other node has heard of it' "$(tail -n 1 "$run/agent.log")"
	report_says 'sysrq.triggered.crash'
	all_saved "$run/home/var/crash"
}
