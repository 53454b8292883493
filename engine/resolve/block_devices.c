/* The source `block_devices`: what lsblk shows, and of each device whether all that it holds lies on something
   encrypted. */
#include "resolve/work.h"

enum { NAME, TYPE, FSTYPE, MOUNT_POINT, PARENTS, ENCRYPTED };
const char *const kj_block_devices_columns[] = {"name", "type", "fstype", "mountpoint", "parents", "encrypted", NULL};

enum answer { UNKNOWN, YES, NO };
enum { DEEPEST = 64 };

struct device {
	kj_str name, type, fstype;
	KJ_VEC(struct device *) parents;
	enum answer encrypted;
	bool known;
};

struct devices {
	struct kj_host *host;
	struct kj_map by_name, by_kname;
	bool told; /* types are shown, of devices or of what is on them */
};

static struct device *device_of(struct devices *d, kj_str name)
{
	void **place = kj_map_at(d->host->arena, &d->by_name, name);
	if (!*place) {
		struct device *new = KJ_NEW(d->host->arena, struct device);
		new->name = name;
		*place = new;
	}
	return *place;
}

static void note_row(struct devices *d, const struct kj_rows *rows, const struct kj_row *row)
{
	struct device *device = device_of(d, kj_row_cell(rows, row, KJ_STR("name")));
	kj_str type = kj_row_cell(rows, row, KJ_STR("type")), fstype = kj_row_cell(rows, row, KJ_STR("fstype"));
	kj_str parent = kj_row_cell(rows, row, KJ_STR("parent")), kname = kj_row_cell(rows, row, KJ_STR("kname"));
	d->told |= type.n || fstype.n;
	if (kname.n) /* PKNAME gives the kernel's name: dm-0 */
		*kj_map_at(d->host->arena, &d->by_kname, kname) = device;
	device->type = type.n ? type : device->type;
	device->fstype = fstype.n ? fstype : device->fstype;
	if (!parent.n)
		return;
	struct device *above = kj_map_get(&d->by_kname, parent);
	above = above ? above : device_of(d, parent);
	for (size_t i = 0; i < device->parents.n; i++)
		if (device->parents.at[i] == above)
			return;
	KJ_PUSH(d->host->arena, &device->parents, above);
}

/* A device that lies on no other: a disk is not encrypted; of what is made of other devices, without them, nobody can
   say. */
static enum answer of_root(const struct device *device)
{
	static const char *const plain[] = {"disk", "part", "rom", "loop"};
	static const char *const disks[] = {"sd", "vd", "xvd", "hd", "nvme", "mmcblk", "sr", "fd", "loop", "zram"};
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (kj_str_eq(device->type, kj_str_of(plain[i])))
			return NO;
	for (size_t i = 0; !device->type.n && i < sizeof disks / sizeof *disks; i++)
		if (kj_str_starts(device->name, kj_str_of(disks[i])))
			return NO;
	return UNKNOWN;
}

/* Encrypted: a mapping of dm-crypt, or all that it lies on is. */
static enum answer encrypted(struct device *device, size_t depth)
{
	if (device->known)
		return device->encrypted;
	device->known = true; /* a loop of parents ends here: unknown */
	enum answer answer = kj_str_eq(device->type, KJ_STR("crypt")) ? YES : UNKNOWN;
	if (!answer && !device->parents.n)
		answer = of_root(device);
	if (!answer && device->parents.n && depth < DEEPEST) {
		answer = YES;
		for (size_t i = 0; i < device->parents.n; i++) {
			struct device *above = device->parents.at[i];
			enum answer one =
			        kj_str_eq(above->fstype, KJ_STR("crypto_LUKS")) ? YES : encrypted(above, depth + 1);
			answer = answer == NO || one == NO ? NO : answer == UNKNOWN ? UNKNOWN : one;
		}
	}
	return device->encrypted = answer;
}

static kj_str parents_of(struct devices *d, const struct device *device)
{
	struct kj_buf buf = KJ_BUF(d->host->arena);
	for (size_t i = 0; i < device->parents.n; i++) {
		if (i)
			kj_buf_char(&buf, KJ_PARSE_LIST);
		kj_buf_put(&buf, device->parents.at[i]->name);
	}
	return kj_buf_str(&buf);
}

static void add_row(struct devices *d, struct kj_rows *to, struct kj_map *seen, const struct kj_rows *from,
                    const struct kj_row *row)
{
	static const char *const words[] = {"", "yes", "no"};
	struct device *device = device_of(d, kj_row_cell(from, row, KJ_STR("name")));
	kj_str mount = kj_row_cell(from, row, KJ_STR("mountpoint"));
	/* what lies on two others stands in the tree twice */
	kj_str name = kj_str_fmt(d->host->arena, "%.*s%c%.*s", KJ_FMT(device->name), KJ_PARSE_LIST, KJ_FMT(mount));
	void **place = kj_map_at(d->host->arena, seen, name);
	if (*place)
		return;
	*place = d;
	kj_str *cells = kj_rows_append(d->host, to, row);
	cells[NAME] = device->name;
	cells[TYPE] = device->type;
	cells[FSTYPE] = device->fstype;
	cells[MOUNT_POINT] = mount;
	cells[PARENTS] = parents_of(d, device);
	/* `lsblk -f` without root shows neither TYPE nor FSTYPE */
	cells[ENCRYPTED] = kj_str_of(words[d->told ? encrypted(device, 0) : UNKNOWN]);
}

/* A row that cannot be read could be any device: it stays among the rows. */
static void add_bad(struct devices *d, struct kj_rows *to, const struct kj_row *row, struct kj_resolved *out)
{
	kj_rows_append(d->host, to, row);
	KJ_PUSH(d->host->arena, &out->bad, *row);
}

void kj_resolve_block_devices(struct kj_host *host, const struct kj_source *source, struct kj_resolved *out)
{
	struct kj_reads reads = {0};
	struct devices d = {.host = host};
	struct kj_map seen = {0};
	struct kj_rows *rows = kj_rows_make(host, kj_block_devices_columns);
	out->rows = rows;
	kj_read_inputs(host, source, true, &reads);
	if (reads.list.n)
		reads.hidden = KJ_STR("");
	if (!kj_judge_reads(host, &reads, out))
		return;
	const struct kj_rows *from = reads.list.at[0].rows;
	for (size_t i = 0; i < from->list.n; i++)
		if (!from->list.at[i].bad)
			note_row(&d, from, &from->list.at[i]);
	for (size_t i = 0; i < from->list.n; i++) {
		if (from->list.at[i].bad)
			add_bad(&d, rows, &from->list.at[i], out);
		else
			add_row(&d, rows, &seen, from, &from->list.at[i]);
	}
}
