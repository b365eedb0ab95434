/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The 8250 family: what is sent goes to register 0, and register 5 (line status) says
 * in bit 5 that it takes more, in bit 6 that all has left. ARM's PL011 (DDI 0183): data
 * at 0, flags at 0x18, of which bit 5 is "full" and bit 3 "busy".
 */
#include "../told.h"
#include "hardware.h"
#include "port.h"

enum {
	SEND = 0,
	LINE_STATUS = 5, TAKES_MORE = 1 << 5, ALL_SENT = 1 << 6, NOBODY = 0xff,
	FLAGS = 0x18, FULL = 1 << 5, BUSY = 1 << 3,
	/*
	 * How often to ask. A processor waits for a port's answer for about a microsecond, and
	 * a character takes one millisecond at 9600 baud, 33 at 300.
	 */
	ASK = 1 << 16,
};

static uint32_t reg_read(const struct told *told, unsigned n)
{
	uint64_t addr = told->port_addr + ((uint64_t)n << told->port_shift);

	switch (told->port_kind) {
	case PURGATORY_8250_IO:
		return io_read((uint16_t)addr);
	case PURGATORY_8250_MMIO:
		return mem_read8(addr);
	default:
		return mem_read32(addr);
	}
}

static void reg_write(const struct told *told, unsigned n, uint8_t value)
{
	uint64_t addr = told->port_addr + ((uint64_t)n << told->port_shift);

	switch (told->port_kind) {
	case PURGATORY_8250_IO:
		io_write((uint16_t)addr, value);
		break;
	case PURGATORY_8250_MMIO:
		mem_write8(addr, value);
		break;
	default:
		mem_write32(addr, value);
	}
}

/* until these bits of the register are as wanted */
static bool wait_for(const struct told *told, unsigned n, uint32_t bits, uint32_t wanted)
{
	for (unsigned asked = 0; asked < ASK; asked++) {
		uint32_t now = reg_read(told, n);

		if (n == LINE_STATUS && (uint8_t)now == NOBODY)
			return false;
		if ((now & bits) == wanted)
			return true;
	}
	return false;
}

bool port_put(const struct told *told, char c)
{
	if (told->port_kind == PURGATORY_NO_PORT || told->port_kind > PURGATORY_PL011)
		return false;
	if (told->port_kind == PURGATORY_PL011 ? !wait_for(told, FLAGS, FULL, 0) :
					    !wait_for(told, LINE_STATUS, TAKES_MORE, TAKES_MORE))
		return false;
	reg_write(told, SEND, (uint8_t)c);
	return true;
}

void port_drain(const struct told *told)
{
	if (told->port_kind == PURGATORY_PL011)
		wait_for(told, FLAGS, BUSY, 0);
	else
		wait_for(told, LINE_STATUS, ALL_SENT, ALL_SENT);
}
