// SPDX-License-Identifier: GPL-2.0
/*
 * A sample driver of the VFIO device state interface, for Linux 6.1
 *
 * A mediated device without hardware: a page of config, some blocks of device
 * memory, and writes to system memory.  It works when its doorbell is rung.
 * What the interface says is in the generated headers; here is what a vendor
 * adds to them.
 */
#include <linux/bitops.h>
#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

#include "vfio_device_state.h"
#include "vfio_device_state_driver.h"

#define STOPPED		VFIO_DEVICE_STATE_CTL_STOPPED
#define LOGGING		VFIO_DEVICE_STATE_CTL_LOGGING

/* An offset into the device: the index of a region above these bits. */
#define REGION_SHIFT	40
#define REGION_MASK	((1ULL << REGION_SHIFT) - 1)

/* Device memory comes and goes in blocks that say which one they are. */
struct mstate_block {
	__le64 number;
	u8 data[PAGE_SIZE - sizeof(__le64)];
};

#define BLOCKS		5
#define ALL_BLOCKS	(BIT(BLOCKS) - 1)
#define CONFIG_LENGTH	PAGE_SIZE
#define CHUNK_LENGTH	(2 * sizeof(struct mstate_block))
#define BITMAP_LENGTH	PAGE_SIZE
#define BITMAP_BITS	(BITMAP_LENGTH * BITS_PER_BYTE)

static_assert(sizeof(struct mstate_block) == PAGE_SIZE);
/* The pages of system memory are the index of an xarray. */
static_assert(sizeof(unsigned long) == sizeof(u64));

/*
 * What is written to the doorbell, the region of the device's own: the device
 * changes a page of the data that is behind the region with this subtype.
 */
struct mstate_doorbell {
	u64 subtype;
	u64 page;
};

/* The index of a region is its subtype; 0 is that of the doorbell. */
enum {
	DOORBELL,
	CTL = VFIO_REGION_SUBTYPE_DEVICE_STATE_CTL,
	CONFIG = VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_CONFIG,
	MEMORY = VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_MEMORY,
	BITMAP = VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_DIRTYBITMAP,
	REGIONS,
};

#define FLAGS_RW	(VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE)
#define FLAGS_DATA	(FLAGS_RW | VFIO_REGION_INFO_FLAG_MMAP)

static const struct mstate_region {
	size_t length;
	u32 flags;
	u64 needs;	/* the capability without which it is not there */
} mstate_regions[REGIONS] = {
	[DOORBELL] = {
		.length = sizeof(struct mstate_doorbell),
		.flags = VFIO_REGION_INFO_FLAG_WRITE,
	},
	[CTL] = {
		.length = sizeof(struct vfio_device_state_ctl),
		.flags = FLAGS_RW,
	},
	[CONFIG] = {
		.length = CONFIG_LENGTH,
		.flags = FLAGS_DATA,
	},
	[MEMORY] = {
		.length = CHUNK_LENGTH,
		.flags = FLAGS_DATA,
		.needs = VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY,
	},
	[BITMAP] = {
		.length = BITMAP_LENGTH,
		.flags = FLAGS_DATA,
		.needs = VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY,
	},
};

struct mstate {
	struct vfio_device vdev;
	u64 caps;
	u8 *data[REGIONS];	/* of the regions that can be mapped */

	/*
	 * Protects all below.  Not what is in @data: user space may write there
	 * at any time, so it is copied before it is looked at.
	 */
	struct mutex lock;
	u32 state;

	struct {
		u8 now[CONFIG_LENGTH];
		size_t size;
		u64 size_out;
		u64 size_in;
		bool size_in_set;
	} config;

	struct {
		struct mstate_block now[BLOCKS];
		/* Blocks, a bit each, that changed since a whole snapshot. */
		unsigned long since_whole;
		/* Blocks that a round of changes holds. */
		unsigned long pending;
		u64 pos;
		u64 size_in;
		bool size_in_set;
		struct mstate_block in[BLOCKS];
		u64 in_end;	/* of what came without a gap */
	} memory;

	struct {
		struct mstate_block blocks[BLOCKS];
		u64 size;
		unsigned long changed;	/* since it was frozen */
		bool frozen;
		bool begun;
		bool has_changes;	/* only, that is no whole snapshot */
	} round;

	u64 start_addr;
	struct xarray dirty;	/* pages of system memory */
};

static struct mstate *to_mstate(struct vfio_device *vdev)
{
	return container_of(vdev, struct mstate, vdev);
}

/* The config: got and set as a whole. */

static int mstate_config_action(struct mstate *m, u32 action)
{
	switch (action) {
	case VFIO_DEVICE_DATA_ACTION_GET_BUFFER:
		memcpy(m->data[CONFIG], m->config.now, m->config.size);
		m->config.size_out = m->config.size;
		return 0;
	case VFIO_DEVICE_DATA_ACTION_SET_BUFFER:
		if (!(m->state & STOPPED) || !m->config.size_in_set)
			return -EINVAL;
		memcpy(m->config.now, m->data[CONFIG], m->config.size_in);
		memset(m->config.now + m->config.size_in, 0,
		       CONFIG_LENGTH - m->config.size_in);
		m->config.size = m->config.size_in;
		m->config.size_out = 0;
		return 0;
	default:
		return -EINVAL;
	}
}

static int mstate_set_config_size(struct mstate *m, u64 size)
{
	if (size > CONFIG_LENGTH)
		return -EINVAL;
	m->config.size_in = size;
	m->config.size_in_set = true;
	return 0;
}

/* Device memory: rounds of blocks, chunk by chunk. */

static void mstate_block_changed(struct mstate *m, unsigned int block)
{
	m->memory.since_whole |= BIT(block);
	m->memory.pending |= BIT(block);
	m->round.changed |= BIT(block);
}

static u64 mstate_freeze_round(struct mstate *m)
{
	bool has_changes = m->state & LOGGING;
	unsigned long blocks = has_changes ? m->memory.pending : ALL_BLOCKS;
	unsigned int block, count = 0;

	if (m->round.begun)
		return m->round.size;

	for_each_set_bit(block, &blocks, BLOCKS)
		m->round.blocks[count++] = m->memory.now[block];
	m->round.size = count * sizeof(struct mstate_block);
	m->round.changed = 0;
	m->round.has_changes = has_changes;
	m->round.frozen = true;
	return m->round.size;
}

static void mstate_end_round(struct mstate *m)
{
	m->round.frozen = false;
	m->round.begun = false;
}

static int mstate_get_chunk(struct mstate *m)
{
	u64 pos = m->memory.pos, length;

	if (!m->round.frozen || pos % CHUNK_LENGTH || pos >= m->round.size)
		return -EINVAL;

	length = min_t(u64, m->round.size - pos, CHUNK_LENGTH);
	memcpy(m->data[MEMORY], (u8 *)m->round.blocks + pos, length);
	m->round.begun = true;
	if (pos + length < m->round.size)
		return 0;

	/* What changed meanwhile is all that a next round has to tell. */
	m->memory.pending = m->round.changed;
	if (!m->round.has_changes)
		m->memory.since_whole = m->round.changed;
	mstate_end_round(m);
	return 0;
}

/* Take a round that is complete, wholly or not at all. */
static int mstate_load_round(struct mstate *m)
{
	unsigned int count = m->memory.size_in / sizeof(struct mstate_block);
	unsigned int i;

	if (m->memory.size_in % sizeof(struct mstate_block))
		return -EINVAL;
	for (i = 0; i < count; i++)
		if (le64_to_cpu(m->memory.in[i].number) >= BLOCKS)
			return -EINVAL;

	for (i = 0; i < count; i++) {
		u64 block = le64_to_cpu(m->memory.in[i].number);

		m->memory.now[block] = m->memory.in[i];
		mstate_block_changed(m, block);
	}
	return 0;
}

static int mstate_set_chunk(struct mstate *m)
{
	u64 pos = m->memory.pos, length;
	int ret;

	if (!(m->state & STOPPED) || !m->memory.size_in_set ||
	    pos % CHUNK_LENGTH || pos >= m->memory.size_in)
		return -EINVAL;

	/* No round of this device has more. */
	if (m->memory.size_in > sizeof(m->memory.in))
		return -EINVAL;

	length = min_t(u64, m->memory.size_in - pos, CHUNK_LENGTH);
	memcpy((u8 *)m->memory.in + pos, m->data[MEMORY], length);
	if (pos == 0 || pos == m->memory.in_end)
		m->memory.in_end = pos + length;
	if (pos + length < m->memory.size_in)
		return 0;
	if (m->memory.in_end < m->memory.size_in)
		return -EINVAL;
	ret = mstate_load_round(m);
	if (!ret)
		m->memory.in_end = 0;
	return ret;
}

static int mstate_memory_action(struct mstate *m, u32 action)
{
	switch (action) {
	case VFIO_DEVICE_DATA_ACTION_GET_BUFFER:
		return mstate_get_chunk(m);
	case VFIO_DEVICE_DATA_ACTION_SET_BUFFER:
		return mstate_set_chunk(m);
	default:
		return -EINVAL;
	}
}

/* System memory: a bitmap of the pages that the device has written. */

static int mstate_get_bitmap(struct mstate *m, u64 start_addr, u64 page_nr)
{
	u64 first = start_addr >> PAGE_SHIFT, size, end;
	unsigned long page;
	void *entry;

	if (!page_nr || page_nr > BITMAP_BITS ||
	    !IS_ALIGNED(start_addr, PAGE_SIZE) ||
	    check_mul_overflow(page_nr, (u64)PAGE_SIZE, &size) ||
	    check_add_overflow(start_addr, size, &end))
		return -EINVAL;

	memset(m->data[BITMAP], 0, ALIGN(page_nr, 64) / BITS_PER_BYTE);
	xa_for_each_range(&m->dirty, page, entry, first, first + page_nr - 1) {
		__set_bit_le(page - first, m->data[BITMAP]);
		xa_erase(&m->dirty, page);
	}
	m->start_addr = start_addr;
	return 0;
}

/* The state. */

static int mstate_set_state(struct mstate *m, u32 requested)
{
	u32 old = m->state, new;
	int ret;

	ret = vfio_device_state_next_state(old, requested, &new);
	if (ret)
		return ret;

	m->state = new;
	if (~old & new & LOGGING)
		m->memory.pending = m->memory.since_whole;
	if (old & ~new & LOGGING) {
		xa_destroy(&m->dirty);
		if (m->round.has_changes)
			mstate_end_round(m);
	}
	return 0;
}

/* By a reset and the last close: nothing is left of what user space did. */
static void mstate_reset(struct mstate *m)
{
	unsigned int i;

	mutex_lock(&m->lock);
	m->state = VFIO_DEVICE_STATE_CTL_RUNNING;
	m->config.size = CONFIG_LENGTH / 4;
	memset(m->config.now, 'c', sizeof(m->config.now));
	m->config.size_out = 0;
	m->config.size_in_set = false;
	for (i = 0; i < BLOCKS; i++) {
		m->memory.now[i].number = cpu_to_le64(i);
		memset(m->memory.now[i].data, i, sizeof(m->memory.now[i].data));
	}
	m->memory.since_whole = ALL_BLOCKS;
	m->memory.pos = 0;
	m->memory.size_in_set = false;
	m->memory.in_end = 0;
	mstate_end_round(m);
	m->start_addr = 0;
	xa_destroy(&m->dirty);
	for (i = 0; i < REGIONS; i++)
		if (m->data[i])
			memset(m->data[i], 0, mstate_regions[i].length);
	mutex_unlock(&m->lock);
}

/* The control region. */

static ssize_t mstate_ctl_read(struct mstate *m, char __user *buf, size_t count,
			       u64 offset)
{
	struct vfio_device_state_ctl ctl = {
		.version = VFIO_DEVICE_STATE_INTERFACE_VERSION,
		.caps = m->caps,
	};
	const size_t size_at = offsetof(typeof(ctl), device_memory.size);
	int ret;

	ret = vfio_device_state_ctl_access(m->caps, offset, count, false);
	if (ret)
		return ret;

	mutex_lock(&m->lock);
	ctl.device_config.size = m->config.size_out;
	if ((m->caps & VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY) &&
	    offset <= size_at && size_at < offset + count)
		ctl.device_memory.size = mstate_freeze_round(m);
	mutex_unlock(&m->lock);

	if (copy_to_user(buf, (u8 *)&ctl + offset, count))
		return -EFAULT;
	return count;
}

static int mstate_ctl_take(struct mstate *m,
			   const struct vfio_device_state_ctl *ctl,
			   size_t count, u64 offset)
{
	lockdep_assert_held(&m->lock);

	switch (offset) {
	case offsetof(typeof(*ctl), device_state):
		return mstate_set_state(m, ctl->device_state);
	case offsetof(typeof(*ctl), device_config.action):
		return mstate_config_action(m, ctl->device_config.action);
	case offsetof(typeof(*ctl), device_config.size):
		return mstate_set_config_size(m, ctl->device_config.size);
	case offsetof(typeof(*ctl), device_memory.action):
		return mstate_memory_action(m, ctl->device_memory.action);
	case offsetof(typeof(*ctl), device_memory.size):
		m->memory.size_in = ctl->device_memory.size;
		m->memory.size_in_set = true;
		m->memory.in_end = 0;
		return 0;
	case offsetof(typeof(*ctl), device_memory.pos):
		m->memory.pos = ctl->device_memory.pos;
		return 0;
	case offsetof(typeof(*ctl), system_memory.start_addr):
		if (count == sizeof(ctl->system_memory))
			return mstate_get_bitmap(m, ctl->system_memory.start_addr,
						 ctl->system_memory.page_nr);
		m->start_addr = ctl->system_memory.start_addr;
		return 0;
	case offsetof(typeof(*ctl), system_memory.page_nr):
		return mstate_get_bitmap(m, m->start_addr,
					 ctl->system_memory.page_nr);
	default:
		/* Reserved: what is read-only was refused before. */
		return memchr_inv(ctl, 0, sizeof(*ctl)) ? -EINVAL : 0;
	}
}

static ssize_t mstate_ctl_write(struct mstate *m, const char __user *buf,
				size_t count, u64 offset)
{
	struct vfio_device_state_ctl ctl = {};
	int ret;

	ret = vfio_device_state_ctl_access(m->caps, offset, count, true);
	if (ret)
		return ret;
	if (copy_from_user((u8 *)&ctl + offset, buf, count))
		return -EFAULT;

	mutex_lock(&m->lock);
	ret = mstate_ctl_take(m, &ctl, count, offset);
	mutex_unlock(&m->lock);
	return ret ? ret : count;
}

/*
 * The doorbell stands for the work of a device.  It is for tests, and works
 * when the device is stopped as well; a device must not.
 *
 * Under the lock, a write to system memory is over before the state changes.
 * It may wait for a page of user space: nothing that holds mmap_lock, or the
 * lock of the container, may take this one.
 */

static int mstate_change(struct mstate *m, u64 subtype, u64 page)
{
	u8 byte;
	int ret;

	lockdep_assert_held(&m->lock);

	switch (subtype) {
	case VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_CONFIG:
		if (page)
			return -EOPNOTSUPP;
		m->config.now[0]++;
		m->config.size = m->config.size < CONFIG_LENGTH ?
				 m->config.size + 1 : 1;
		return 0;
	case VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_MEMORY:
		if (!(m->caps & VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY) || page >= BLOCKS)
			return -EOPNOTSUPP;
		m->memory.now[page].data[0]++;
		mstate_block_changed(m, page);
		return 0;
	case VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_DIRTYBITMAP:
		if (!(m->caps & VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY) ||
		    page >= U64_MAX >> PAGE_SHIFT)
			return -EOPNOTSUPP;
		ret = vfio_dma_rw(&m->vdev, page << PAGE_SHIFT, &byte, 1, false);
		if (ret)
			return ret;
		byte++;
		/* Before the write: a mark too many loses nothing. */
		if (m->state & LOGGING)
			ret = xa_err(xa_store(&m->dirty, page, xa_mk_value(1),
					      GFP_KERNEL));
		if (ret)
			return ret;
		return vfio_dma_rw(&m->vdev, page << PAGE_SHIFT, &byte, 1, true);
	default:
		return -EOPNOTSUPP;
	}
}

static ssize_t mstate_doorbell_write(struct mstate *m, const char __user *buf,
				     size_t count, u64 offset)
{
	struct mstate_doorbell doorbell;
	int ret;

	if (offset || count != sizeof(doorbell))
		return -EINVAL;
	if (copy_from_user(&doorbell, buf, count))
		return -EFAULT;

	mutex_lock(&m->lock);
	ret = mstate_change(m, doorbell.subtype, doorbell.page);
	mutex_unlock(&m->lock);
	return ret ? ret : count;
}

/* What VFIO asks of a driver. */

/* The index of a region that the device has, else -EINVAL. */
static int mstate_region_index(struct mstate *m, u64 index)
{
	if (index >= REGIONS)
		return -EINVAL;
	index = array_index_nospec(index, REGIONS);
	return mstate_regions[index].needs & ~m->caps ? -EINVAL : index;
}

/* The bytes that an access to the data of a region is about, else NULL. */
static u8 *mstate_bytes(struct mstate *m, int index, u64 offset, size_t count)
{
	size_t length = mstate_regions[index].length;

	if (!m->data[index] || offset > length || count > length - offset)
		return NULL;
	return m->data[index] + offset;
}

static ssize_t mstate_read(struct vfio_device *vdev, char __user *buf,
			   size_t count, loff_t *ppos)
{
	struct mstate *m = to_mstate(vdev);
	int index = mstate_region_index(m, *ppos >> REGION_SHIFT);
	u64 offset = *ppos & REGION_MASK;
	ssize_t ret = count;
	u8 *bytes;

	if (index < 0)
		return index;
	if (index == CTL) {
		ret = mstate_ctl_read(m, buf, count, offset);
	} else {
		bytes = mstate_bytes(m, index, offset, count);
		if (!bytes)
			return -EINVAL;
		if (copy_to_user(buf, bytes, count))
			return -EFAULT;
	}
	if (ret > 0)
		*ppos += ret;
	return ret;
}

static ssize_t mstate_write(struct vfio_device *vdev, const char __user *buf,
			    size_t count, loff_t *ppos)
{
	struct mstate *m = to_mstate(vdev);
	int index = mstate_region_index(m, *ppos >> REGION_SHIFT);
	u64 offset = *ppos & REGION_MASK;
	ssize_t ret = count;
	u8 *bytes;

	if (index < 0)
		return index;
	if (index == CTL) {
		ret = mstate_ctl_write(m, buf, count, offset);
	} else if (index == DOORBELL) {
		ret = mstate_doorbell_write(m, buf, count, offset);
	} else {
		bytes = mstate_bytes(m, index, offset, count);
		if (!bytes)
			return -EINVAL;
		if (copy_from_user(bytes, buf, count))
			return -EFAULT;
	}
	if (ret > 0)
		*ppos += ret;
	return ret;
}

static int mstate_mmap(struct vfio_device *vdev, struct vm_area_struct *vma)
{
	struct mstate *m = to_mstate(vdev);
	u64 offset = (u64)vma->vm_pgoff << PAGE_SHIFT;
	int index = mstate_region_index(m, offset >> REGION_SHIFT);

	if (index < 0 || !m->data[index] || !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	/* This refuses what goes beyond the end. */
	return remap_vmalloc_range(vma, m->data[index],
				   (offset & REGION_MASK) >> PAGE_SHIFT);
}

static int mstate_get_info(void __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;

	info.flags = VFIO_DEVICE_FLAGS_PLATFORM | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = REGIONS;
	info.num_irqs = 0;
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

static int mstate_get_region_info(struct mstate *m, void __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info_cap_type type = {
		.header = { .id = VFIO_REGION_INFO_CAP_TYPE, .version = 1 },
		.type = VFIO_REGION_TYPE_DEVICE_STATE,
	};
	struct vfio_info_cap caps = {};
	struct vfio_region_info info;
	int index, ret = 0;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	index = mstate_region_index(m, info.index);
	if (info.argsz < minsz || index < 0)
		return -EINVAL;

	info.flags = mstate_regions[index].flags;
	info.offset = (u64)index << REGION_SHIFT;
	info.size = mstate_regions[index].length;
	info.cap_offset = 0;
	if (index != DOORBELL) {
		type.subtype = index;
		ret = vfio_info_add_capability(&caps, &type.header, sizeof(type));
		if (ret)
			return ret;
		info.flags |= VFIO_REGION_INFO_FLAG_CAPS;
		if (info.argsz < sizeof(info) + caps.size) {
			info.argsz = sizeof(info) + caps.size;
		} else {
			vfio_info_cap_shift(&caps, sizeof(info));
			info.cap_offset = sizeof(info);
			if (copy_to_user(arg + sizeof(info), caps.buf, caps.size))
				ret = -EFAULT;
		}
		kfree(caps.buf);
	}
	if (copy_to_user(arg, &info, minsz))
		ret = -EFAULT;
	return ret;
}

static long mstate_ioctl(struct vfio_device *vdev, unsigned int cmd,
			 unsigned long arg)
{
	struct mstate *m = to_mstate(vdev);

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return mstate_get_info((void __user *)arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return mstate_get_region_info(m, (void __user *)arg);
	case VFIO_DEVICE_RESET:
		mstate_reset(m);
		return 0;
	default:
		return -ENOTTY;
	}
}

static void mstate_free_data(struct mstate *m)
{
	unsigned int i;

	for (i = 0; i < REGIONS; i++) {
		vfree(m->data[i]);
		m->data[i] = NULL;
	}
}

/* Pages that somebody has pinned must not serve who opens the device next. */
static int mstate_open(struct vfio_device *vdev)
{
	struct mstate *m = to_mstate(vdev);
	unsigned int i;

	for (i = 0; i < REGIONS; i++) {
		if (!(mstate_regions[i].flags & VFIO_REGION_INFO_FLAG_MMAP) ||
		    mstate_region_index(m, i) < 0)
			continue;
		m->data[i] = vmalloc_user(mstate_regions[i].length);
		if (!m->data[i]) {
			mstate_free_data(m);
			return -ENOMEM;
		}
	}
	return 0;
}

static void mstate_close(struct vfio_device *vdev)
{
	struct mstate *m = to_mstate(vdev);

	mstate_free_data(m);
	mstate_reset(m);
}

/* One device: made, and gone. */

struct mstate_type {
	struct mdev_type type;
	u64 caps;
};

static struct mstate_type mstate_types[] = {
	{
		.type = { .sysfs_name = "all", .pretty_name = "with all data" },
		.caps = VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY |
			VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY,
	}, {
		.type = { .sysfs_name = "no-memory",
			  .pretty_name = "without device memory" },
		.caps = VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY,
	}, {
		.type = { .sysfs_name = "no-system",
			  .pretty_name = "without writes to system memory" },
		.caps = VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY,
	}, {
		.type = { .sysfs_name = "config",
			  .pretty_name = "with nothing but config" },
	},
};

static int mstate_init(struct vfio_device *vdev)
{
	struct mstate *m = to_mstate(vdev);
	struct mdev_device *mdev = to_mdev_device(vdev->dev);

	m->caps = container_of(mdev->type, struct mstate_type, type)->caps;
	mutex_init(&m->lock);
	xa_init_flags(&m->dirty, XA_FLAGS_ACCOUNT);
	mstate_reset(m);
	return 0;
}

static const struct vfio_device_ops mstate_ops = {
	.name = "mstate",
	.init = mstate_init,
	.release = vfio_free_device,
	.open_device = mstate_open,
	.close_device = mstate_close,
	.read = mstate_read,
	.write = mstate_write,
	.mmap = mstate_mmap,
	.ioctl = mstate_ioctl,
};

static int mstate_probe(struct mdev_device *mdev)
{
	struct mstate *m;
	int ret;

	m = vfio_alloc_device(mstate, vdev, &mdev->dev, &mstate_ops);
	if (IS_ERR(m))
		return PTR_ERR(m);

	ret = vfio_register_emulated_iommu_dev(&m->vdev);
	if (ret) {
		vfio_put_device(&m->vdev);
		return ret;
	}
	dev_set_drvdata(&mdev->dev, m);
	return 0;
}

static void mstate_remove(struct mdev_device *mdev)
{
	struct mstate *m = dev_get_drvdata(&mdev->dev);

	vfio_unregister_group_dev(&m->vdev);
	vfio_put_device(&m->vdev);
}

/* The module, and the parent of the devices. */

static struct mdev_driver mstate_driver = {
	.device_api = VFIO_DEVICE_API_PLATFORM_STRING,
	.max_instances = 64,
	.probe = mstate_probe,
	.remove = mstate_remove,
	.driver = {
		.name = "mstate",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
	},
};

static struct mdev_type *mstate_mdev_types[] = {
	&mstate_types[0].type,
	&mstate_types[1].type,
	&mstate_types[2].type,
	&mstate_types[3].type,
};

static struct class *mstate_class;
static struct device *mstate_device;
static struct mdev_parent mstate_parent;

static int __init mstate_module_init(void)
{
	int ret;

	ret = mdev_register_driver(&mstate_driver);
	if (ret)
		return ret;

	mstate_class = class_create(THIS_MODULE, "mstate");
	if (IS_ERR(mstate_class)) {
		ret = PTR_ERR(mstate_class);
		goto err_driver;
	}

	mstate_device = device_create(mstate_class, NULL, MKDEV(0, 0), NULL,
				      "mstate");
	if (IS_ERR(mstate_device)) {
		ret = PTR_ERR(mstate_device);
		goto err_class;
	}

	ret = mdev_register_parent(&mstate_parent, mstate_device,
				   &mstate_driver, mstate_mdev_types,
				   ARRAY_SIZE(mstate_mdev_types));
	if (ret)
		goto err_device;
	return 0;

err_device:
	device_unregister(mstate_device);
err_class:
	class_destroy(mstate_class);
err_driver:
	mdev_unregister_driver(&mstate_driver);
	return ret;
}

static void __exit mstate_module_exit(void)
{
	mdev_unregister_parent(&mstate_parent);
	device_unregister(mstate_device);
	class_destroy(mstate_class);
	mdev_unregister_driver(&mstate_driver);
}

module_init(mstate_module_init);
module_exit(mstate_module_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Sample driver of the VFIO device state interface");
