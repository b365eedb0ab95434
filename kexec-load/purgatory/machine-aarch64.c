/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linux hands over with the data cache off, and so that nothing can go wrong with it, it
 * stays off: every load goes to memory and takes about a tenth of a microsecond. The
 * processor's own instructions for SHA-256 load each byte once and keep all else in
 * registers. Where there are none, some hundred loads and stores come with 64 bytes, a
 * megabyte takes about a second, and there is a limit.
 */
#include "hardware.h"
#include "start.h"

enum { SECONDS = 5, CHUNK = 1024 };

#define system_register(name) __extension__ ({ \
	uint64_t value_; \
	__asm__ volatile("mrs %0, " name : "=r" (value_)); \
	value_; \
})

/* sha256-aarch64.S */
sha256_blocks sha256_armv8 __attribute__((visibility("hidden")));

struct told told __attribute__((section(".told"))) = { .magic = TOLD_MAGIC, .machine = TOLD_AARCH64 };

static struct {
	uint64_t end;		/* of the time, as CNTVCT counts it; 0: it has not begun */
	bool up;
	sha256_blocks *blocks;
} state;

uint8_t io_read(uint16_t port)
{
	(void)port;
	return 0xff;
}

void io_write(uint16_t port, uint8_t value)
{
	(void)port;
	(void)value;
}

bool time_is_up(void)
{
	uint64_t now = system_register("cntvct_el0"), hz = system_register("cntfrq_el0");

	if (!state.end)
		state.end = now + SECONDS * (hz ? hz : 1 << 24);
	if (now > state.end)
		state.up = true;
	return state.up;
}

static void timed(uint32_t digest[8], const uint8_t *bytes, uint64_t n)
{
	while (n > 0 && !time_is_up()) {
		uint64_t now = n < CHUNK ? n : CHUNK;

		state.blocks(digest, bytes, now);
		n -= now;
		bytes += now * 64;
	}
}

/*
 * May the vector registers be used at this exception level (Arm ARM: CPACR_EL1, CPTR_EL2)?
 * Not in the streaming mode of SME, which a task may have left on: it has no SHA-256. Where
 * SME is not allowed even to the kernel, no task can have done that.
 */
static bool vectors_usable(void)
{
	enum { E2H = 34, FPEN = 20, SMEN = 24, TFP = 10, TSM = 12, STREAMING = 1 };
	bool el1 = system_register("CurrentEL") >> 2 == 1;
	bool inverse = !el1 && !(system_register("hcr_el2") >> E2H & 1);
	uint64_t traps = el1 ? system_register("cpacr_el1") : system_register("cptr_el2");
	bool sme = system_register("id_aa64pfr1_el1") >> 24 & 15;

	if (inverse ? traps >> TFP & 1 : !(traps >> FPEN & 1))
		return false;
	if (!sme || (inverse ? traps >> TSM & 1 : !(traps >> SMEN & 1)))
		return true;
	return !(system_register("S3_3_C4_C2_2") & STREAMING);	/* SVCR */
}

sha256_blocks *fastest_sha256(void)
{
	/* ID_AA64ISAR0_EL1.SHA2; it is 0 where there are no vectors at all */
	bool sha2 = system_register("id_aa64isar0_el1") >> 12 & 15;

	state.blocks = sha2 && vectors_usable() ? sha256_armv8 : sha256_portable;
	return timed;
}
