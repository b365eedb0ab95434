/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces: whatever VMCOREINFO, PT_LOADs and page tables say, a translation comes
 * to an end, and a linear map lies in memory.
 *
 * Input: machine (odd: arm64), PT_LOADs (0 to 3, of 24 bytes each), VMCOREINFO up to a
 * NUL, then 8 bytes of an address, and the memory, which is everywhere the same.
 */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "space.h"
#include "vmcore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t *memory;
static size_t memory_len;

static int read_memory(struct vmcore *vm, void *buf, size_t len, uint64_t phys)
{
	uint8_t *p = buf;

	if (memory_len == 0 || phys >= vm->npfns << vm->page_shift)
		return fail(ERR_CORRUPT, "no memory there");
	for (size_t i = 0; i < len; i++)
		p[i] = memory[(phys + i) % memory_len];
	return 0;
}

static const struct vmcore_ops ops = { .name = "fuzz", .read = read_memory };

static void require(bool fact)
{
	if (!fact)
		abort();
}

static void check_maps(const struct space *sp)
{
	uint64_t end = sp->vm->npfns << sp->vm->page_shift;

	for (int i = 0; i < sp->nlinear; i++) {
		uint64_t virt = sp->linear[i].virt, n = sp->linear[i].len;

		require(n > 0 && n - 1 <= UINT64_MAX - virt);
		/* x86_64's text may begin below 0: phys_base is signed */
		if (sp->vm->machine == EM_AARCH64)
			require(sp->linear[i].phys < end && n <= end - sp->linear[i].phys);
	}
}

static void check_address(struct space *sp, uint64_t virt)
{
	uint64_t phys, n = 0, value;

	if (space_translate(sp, virt, &phys, &n) == 0)
		require(n > 0);
	else
		require(err_text()[0]);
	if (space_read_u64(sp, virt, &value))
		require(err_text()[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct vmcore vm = { .ops = &ops, .page_size = 4096, .page_shift = 12 };
	struct vmcore_load loads[3];
	struct space sp;
	uint64_t virt = 0;
	size_t n;

	if (len < 2 || len - 2 < (data[1] & 3) * sizeof *loads)
		return 0;
	vm.machine = data[0] & 1 ? EM_AARCH64 : EM_X86_64;
	vm.npfns = UINT64_C(1) << (data[0] >> 2 & 31);
	vm.nloads = data[1] & 3;
	vm.loads = loads;
	memcpy(loads, data + 2, vm.nloads * sizeof *loads);
	data += 2 + vm.nloads * sizeof *loads;
	len -= 2 + vm.nloads * sizeof *loads;
	for (size_t i = 0; i < vm.nloads; i++)
		if (loads[i].phys > UINT64_MAX - loads[i].len)
			return 0;	/* the file's reader has seen to that */
	n = strnlen((const char *)data, len);
	if (kinfo_open(&vm.info, data, n))
		return 0;
	data += n;
	len -= n;
	if (len > 9) {
		memcpy(&virt, data + 1, 8);
		memory = data + 9;
	}
	memory_len = len > 9 ? len - 9 : 0;
	if (space_open(&sp, &vm) == 0) {
		check_maps(&sp);
		check_address(&sp, virt);
		check_address(&sp, virt | UINT64_C(0xffff) << 48);
		for (int i = 0; i < sp.nlinear; i++)
			check_address(&sp, sp.linear[i].virt + sp.linear[i].len - 4);
	} else {
		require(err_text()[0]);
	}
	kinfo_close(&vm.info);
	return 0;
}
