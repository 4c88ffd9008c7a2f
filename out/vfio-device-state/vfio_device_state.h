/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VFIO device state interface
 *
 * Generated from spec/vfio-device-state.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * A VFIO device driver that plans to support device state management needs to
 * register up to four device state regions: two mandatory and two optional.
 *
 * Through the control region, the driver tells the version, the capabilities
 * and the sizes of the data, and takes the device state and the actions that
 * move data. The data regions carry the device config, the device memory and
 * the bitmap of the dirty pages of system memory; they can be mapped, and pread
 * and pwrite serve as well.
 *
 * For migration, linux/vfio.h has two other interfaces today: a region, which
 * is deprecated since Linux 5.18, and a device feature.
 */
#ifndef _UAPI_LINUX_VFIO_DEVICE_STATE_H
#define _UAPI_LINUX_VFIO_DEVICE_STATE_H

#include <linux/types.h>

/*
 * Type of the device state regions. It is 4 because 2 went to CCW and 3 to
 * migration.
 */
#define VFIO_REGION_TYPE_DEVICE_STATE	4

/*
 * Subtypes of VFIO_REGION_TYPE_DEVICE_STATE.
 *
 * VFIO_REGION_SUBTYPE_DEVICE_STATE_CTL
 *   The control region. Its layout is struct vfio_device_state_ctl. It is read
 *   and written by pread and pwrite and cannot be mapped. Mandatory.
 * VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_CONFIG
 *   The device config. Device config is data such as MMIO registers and page
 *   tables. All devices have it. It is typically no bigger than 10 MB, but no
 *   limit is promised. It is loaded as a whole and in a strict order, so no
 *   dirty data is logged for it.
 *
 *   The driver sizes the region so that the config always fits; the length is
 *   fixed while the device is open. Device memory is no overflow for config.
 *   Mandatory. Can be mapped; its length is a multiple of the page size.
 * VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_MEMORY
 *   The device memory: memory of the device that is distinct from system
 *   memory. Not all devices have it. It is usually larger than this region and
 *   is saved and loaded in chunks of the length of the region. Exists when
 *   VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY is set. Can be mapped; its length is a
 *   multiple of the page size.
 * VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_DIRTYBITMAP
 *   The bitmap of the pages of system memory that the device has dirtied in the
 *   range that was asked for. Exists when VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY is
 *   set. Can be mapped; its length is a multiple of the page size.
 */
#define VFIO_REGION_SUBTYPE_DEVICE_STATE_CTL			1
#define VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_CONFIG		2
#define VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_MEMORY		3
#define VFIO_REGION_SUBTYPE_DEVICE_STATE_DATA_DIRTYBITMAP	4

/*
 * Version of the device state interface.
 *
 * A new number means an incompatible layout. Compatible growth goes through the
 * capabilities and keeps the number. User space refuses a number that it does
 * not know. (The kernel's guide to ioctl interfaces calls version numbers a bad
 * idea; this one is checked once, when the device is opened.)
 */
#define VFIO_DEVICE_STATE_INTERFACE_VERSION	1

/*
 * The state of the device. User space alone controls it: the driver never
 * changes it, except to RUNNING on a reset and after the last close of the
 * device.
 *
 * The names have CTL in them because VFIO_DEVICE_STATE_RUNNING and
 * VFIO_DEVICE_STATE_MASK mean something else in today's linux/vfio.h.
 *
 * A device starts as VFIO_DEVICE_STATE_CTL_RUNNING.
 *
 * VFIO_DEVICE_STATE_CTL_RUNNING
 *   The device is active and ready to receive commands from the software that
 *   uses it.
 * VFIO_DEVICE_STATE_CTL_STOPPED
 *   The device is deactivated and does not interact with the software that uses
 *   it. The driver still serves the regions.
 * VFIO_DEVICE_STATE_CTL_LOGGING
 *   Changes of device memory and of system memory are recorded. Until user
 *   space has got them, they are pending dirty data. A modifier, not a state:
 *   it is set beside RUNNING or STOPPED. It is accepted with any set of
 *   capabilities.
 * VFIO_DEVICE_STATE_CTL_MASK
 *   All bits that a device state can have.
 */
#define VFIO_DEVICE_STATE_CTL_RUNNING	0
#define VFIO_DEVICE_STATE_CTL_STOPPED	1
#define VFIO_DEVICE_STATE_CTL_LOGGING	(1 << 1)
#define VFIO_DEVICE_STATE_CTL_MASK	(VFIO_DEVICE_STATE_CTL_STOPPED | \
					 VFIO_DEVICE_STATE_CTL_LOGGING)

/*
 * What data the device has besides its config. Without a capability, writes to
 * the members that need it fail with EINVAL and reads give 0.
 *
 * VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY
 *   The device has memory of its own, distinct from system memory. A device
 *   that has it must show this capability.
 * VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY
 *   The device dirties pages of system memory. A device that does must show
 *   this capability.
 */
#define VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY	(1 << 0)
#define VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY	(1 << 1)

/*
 * What the driver does with a data region while the write takes place.
 *
 * VFIO_DEVICE_DATA_ACTION_GET_BUFFER
 *   Fill the data region from the device.
 * VFIO_DEVICE_DATA_ACTION_SET_BUFFER
 *   Load the device from the data region.
 */
#define VFIO_DEVICE_DATA_ACTION_GET_BUFFER	1
#define VFIO_DEVICE_DATA_ACTION_SET_BUFFER	2

/**
 * struct vfio_device_state_ctl - Layout of the control region.
 * @version: version of the device state interface (read-only)
 * @device_state: state that the device is to enter (write-only,
 *   VFIO_DEVICE_STATE_CTL_*)
 * @caps: capabilities of the device (read-only, VFIO_DEVICE_DATA_CAP_* flags)
 * @reserved: reads as zero, must be written as zero
 * @device_config: control of the device config
 * @device_config.action: what to do with region DATA_CONFIG (write-only, one of
 *   VFIO_DEVICE_DATA_ACTION_*)
 * @device_config.reserved: reads as zero, must be written as zero
 * @device_config.size: total size of the device config in bytes: a read gives
 *   the outgoing size, that of what is saved; a write sets the incoming one,
 *   that of what is loaded (read/write)
 * @device_memory: control of the device memory (only with
 *   VFIO_DEVICE_DATA_CAP_DEVICE_MEMORY)
 * @device_memory.action: what to do with region DATA_MEMORY (write-only, one of
 *   VFIO_DEVICE_DATA_ACTION_*)
 * @device_memory.reserved: reads as zero, must be written as zero
 * @device_memory.size: total size of the device memory data in bytes: a read
 *   freezes a round, which is what is saved next, and gives its size, the
 *   outgoing one; a write sets the incoming one, that of what is loaded
 *   (read/write)
 * @device_memory.pos: position of the chunk in the data, a multiple of the
 *   length of region DATA_MEMORY (write-only)
 * @system_memory: control of the dirty bitmap (only with
 *   VFIO_DEVICE_DATA_CAP_SYSTEM_MEMORY)
 * @system_memory.start_addr: IOVA at which the range starts, aligned to the
 *   page size (write-only)
 * @system_memory.page_nr: number of pages in the range; the write makes the
 *   driver fill region DATA_DIRTYBITMAP (write-only)
 */
struct vfio_device_state_ctl {
	__u32 version;
	__u32 device_state;
	__u32 caps;
	__u32 reserved;
	struct {
		__u32 action;
		__u32 reserved;
		__aligned_u64 size;
	} device_config;
	struct {
		__u32 action;
		__u32 reserved;
		__aligned_u64 size;
		__aligned_u64 pos;
	} device_memory;
	struct {
		__aligned_u64 start_addr;
		__aligned_u64 page_nr;
	} system_memory;
};

#endif /* _UAPI_LINUX_VFIO_DEVICE_STATE_H */
