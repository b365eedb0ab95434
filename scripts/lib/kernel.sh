# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2154  # names that files share
#
# kernel.sh - which kernel captures, and where it lies; to be sourced behind settings.sh
#
# KDUMP_KERNELVER, KDUMP_BOOTDIR, KDUMP_IMG and KDUMP_IMG_EXT choose; otherwise it is the
# running one, where distributions put it.

# running_release
running_release() {
	cat "$KDUMP_ROOT/proc/sys/kernel/osrelease" 2>/dev/null || uname -r
}

# kernel_release: of the capture kernel
kernel_release() {
	kernel_wanted=$(settings_get KDUMP_KERNELVER)
	printf '%s\n' "${kernel_wanted:-$(running_release)}"
}

# kernel_places RELEASE: where its image may lie, the first that is there counts
kernel_places() {
	kernel_dir=$(settings_get KDUMP_BOOTDIR /boot)
	kernel_name=$(settings_get KDUMP_IMG vmlinuz)
	kernel_ext=$(settings_get KDUMP_IMG_EXT)
	kernel_package=$(cat "$KDUMP_ROOT/lib/modules/$1/pkgbase" 2>/dev/null)
	kernel_machine=$(cat "$KDUMP_ROOT/etc/machine-id" 2>/dev/null)
	cat <<-EOF
		${kernel_dir:-/boot}/${kernel_name:-vmlinuz}-$1$kernel_ext
		/boot/vmlinuz-$1
		/boot/Image-$1
		/boot/vmlinux-$1
		/boot/kernel-$1
		/lib/modules/$1/vmlinuz
		/usr/lib/modules/$1/vmlinuz
		/lib/modules/$1/Image
		/boot/vmlinuz${kernel_package:+-$kernel_package}
		/boot/${kernel_machine:-none}/$1/linux
		/efi/${kernel_machine:-none}/$1/linux
		/boot/efi/${kernel_machine:-none}/$1/linux
		/boot/EFI/Linux/${kernel_machine:-none}-$1.efi
		/efi/EFI/Linux/${kernel_machine:-none}-$1.efi
		/boot/efi/EFI/Linux/${kernel_machine:-none}-$1.efi
		/lib/modules/$1/$1.efi
	EOF
}

# kernel_image RELEASE: its path, in KDUMP_ROOT; 1 when there is none
kernel_image() {
	kernel_found=$(kernel_places "$1" | while IFS= read -r kernel_try; do
		# a bare vmlinuz is this release's only where a package names it so
		[ "$kernel_try" != /boot/vmlinuz ] || continue
		[ -f "$KDUMP_ROOT$kernel_try" ] || continue
		printf '%s\n' "$kernel_try"
		break
	done)
	[ -n "$kernel_found" ] || return 1
	kernel_first=$(kernel_places "$1" | head -n 1)
	case $kernel_first in
	"$kernel_found" | "/boot/vmlinuz-$1") ;;
	*) say "$kernel_first: not there: taking $kernel_found (KDUMP_BOOTDIR, KDUMP_IMG)" ;;
	esac
	printf '%s\n' "$kernel_found"
}
