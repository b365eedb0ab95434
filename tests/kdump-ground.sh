# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034 # some names are of case.sh, or for the cases
#
# kdump-ground.sh - what the cases of kdump-resolve and kdump-up share; to be sourced
# behind case.sh
#
# A machine is a tree in the folder root: what the kernel says of its devices in /sys and
# /proc, and files in /dev for the devices themselves.

scripts=$(cd "${0%/*}/../../scripts" && pwd)
tests_file=$(cd "${0%/*}" && pwd)/${0##*/}

# write FILE TEXT...: a line each, in the tree
write() {
	mkdir -p "root${1%/*}"
	to=root$1
	shift
	printf '%s\n' "$@" >"$to"
}

# driver DIRECTORY MODULE: the device there is driven by that module
driver() {
	mkdir -p "root$1" "root/sys/module/$2" "root/sys/bus/drivers/$2"
	ln -sfn "$PWD/root/sys/bus/drivers/$2" "root$1/driver"
	ln -sfn "$PWD/root/sys/module/$2" "root/sys/bus/drivers/$2/module"
}

# block NAME MAJOR:MINOR DIRECTORY [SECTORS]: a block device, its directory under /sys/devices
block() {
	dir=/sys/devices$3
	write "$dir/dev" "$2"
	write "$dir/size" "${4:-524288}"
	mkdir -p "root$dir/slaves" "root$dir/holders" root/sys/dev/block root/sys/class/block root/dev
	ln -sfn "$PWD/root$dir" "root/sys/dev/block/$2"
	ln -sfn "$PWD/root$dir" "root/sys/class/block/$1"
	[ -e "root/dev/$1" ] || : >"root/dev/$1"
}

# disk NAME MAJOR:MINOR: on a virtio bus
disk() {
	block "$1" "$2" "/pci0000:00/0000:00:05.0/virtio3/block/$1"
	driver /sys/devices/pci0000:00/0000:00:05.0 virtio_pci
	driver /sys/devices/pci0000:00/0000:00:05.0/virtio3 virtio_blk
}

# partition DISK NUMBER MAJOR:MINOR
partition() {
	at=$(readlink "root/sys/class/block/$1")
	block "$1$2" "$3" "${at#*/sys/devices}/$1$2"
	write "${at#"$PWD/root"}/$1$2/partition" "$2"
}

# under UPPER LOWER
under() {
	at=$(readlink "root/sys/class/block/$2")
	ln -sfn "$at" "root/sys/class/block/$1/slaves/$2"
	ln -sfn "$(readlink "root/sys/class/block/$1")" "root/sys/class/block/$2/holders/$1"
}

# mounted MAJOR:MINOR TYPE SOURCE PLACE [OPTIONS [ROOT]]
mounted() {
	mkdir -p root/proc/self
	count=$((count + 1))
	printf '%s 1 %s %s %s rw,relatime shared:1 - %s %s rw%s\n' $((count + 20)) "$1" "${6:-/}" \
		"$4" "$2" "$3" "${5:+,$5}" >>root/proc/self/mountinfo
}

count=0

# file_system TYPE FILE: a real one where it can be made, with UUID $uuid
uuid=01234567-89ab-cdef-0123-456789abcdef
file_system() {
	truncate -s 16M "$2"
	case $1 in
	ext4) mkfs.ext4 -q -F -U $uuid "$2" ;;
	# the places of what makes them known, see device.sh
	xfs) put "$2" 0 XFSB && put "$2" 32 "$(raw_uuid)" ;;
	btrfs) put "$2" 65600 _BHRfS_M && put "$2" 65568 "$(raw_uuid)" ;;
	esac
}

raw_uuid() {
	printf '\\001\\043\\105\\147\\211\\253\\315\\357\\001\\043\\105\\147\\211\\253\\315\\357'
}

# put FILE OFFSET TEXT: octal escapes are bytes
put() {
	# shellcheck disable=SC2059 # they are a format
	printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

kernel=6.1.0-99-invented

# kernel_modules NAME...: those the invented kernel has
kernel_modules() {
	mkdir -p "root/lib/modules/$kernel"
	: >"root/lib/modules/$kernel/modules.builtin"
	printf 'kernel/%s.ko:\n' "$@" >"root/lib/modules/$kernel/modules.dep"
}

# plain_disk: a machine whose root is an ext4 on /dev/vda1
plain_disk() {
	disk vda 254:0
	partition vda 1 254:1
	file_system ext4 root/dev/vda1
	mounted 254:1 ext4 /dev/vda1 /
	mkdir -p root/var
	kernel_modules virtio_blk virtio_pci ext4
}

shell=dash

# both FUNCTION: it, with each of the shells, in a folder of its own
both() {
	for shell in dash busybox; do
		mkdir $shell && cd $shell || exit 2
		count=0
		"$@"
		cd ..
	done
}

# resolve STATUS LINE...: kdump.conf of these lines, on the machine in root if there is one
resolve() {
	wanted=$1
	shift
	tree=
	[ ! -d root ] || tree=$PWD/root
	printf '%s\n' "$@" >kdump.conf
	mkdir -p made
	cat >commands <<-END
		self=kdump lib=$scripts/lib KDUMP_ROOT=$tree
		export KDUMP_ROOT
		for name in say collector conf device stack route netline sshkey resolve; do
			. \$lib/\$name.sh
		done
		conf_read kdump.conf && resolve_config "\$PWD/made" $kernel
	END
	case $shell in
	dash) expect "$wanted" dash commands ;;
	*) expect "$wanted" busybox sh commands ;;
	esac
}

# has FILE LINE...: of what was made
has() {
	file=made/$1
	shift
	for line; do
		grep -q -x -F -e "$line" "$file" || why "no \"$line\" in $file: $(cat "$file")"
	done
}

# lacks FILE TEXT...
lacks() {
	file=made/$1
	shift
	for line; do
		! grep -q -F -e "$line" "$file" || why "\"$line\" in $file"
	done
}

# apart FUNCTION: in a network of its own, with its own /sys, /run and /etc/resolv.conf
apart() {
	[ "$(id -u)" = 0 ] || skip 'needs root'
	if [ -z "${apart:-}" ]; then
		unshare -n -m true 2>/dev/null || skip 'no network namespaces'
		apart=yes unshare -n -m "$(command -v dash)" "$tests_file" "$bin" "$samples" "$case_name" >inner 2>&1
		grep -q '^ok' inner && return
		sed 's/^[a-z ]*: /why: /' inner
		! grep -q '^skip' inner || exit 77
		exit 1
	fi
	{ mount --make-rprivate / && mount -t sysfs sysfs /sys && mount -t tmpfs tmpfs /run; } ||
		why 'cannot mount'
	ip link set lo up
	"$1"
}
