/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first instruction after the dead kernel's: MMU and caches off, interrupts masked, in
 * EL1 or EL2. The kernel wants the same, and x0 = device tree, x1 to x3 = 0
 * (Documentation/arch/arm64/booting.rst). The call kexec_load leaves x0 at 0.
 *
 * The instruction cache may be on. It is switched on meanwhile: without it each
 * instruction of the comparison comes from memory. It may hold what was at our addresses
 * before us, so it is emptied first, and again for the kernel.
 */
	.section .entry, "ax", %progbits
	.globl	entry
entry:
	b	1f

	.section .text, "ax", %progbits
1:	adr	x9, stack_end
	mov	sp, x9
	ic	iallu
	dsb	nsh
	isb
	mrs	x9, CurrentEL
	cmp	x9, #(2 << 2)
	b.eq	2f
	mrs	x19, sctlr_el1
	orr	x9, x19, #(1 << 12)	// I
	msr	sctlr_el1, x9
	b	3f
2:	mrs	x19, sctlr_el2
	orr	x9, x19, #(1 << 12)
	msr	sctlr_el2, x9
3:	isb
	bl	purgatory
	mrs	x9, CurrentEL
	cmp	x9, #(2 << 2)
	b.eq	4f
	msr	sctlr_el1, x19
	b	5f
4:	msr	sctlr_el2, x19
5:	isb
	ic	iallu
	dsb	sy
	isb
	mov	x9, x0
	mov	x0, x1
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	br	x9

	.section .note.GNU-stack, "", %progbits
