/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that can be known before the system call. The call throws the old panic kernel
 * away first and looks at the new one then, so what would fail must fail here.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdint.h>

struct load;
struct machine;

/* may anybody load or unload one here at all, and may we? */
int check_permission(const struct machine *m);
/* is memory reserved? */
int check_reservation(const struct machine *m);
/*
 * Will this machine take this load? -1: certainly not, for a reason with numbers in it.
 * For kexec_file_load fills ld->fit. Doubts are told to doubt().
 */
int check_load(struct load *ld, const struct machine *m,
	       void (*doubt)(const char *fmt, ...) __attribute__((format(printf, 1, 2))));
/* what remains to be doubted once the classical call's segments are placed */
void check_layout(const struct load *ld, const struct machine *m,
		  void (*doubt)(const char *fmt, ...) __attribute__((format(printf, 1, 2))));
/*
 * Is there so much room beside the segments that the call cannot fail for want of it? To be
 * asked where that would cost a loaded kernel for good.
 */
int check_slack(const struct load *ld, const struct machine *m);
/* is there memory for the call itself? after the placement is known */
int check_memory(const struct load *ld, const struct machine *m);
/*
 * Reads the initial RAM disk through: is it an archive, and is the program in it that the
 * kernel will start? Fills ld->contents. -1: the capture kernel would find nothing to run.
 */
int check_initrd(struct load *ld,
		 void (*doubt)(const char *fmt, ...) __attribute__((format(printf, 1, 2))));
/* doubts whether kernel and unpacked initial RAM disk leave anything of the reservation */
void check_unpacked(const struct load *ld, const struct machine *m,
		    void (*doubt)(const char *fmt, ...) __attribute__((format(printf, 1, 2))));
/* characters the command line may have for this kernel on this machine */
uint64_t check_cmdline_max(const struct load *ld, const struct machine *m);

#endif
