/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An x86_64 machine that can be loaded, as its /proc and /sys show it. */
#ifndef ARMED_H
#define ARMED_H

#include <elf.h>

#include "tree.h"

#define ARMED_TEXT   UINT64_C(0xffffffff93000000)	/* virtual */
#define ARMED_DIRECT UINT64_C(0xffff9a8b00000000)

static const char armed_iomem[] =
	"00000000-00000fff : Reserved\n"
	"00001000-0009fbff : System RAM\n"
	"0009fc00-0009ffff : Reserved\n"
	"000a0000-000bffff : PCI Bus 0000:00\n"
	"000f0000-000fffff : Reserved\n"
	"  000f0000-000fffff : System ROM\n"
	"00100000-7ffdcfff : System RAM\n"
	"  13000000-149fffff : Kernel code\n"
	"  30000000-300fffff : reserved\n"
	"  60000000-67ffffff : Crash kernel\n"
	"7ffdd000-7fffffff : Reserved\n"
	"  7ffde000-7ffdefff : Reserved\n"
	"80000000-80000fff : ACPI Tables\n"
	"80001000-80001fff : ACPI Non-volatile Storage\n"
	"c0000000-febfffff : PCI Bus 0000:00\n"
	"  d0000000-d0000fff : Reserved\n"
	"100000000-13fffffff : System RAM\n"
	"  110000000-11fffffff : Crash kernel\n"
	"140000000-14fffffff : Persistent Memory (legacy)\n"
	"  140000000-14fffffff : namespace0.0\n";

static inline void armed_put_header(uint8_t *p, uint32_t type, uint64_t virt, uint64_t phys,
				    uint64_t len)
{
	Elf64_Phdr ph = { .p_type = type, .p_vaddr = virt, .p_paddr = phys, .p_filesz = len,
			  .p_memsz = len };

	memcpy(p, &ph, sizeof ph);
}

/* vmalloc, the kernel's text, and the direct mapping of two ranges */
static inline size_t armed_kcore(uint8_t *out)
{
	Elf64_Ehdr eh = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB },
			  .e_type = ET_CORE, .e_machine = EM_X86_64, .e_phoff = sizeof eh,
			  .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 5 };
	uint8_t *p = out + sizeof eh;

	memcpy(out, &eh, sizeof eh);
	armed_put_header(p, PT_NOTE, 0, 0, 100);
	armed_put_header(p + 56, PT_LOAD, 0xffffb00000000000, UINT64_MAX, 0x1000000);
	armed_put_header(p + 112, PT_LOAD, ARMED_TEXT, 0x13000000, 0x2000000);
	armed_put_header(p + 168, PT_LOAD, ARMED_DIRECT + 0x100000, 0x100000, 0x7fedd000);
	armed_put_header(p + 224, PT_LOAD, ARMED_DIRECT + 0x100000000, 0x100000000, 0x40000000);
	return sizeof eh + 5 * sizeof(Elf64_Phdr);
}

static inline char *armed_machine(void)
{
	char *root = tree_make();
	uint8_t kcore[1024];

	tree_put(root, "/proc/iomem", armed_iomem);
	tree_put_bytes(root, "/proc/kcore", kcore, armed_kcore(kcore));
	tree_put(root, "/proc/cmdline", "crashkernel=384M\n");
	tree_put(root, "/proc/meminfo", "MemTotal:        3000000 kB\n");
	tree_put(root, "/proc/cpuinfo", "flags\t\t: fpu pdpe1gb vme\n");
	tree_put(root, "/proc/sys/kernel/arch", "x86_64\n");
	tree_put(root, "/proc/sys/kernel/osrelease", "6.12.0-x\n");
	tree_put(root, "/sys/kernel/kexec_crash_size", "402653184\n");
	tree_put(root, "/sys/kernel/kexec_crash_loaded", "0\n");
	tree_put(root, "/sys/kernel/crash_elfcorehdr_size", "917616\n");
	tree_put(root, "/sys/kernel/vmcoreinfo", "0x0000000101234000 1024\n");
	tree_put(root, "/sys/devices/system/cpu/cpu0/crash_notes", "13fc12300\n");
	tree_put(root, "/sys/devices/system/cpu/cpu0/crash_notes_size", "368\n");
	tree_put(root, "/sys/devices/system/cpu/cpu12/crash_notes", "13fd12300\n");
	tree_put(root, "/sys/devices/system/cpu/cpu12/crash_notes_size", "368\n");
	tree_put(root, "/sys/devices/system/cpu/cpufreq/x", "\n");
	return root;
}

#endif
