/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers of devices in memory. */
#include "hardware.h"

uint8_t mem_read8(uint64_t addr)
{
	return *(const volatile uint8_t *)(uintptr_t)addr;
}

void mem_write8(uint64_t addr, uint8_t value)
{
	*(volatile uint8_t *)(uintptr_t)addr = value;
}

uint32_t mem_read32(uint64_t addr)
{
	return *(const volatile uint32_t *)(uintptr_t)addr;
}

void mem_write32(uint64_t addr, uint32_t value)
{
	*(volatile uint32_t *)(uintptr_t)addr = value;
}
