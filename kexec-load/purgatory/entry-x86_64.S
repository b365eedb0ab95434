/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first instruction after the dead kernel's: long mode, all memory at its physical
 * address, interrupts off, and neither a GDT nor a stack of our own yet. The kernel wants
 * RSI, CS 0x10 and DS, ES, SS 0x18 (Documentation/arch/x86/boot.rst, 64-bit protocol).
 */
	.section .entry, "ax", %progbits
	.globl	entry
entry:
	jmp	1f

	.section .text, "ax", %progbits
1:	cli
	cld
	lea	stack_end(%rip), %rsp
	lea	gdt(%rip), %rax
	push	%rax
	pushw	$gdt_end - gdt - 1
	lgdt	(%rsp)
	lea	stack_end(%rip), %rsp
	mov	$0x18, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	mov	%eax, %fs
	mov	%eax, %gs
	lea	2f(%rip), %rax
	push	$0x10
	push	%rax
	lretq
2:	call	purgatory
	mov	%rdx, %rsi
	jmp	*%rax

	/* null, null, 64-bit code, data: flat, and marked as used, so that nothing writes here */
	.section .rodata, "a", %progbits
	.balign	8
gdt:	.quad	0, 0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_end:

	.section .note.GNU-stack, "", %progbits
