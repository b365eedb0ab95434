/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What purgatory/ was built into; nothing, for a machine that has none. */
	.section .rodata, "a", %progbits
	.balign	8
	.globl	purgatory_image, purgatory_image_end
	.hidden	purgatory_image, purgatory_image_end
purgatory_image:
	.incbin	PURGATORY
purgatory_image_end:

	.section .note.GNU-stack, "", %progbits
