/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Struct pages of memory that is left out: nobody will ask for them. On a large idle
 * machine they are most of the dump.
 */
#ifndef VMEMMAP_H
#define VMEMMAP_H

struct plan;

/*
 * Clear, in a plan that is whole, the pages that hold nothing but such struct pages, and
 * count them as PAGE_VMEMMAP. -1 after ERR_MEMORY or a signal. What cannot be translated
 * is kept.
 */
int vmemmap_leave_out(struct plan *plan);

#endif
