/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a production kernel is told and a capture kernel must not be, and the other way
 * round. What the words mean: Documentation/admin-guide/kernel-parameters.txt and
 * Documentation/admin-guide/kdump/kdump.rst, Linux 7.2.
 */
#include "rules-builtin.h"

#define NESTED "the capture kernel would reserve memory itself"
#define STALE "it belongs to the kernel that was booted"
#define PRODUCTION_ROOT "the capture must not wait for the production root"
#define MEMORY "memory that the small machine does not have"
#define ANOTHER_MAP "a memory map that is not its own"
#define NO_PANIC "what is worth a panic otherwise must not stop the dump"
#define SLEEPING "it must not wake a sleeping system"
#define REDIRECTED "it leads the boot away from the capture"
#define PROCESSORS "processors that it will not have"
#define VISIBLE "what is going on must be seen"
#define INSTALLER "left over from an installation"
#define SAVES "saves memory"
#define RESERVES_NONE "nothing may be reserved from the little there is"

const struct builtin_rule rules_builtins[] = {
	{ RULE_REMOVE, "crashkernel", NESTED, NULL },
	{ RULE_REMOVE, "elfcorehdr", STALE, NULL },
	{ RULE_REMOVE, "BOOT_IMAGE", STALE, NULL },
	{ RULE_REMOVE, "root", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "rootflags", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "rootfstype", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "netroot", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "fcoe", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "iscsi_initiator", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "rd.iscsi.initiator", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "rd.lvm.lv", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "rd.luks.uuid", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "rd.dm.uuid", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "rd.md.uuid", PRODUCTION_ROOT, NULL },
	{ RULE_REMOVE, "hugepages", MEMORY, NULL },
	{ RULE_REMOVE, "hugepagesz", MEMORY, NULL },
	{ RULE_REMOVE, "default_hugepagesz", MEMORY, NULL },
	{ RULE_REMOVE, "hugetlb_cma", MEMORY, NULL },
	{ RULE_REMOVE, "cma", MEMORY, NULL },
	{ RULE_REMOVE, "log_buf_len", MEMORY, NULL },
	{ RULE_REMOVE, "slub_debug", MEMORY, NULL },
	{ RULE_REMOVE, "slab_debug", MEMORY, NULL },
	{ RULE_REMOVE, "swiotlb", MEMORY, NULL },
	{ RULE_REMOVE, "mem", ANOTHER_MAP, NULL },
	{ RULE_REMOVE, "memmap", ANOTHER_MAP, NULL },
	{ RULE_REMOVE, "panic_on_warn", NO_PANIC, NULL },
	{ RULE_REMOVE, "unknown_nmi_panic", NO_PANIC, NULL },
	{ RULE_REMOVE, "resume", SLEEPING, NULL },
	{ RULE_REMOVE, "resume_offset", SLEEPING, NULL },
	{ RULE_REMOVE, "rd.break", REDIRECTED, NULL },
	{ RULE_REMOVE, "init", REDIRECTED, NULL },
	{ RULE_REMOVE, "systemd.unit", REDIRECTED, NULL },
	{ RULE_REMOVE, "nr_cpus", PROCESSORS, NULL },
	{ RULE_REMOVE, "maxcpus", PROCESSORS, NULL },
	{ RULE_REMOVE, "isolcpus", PROCESSORS, NULL },
	{ RULE_REMOVE, "nohz_full", PROCESSORS, NULL },
	{ RULE_REMOVE, "rcu_nocbs", PROCESSORS, NULL },
	{ RULE_REMOVE, "quiet", VISIBLE, NULL },
	{ RULE_REMOVE, "splash", VISIBLE, NULL },
	{ RULE_REMOVE, "showopts", VISIBLE, NULL },
	{ RULE_REMOVE, "notsc", "its clock would stop a single processor", "x86_64" },
	{ RULE_REMOVE, "abm", INSTALLER, NULL },
	{ RULE_REMOVE, "ignition.firstboot", INSTALLER, NULL },

	{ RULE_ADD, "irqpoll", "interrupts that nobody expects must not be lost", NULL },
	{ RULE_ADD, "nr_cpus=1", "one processor is enough, and saves memory", NULL },
	{ RULE_ADD, "reset_devices", "drivers find devices as the crash left them", NULL },
	{ RULE_ADD, "cgroup_disable=memory", SAVES, NULL },
	{ RULE_ADD, "udev.children-max=2", SAVES, NULL },
	{ RULE_ADD, "panic=10", "a panic of its own ends in a reboot", NULL },
	{ RULE_ADD, "novmcoredd", "device dumps take memory", NULL },
	{ RULE_ADD, "cma=0", RESERVES_NONE, NULL },
	{ RULE_ADD, "hugetlb_cma=0", RESERVES_NONE, NULL },
	{ RULE_ADD, "initramfs_options=size=90%", "half of the memory may be too little for"
	  " the files of the initrd", NULL },
	{ RULE_ADD, "rd.systemd.gpt_auto=no", "the capture must not search disks for a root",
	  NULL },
	{ RULE_ADD, "mce=off", "machine checks of the dead kernel are over", "x86_64" },
	{ RULE_ADD, "numa=off", SAVES, "x86_64" },
	{ RULE_ADD, "acpi_no_memhotplug", "memory added later is the dead kernel's",
	  "x86_64" },
	{ RULE_ADD, "transparent_hugepage=never", SAVES, "x86_64" },
	{ RULE_ADD, "nokaslr", SAVES, "x86_64" },
	{ RULE_ADD, "hest_disable", SAVES, "x86_64" },
	{ RULE_ADD, "pcie_ports=compat", "services of PCIe ports are not needed", "x86_64" },
	{ RULE_ADD, "kfence.sample_interval=0", SAVES, "x86_64" },
	{ RULE_ADD, "swiotlb=noforce", SAVES, "aarch64" },
	{ 0 },
};
