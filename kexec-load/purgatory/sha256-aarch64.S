/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * void sha256_armv8(uint32_t state[8], const uint8_t *bytes, uint64_t n): sha256_blocks by
 * the instructions that ARMv8 has for it. v0 and v1 hold the state, v16 to v31 the 64
 * constants, v4 to v7 the 16 words of the message schedule; bytes are read once.
 */
	.arch	armv8-a+crypto

/* four rounds; m0 holds their words, and then those of 16 rounds later, made of m1 to m3 */
.macro	four_rounds k, m0, m1, m2, m3
	add	v8.4s, v\m0\().4s, v\k\().4s
	mov	v9.16b, v2.16b
	sha256h	q2, q3, v8.4s
	sha256h2 q3, q9, v8.4s
	.if \k < 28
	sha256su0 v\m0\().4s, v\m1\().4s
	sha256su1 v\m0\().4s, v\m2\().4s, v\m3\().4s
	.endif
.endm

	.section .text.sha256_armv8, "ax", %progbits
	.globl	sha256_armv8
	.hidden	sha256_armv8
sha256_armv8:
	cbz	x2, 2f
	adr	x9, sha256_constants
	ldp	q16, q17, [x9]
	ldp	q18, q19, [x9, #32]
	ldp	q20, q21, [x9, #64]
	ldp	q22, q23, [x9, #96]
	ldp	q24, q25, [x9, #128]
	ldp	q26, q27, [x9, #160]
	ldp	q28, q29, [x9, #192]
	ldp	q30, q31, [x9, #224]
	ldp	q0, q1, [x0]
1:	ldp	q4, q5, [x1], #32
	ldp	q6, q7, [x1], #32
	rev32	v4.16b, v4.16b
	rev32	v5.16b, v5.16b
	rev32	v6.16b, v6.16b
	rev32	v7.16b, v7.16b
	mov	v2.16b, v0.16b
	mov	v3.16b, v1.16b
	four_rounds 16, 4, 5, 6, 7
	four_rounds 17, 5, 6, 7, 4
	four_rounds 18, 6, 7, 4, 5
	four_rounds 19, 7, 4, 5, 6
	four_rounds 20, 4, 5, 6, 7
	four_rounds 21, 5, 6, 7, 4
	four_rounds 22, 6, 7, 4, 5
	four_rounds 23, 7, 4, 5, 6
	four_rounds 24, 4, 5, 6, 7
	four_rounds 25, 5, 6, 7, 4
	four_rounds 26, 6, 7, 4, 5
	four_rounds 27, 7, 4, 5, 6
	four_rounds 28, 4, 5, 6, 7
	four_rounds 29, 5, 6, 7, 4
	four_rounds 30, 6, 7, 4, 5
	four_rounds 31, 7, 4, 5, 6
	add	v0.4s, v0.4s, v2.4s
	add	v1.4s, v1.4s, v3.4s
	subs	x2, x2, #1
	b.ne	1b
	stp	q0, q1, [x0]
2:	ret

	.section .note.GNU-stack, "", %progbits
