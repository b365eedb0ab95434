/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "iomem.h"
#include "num.h"
#include "sysfs.h"

static const char path[] = "/proc/iomem";

int iomem_begin(struct iomem_reader *rd, const char *root)
{
	*rd = (struct iomem_reader){ .in = sysfs_open(root, path) };
	return rd->in ? 0 : fail_sys("%s", path);
}

void iomem_end(struct iomem_reader *rd)
{
	if (rd->in)
		fclose(rd->in);
	free(rd->line);
	*rd = (struct iomem_reader){ 0 };
}

/* "  START-END : NAME"; text is cut into pieces on the way */
static bool parse(char *text, struct iomem_line *line)
{
	size_t blanks = strspn(text, " ");
	char *first = text + blanks;
	char *dash = strchr(first, '-');
	char *colon = strstr(first, " : ");

	if (!dash || !colon || dash > colon)
		return false;
	line->depth = (unsigned)(blanks / 2);
	line->name = colon + 3;
	if (!num_parse(first, (size_t)(dash - first), 16, &line->start) ||
	    !num_parse(dash + 1, (size_t)(colon - dash - 1), 16, &line->end) ||
	    line->end < line->start)
		return false;
	/* the very last address of all cannot be told as an end: it is no memory */
	if (line->end < UINT64_MAX)
		line->end++;
	return true;
}

int iomem_next(struct iomem_reader *rd, struct iomem_line *line)
{
	ssize_t n = getline(&rd->line, &rd->room, rd->in);

	if (n < 0)
		return feof(rd->in) ? 0 : fail_sys("%s", path);
	rd->lineno++;
	if (n > 0 && rd->line[n - 1] == '\n')
		rd->line[n - 1] = '\0';
	if (!parse(rd->line, line))
		return fail(ERR_CORRUPT, "%s: line %u: not a range of addresses", path,
			    rd->lineno);
	return 1;
}

/* "System RAM", "System RAM (kmem)", "System RAM (virtio_mem)" */
static bool is_ram(const char *name)
{
	static const char ram[] = "System RAM";
	size_t len = sizeof ram - 1;

	return strncmp(name, ram, len) == 0 && (name[len] == '\0' || name[len] == ' ');
}

static int take(struct iomem *im, const struct iomem_line *line)
{
	struct range r = { .start = line->start, .end = line->end, .at = line->start };

	if (line->start != 0 || line->end != 1)
		im->hidden = false;
	if (is_ram(line->name))
		return ranges_add(&im->ram, r);
	if (strcmp(line->name, "Crash kernel") == 0)
		return ranges_add(&im->crash, r);
	return 0;
}

int iomem_open(struct iomem *im, const char *root)
{
	struct iomem_reader rd;
	struct iomem_line line;
	int more;

	*im = (struct iomem){ .hidden = true };
	if (iomem_begin(&rd, root))
		return -1;
	while ((more = iomem_next(&rd, &line)) == 1)
		if (take(im, &line))
			break;
	unsigned lines = rd.lineno;

	iomem_end(&rd);
	if (more != 0)
		goto failed;
	if (im->hidden) {
		ranges_free(&im->ram);
		ranges_free(&im->crash);
		im->hidden = lines > 0;
	}
	/* what was given back of the reservation is System RAM inside System RAM */
	if (ranges_seal(&im->ram) == 0)
		return 0;
failed:
	iomem_close(im);
	return -1;
}

void iomem_close(struct iomem *im)
{
	ranges_free(&im->ram);
	ranges_free(&im->crash);
	*im = (struct iomem){ 0 };
}
