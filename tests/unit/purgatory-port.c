/* SPDX-License-Identifier: GPL-2.0-or-later */
/* with: kexec-load/purgatory/port.c */
/* The purgatory's serial ports, with invented chips behind them. */
#include <string.h>

#include "../../kexec-load/purgatory/hardware.h"
#include "../../kexec-load/purgatory/port.h"
#include "../../kexec-load/told.h"
#include "unit.h"

/* a chip: what its status register reads, for how long it is busy after each character */
static struct {
	uint64_t data, status;	/* where its registers are */
	unsigned width;		/* 0: at I/O ports; 8 or 32 bits in memory */
	uint32_t idle, busy;	/* what status reads */
	unsigned lasts, left;	/* reads after a character until it is idle */
	char got[64];
	size_t len;
	unsigned reads;
} chip;

static uint32_t chip_read(uint64_t addr, unsigned width)
{
	assert_int_equal(addr, chip.status);
	assert_int_equal(width, chip.width);
	chip.reads++;
	if (chip.left > 0) {
		chip.left--;
		return chip.busy;
	}
	return chip.idle;
}

static void chip_write(uint64_t addr, unsigned width, uint32_t value)
{
	assert_int_equal(addr, chip.data);
	assert_int_equal(width, chip.width);
	assert_int_equal(chip.left, 0);
	assert_true(chip.len < sizeof chip.got - 1);
	chip.got[chip.len++] = (char)value;
	chip.left = chip.lasts;
}

uint8_t io_read(uint16_t port)
{
	return (uint8_t)chip_read(port, 0);
}

void io_write(uint16_t port, uint8_t value)
{
	chip_write(port, 0, value);
}

uint8_t mem_read8(uint64_t addr)
{
	return (uint8_t)chip_read(addr, 8);
}

void mem_write8(uint64_t addr, uint8_t value)
{
	chip_write(addr, 8, value);
}

uint32_t mem_read32(uint64_t addr)
{
	return chip_read(addr, 32);
}

void mem_write32(uint64_t addr, uint32_t value)
{
	chip_write(addr, 32, value);
}

static void new_chip(uint64_t data, uint64_t status, unsigned width, uint32_t idle, uint32_t busy)
{
	memset(&chip, 0, sizeof chip);
	chip.data = data;
	chip.status = status;
	chip.width = width;
	chip.idle = idle;
	chip.busy = busy;
}

static void hello(const struct told *told)
{
	for (const char *p = "Hello"; *p; p++)
		assert_true(port_put(told, *p));
	assert_string_equal(chip.got, "Hello");
}

static const struct {
	struct told told;
	uint64_t data, status;
	unsigned width;
	uint32_t idle, busy;
} samples[] = {
	{ { .port_kind = PURGATORY_8250_IO, .port_addr = 0x3f8 }, 0x3f8, 0x3fd, 0, 0x60, 0x00 },
	/* break, framing and overrun errors of what was received do not matter */
	{ { .port_kind = PURGATORY_8250_IO, .port_addr = 0x2f8 }, 0x2f8, 0x2fd, 0, 0x7f, 0x1f },
	{ { .port_kind = PURGATORY_8250_MMIO, .port_addr = 0xfe000000 },
	  0xfe000000, 0xfe000005, 8, 0x60, 0x00 },
	{ { .port_kind = PURGATORY_8250_MMIO, .port_addr = 0xfe000000, .port_shift = 2 },
	  0xfe000000, 0xfe000014, 8, 0x60, 0x00 },
	{ { .port_kind = PURGATORY_8250_MMIO32, .port_addr = 0xfe000000, .port_shift = 2 },
	  0xfe000000, 0xfe000014, 32, 0x60, 0x00 },
	{ { .port_kind = PURGATORY_PL011, .port_addr = 0x9000000 },
	  0x9000000, 0x9000018, 32, 0x90, 0xb8 },
};

static void sends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		new_chip(samples[i].data, samples[i].status, samples[i].width, samples[i].idle,
			 samples[i].busy);
		hello(&samples[i].told);
		chip.left = 1000;
		port_drain(&samples[i].told);
		assert_int_equal(chip.left, 0);
	}
}

/* 9600 baud: a thousand reads a character */
static void waits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		new_chip(samples[i].data, samples[i].status, samples[i].width, samples[i].idle,
			 samples[i].busy);
		chip.lasts = 1000;
		hello(&samples[i].told);
	}
}

static void gives_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		new_chip(samples[i].data, samples[i].status, samples[i].width, samples[i].busy,
			 samples[i].busy);
		assert_false(port_put(&samples[i].told, 'x'));
		port_drain(&samples[i].told);
		assert_int_equal(chip.len, 0);
		assert_in_range(chip.reads, 2 * 10000, 2 * 100000);
	}
}

/* where no device answers, every bit is 1: a single look is enough */
static void nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
		if (samples[i].told.port_kind == PURGATORY_PL011)
			continue;
		new_chip(samples[i].data, samples[i].status, samples[i].width, 0xffffffff, 0xffffffff);
		assert_false(port_put(&samples[i].told, 'x'));
		assert_int_equal(chip.reads, 1);
		port_drain(&samples[i].told);
		assert_int_equal(chip.reads, 2);
	}
}

static void no_port(void **state)
{
	struct told told = { .port_kind = PURGATORY_NO_PORT, .port_addr = 0x3f8 };

	(void)state;
	new_chip(0, 0, 0, 0, 0);
	assert_false(port_put(&told, 'x'));
	told.port_kind = PURGATORY_PL011 + 1;
	assert_false(port_put(&told, 'x'));
	assert_int_equal(chip.reads, 0);
	assert_int_equal(chip.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends),
		cmocka_unit_test(waits),
		cmocka_unit_test(gives_up),
		cmocka_unit_test(nobody),
		cmocka_unit_test(no_port),
	};

	return RUN(tests);
}
