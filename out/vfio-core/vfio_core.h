/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * VFIO groups, devices and memory for DMA
 *
 * Generated from spec/vfio-core.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * How user space gets hold of a device through VFIO, and what it can do with
 * any device, whatever the device is: the part of linux/vfio.h that comes
 * before all interfaces of particular devices.
 *
 * There are three kinds of file descriptors, and each takes its own requests. A
 * container (/dev/vfio/vfio) stands for an address space: what is mapped there,
 * devices reach by DMA. A group (/dev/vfio/NUMBER) holds the devices that
 * cannot be told apart by the IOMMU, and is put into a container as a whole. A
 * device comes from its group, by the name that it has in sysfs.
 *
 * User space opens a container and a group, puts the group into the container,
 * and says which kind of IOMMU the container has. Only then can a device be
 * opened, as often as user space likes. Closing all descriptors undoes that.
 * VFIO_DEVICE_GET_INFO and VFIO_DEVICE_GET_REGION_INFO say what a device has.
 * Its regions are read and written by pread and pwrite on a descriptor of the
 * device, and some of them can be mapped.
 *
 * Structs begin with argsz, which user space sets to the size of the struct as
 * it knows it. The driver writes no more than that, and fails with EINVAL where
 * it is less than the size that the struct had in the beginning. What was added
 * at the end later comes with a flag. Since 3.6.
 */
#ifndef _UAPI_LINUX_VFIO_CORE_H
#define _UAPI_LINUX_VFIO_CORE_H

#include <linux/types.h>
#include <linux/ioctl.h>

/* What VFIO_GET_API_VERSION gives. User space refuses any other number. */
#define VFIO_API_VERSION	0

/*
 * A kind of container, for VFIO_CHECK_EXTENSION and VFIO_SET_IOMMU: it maps
 * memory of the process. A mapping is unmapped as a whole, alone or together
 * with others; a range that cuts one in two is refused. Since 3.15.
 */
#define VFIO_TYPE1v2_IOMMU	3

/**
 * struct vfio_info_cap_header - The beginning of a capability. Capabilities
 *   form a chain behind the struct that VFIO_DEVICE_GET_INFO,
 *   VFIO_DEVICE_GET_REGION_INFO or VFIO_IOMMU_GET_INFO fills, in the same
 *   buffer.
 * @id: what the capability is; each request has its own numbers (read-only)
 * @version: version of this capability (read-only)
 * @next: where the next capability begins, in bytes from the beginning of the
 *   buffer; 0 in the last one (read-only)
 *
 * Where the buffer is too small for the chain, the request does not fail: its
 * flag says that there are capabilities, cap_offset is 0, and argsz is the size
 * that is needed. User space asks once more. Since 4.6.
 */
struct vfio_info_cap_header {
	__u16 id;
	__u16 version;
	__u32 next;
};

/**
 * struct vfio_group_status - What becomes of a group, for
 *   VFIO_GROUP_GET_STATUS.
 * @argsz: size of the struct in bytes (write-only)
 * @flags: what has become of the group (read-only, VFIO_GROUP_FLAGS_* flags)
 *   VFIO_GROUP_FLAGS_*: What has become of a group.
 *   VFIO_GROUP_FLAGS_VIABLE: Each device of the group is bound to a driver of
 *   VFIO or to none that does harm: the group can be used.
 *   VFIO_GROUP_FLAGS_CONTAINER_SET: The group is in a container.
 */
struct vfio_group_status {
	__u32 argsz;
	__u32 flags;
#define VFIO_GROUP_FLAGS_VIABLE		(1 << 0)
#define VFIO_GROUP_FLAGS_CONTAINER_SET	(1 << 1)
};

/* Tell what has become of a group. The argument is struct vfio_group_status. */
#define VFIO_GROUP_GET_STATUS	_IO(0x3b, 100 + 3)

/**
 * struct vfio_device_info - What a device has, for VFIO_DEVICE_GET_INFO.
 * @argsz: size of the buffer in bytes; then of what was to be said (read/write)
 * @flags: what the device can do (read-only, VFIO_DEVICE_FLAGS_* flags)
 *   VFIO_DEVICE_FLAGS_*: What a device can do, and which bus it shows itself
 *   on. A bus has its own indexes of regions and interrupts.
 *   VFIO_DEVICE_FLAGS_RESET: VFIO_DEVICE_RESET is there.
 *   VFIO_DEVICE_FLAGS_PCI: It is a device of PCI.
 *   VFIO_DEVICE_FLAGS_PLATFORM: It is a platform device. Since 4.1.
 *   VFIO_DEVICE_FLAGS_AMBA: It is a device of AMBA. Since 4.1.
 *   VFIO_DEVICE_FLAGS_CCW: It is a channel device of s390. Since 4.12.
 *   VFIO_DEVICE_FLAGS_AP: It is an adjunct processor of s390. Since 4.20.
 *   VFIO_DEVICE_FLAGS_FSL_MC: It is a device of the bus fsl-mc. Since 5.10.
 *   VFIO_DEVICE_FLAGS_CAPS: The device has capabilities in a chain. Since 5.10.
 * @num_regions: number of indexes of regions: the highest one and 1 (read-only)
 * @num_irqs: number of indexes of interrupts: the highest one and 1 (read-only)
 * @cap_offset: offset of the first capability in the buffer in bytes
 *   (read-only, since 5.10)
 *
 * At first it ended behind num_irqs. Since 6.6 it has 4 bytes of padding at its
 * end.
 */
struct vfio_device_info {
	__u32 argsz;
	__u32 flags;
#define VFIO_DEVICE_FLAGS_RESET		(1 << 0)
#define VFIO_DEVICE_FLAGS_PCI		(1 << 1)
#define VFIO_DEVICE_FLAGS_PLATFORM	(1 << 2)
#define VFIO_DEVICE_FLAGS_AMBA		(1 << 3)
#define VFIO_DEVICE_FLAGS_CCW		(1 << 4)
#define VFIO_DEVICE_FLAGS_AP		(1 << 5)
#define VFIO_DEVICE_FLAGS_FSL_MC	(1 << 6)
#define VFIO_DEVICE_FLAGS_CAPS		(1 << 7)
	__u32 num_regions;
	__u32 num_irqs;
	__u32 cap_offset;
};

/* Tell what a device has. The argument is struct vfio_device_info. */
#define VFIO_DEVICE_GET_INFO	_IO(0x3b, 100 + 7)

/**
 * struct vfio_region_info - What a region is, for VFIO_DEVICE_GET_REGION_INFO.
 *   A region of size 0 is not there; buses with fixed indexes have such
 *   regions.
 * @argsz: size of the buffer in bytes; then of what was to be said (read/write)
 * @flags: what can be done with it (read-only, VFIO_REGION_INFO_FLAG_* flags)
 *   VFIO_REGION_INFO_FLAG_*: What can be done with a region.
 *   VFIO_REGION_INFO_FLAG_READ: It can be read.
 *   VFIO_REGION_INFO_FLAG_WRITE: It can be written.
 *   VFIO_REGION_INFO_FLAG_MMAP: It can be mapped; where it has
 *   VFIO_REGION_INFO_CAP_SPARSE_MMAP, in the areas that are listed there alone.
 *   VFIO_REGION_INFO_FLAG_CAPS: The region has capabilities in a chain. Since
 *   4.6.
 * @index: which region: 0 up to the number of indexes (write-only)
 * @cap_offset: offset of the first capability in the buffer in bytes
 *   (read-only, since 4.6)
 * @size: length of the region in bytes (read-only)
 * @offset: where it begins for pread, pwrite and mmap on the descriptor of the
 *   device (read-only)
 */
struct vfio_region_info {
	__u32 argsz;
	__u32 flags;
#define VFIO_REGION_INFO_FLAG_READ	(1 << 0)
#define VFIO_REGION_INFO_FLAG_WRITE	(1 << 1)
#define VFIO_REGION_INFO_FLAG_MMAP	(1 << 2)
#define VFIO_REGION_INFO_FLAG_CAPS	(1 << 3)
	__u32 index;
	__u32 cap_offset;
	__u64 size;
	__u64 offset;
};

/*
 * Tell what a region of a device is. The argument is struct vfio_region_info.
 */
#define VFIO_DEVICE_GET_REGION_INFO	_IO(0x3b, 100 + 8)

/**
 * struct vfio_region_sparse_mmap_area - A part of a region that can be mapped.
 *   Since 4.6.
 * @offset: offset of the part in the region in bytes (read-only)
 * @size: length of the part in bytes (read-only)
 */
struct vfio_region_sparse_mmap_area {
	__u64 offset;
	__u64 size;
};

/* Capability of struct vfio_region_info_cap_sparse_mmap, version 1. */
#define VFIO_REGION_INFO_CAP_SPARSE_MMAP	1

/**
 * struct vfio_region_info_cap_sparse_mmap - The parts of a region that can be
 *   mapped, as a capability of the region. Others cannot. Since 4.6.
 * @header: beginning of the capability
 * @nr_areas: number of parts (read-only)
 * @reserved: reads as zero, must be written as zero
 * @areas: the parts (nr_areas elements)
 */
struct vfio_region_info_cap_sparse_mmap {
	struct vfio_info_cap_header header;
	__u32 nr_areas;
	__u32 reserved;
	struct vfio_region_sparse_mmap_area areas[];
};

/* Capability of struct vfio_region_info_cap_type, version 1. */
#define VFIO_REGION_INFO_CAP_TYPE	2

/**
 * struct vfio_region_info_cap_type - What a region is, as a capability of the
 *   region, where its index does not tell. A type is known to all devices of a
 *   bus; what a subtype is depends on the type. Since 4.6.
 * @header: beginning of the capability
 * @type: type of the region (read-only)
 * @subtype: which of the regions of this type it is (read-only)
 */
struct vfio_region_info_cap_type {
	struct vfio_info_cap_header header;
	__u32 type;
	__u32 subtype;
};

/**
 * struct vfio_device_feature - A feature of a device is asked for, given or
 *   taken, by VFIO_DEVICE_FEATURE. What the data is, the feature says. Since
 *   5.7.
 * @argsz: size of the struct in bytes with its data (write-only)
 * @flags: the feature and what is to be done (write-only, VFIO_DEVICE_FEATURE_*
 *   flags)
 *   VFIO_DEVICE_FEATURE_*: The number of a feature, and what is to be done with
 *   it: one of GET and SET, or PROBE, which both can be given with. Since 5.7.
 *   VFIO_DEVICE_FEATURE_MASK: The bits that hold the number of the feature.
 *   VFIO_DEVICE_FEATURE_GET: Give the feature in the data.
 *   VFIO_DEVICE_FEATURE_SET: Take the feature from the data.
 *   VFIO_DEVICE_FEATURE_PROBE: Say only whether the device has the feature, and
 *   can GET or SET it where that is given as well. No data is needed.
 * @data: the data of the feature (read/write)
 */
struct vfio_device_feature {
	__u32 argsz;
	__u32 flags;
#define VFIO_DEVICE_FEATURE_MASK	(0xffff)
#define VFIO_DEVICE_FEATURE_GET		(1 << 16)
#define VFIO_DEVICE_FEATURE_SET		(1 << 17)
#define VFIO_DEVICE_FEATURE_PROBE	(1 << 18)
	__u8 data[];
};

/*
 * Ask for a feature of a device, give it, or take it. The argument is struct
 * vfio_device_feature. Since 5.7.
 */
#define VFIO_DEVICE_FEATURE	_IO(0x3b, 100 + 17)

/**
 * struct vfio_iommu_type1_dma_map - Memory of the process that devices are to
 *   reach, for VFIO_IOMMU_MAP_DMA. All numbers are multiples of the smallest
 *   page size that the IOMMU has.
 * @argsz: size of the struct in bytes (write-only)
 * @flags: what devices may do with the memory (write-only, VFIO_DMA_MAP_FLAG_*
 *   flags)
 *   VFIO_DMA_MAP_FLAG_*: What the device may do with memory that is mapped for
 *   it.
 *   VFIO_DMA_MAP_FLAG_READ: The device may read it.
 *   VFIO_DMA_MAP_FLAG_WRITE: The device may write it.
 *   VFIO_DMA_MAP_FLAG_VADDR: The memory has another address in the process now.
 *   Without READ and WRITE; the address before was taken away with
 *   VFIO_DMA_UNMAP_FLAG_VADDR. Since 5.12.
 * @vaddr: where the memory begins in the process (write-only)
 * @iova: where it begins for devices (write-only)
 * @size: its length in bytes (write-only)
 */
struct vfio_iommu_type1_dma_map {
	__u32 argsz;
	__u32 flags;
#define VFIO_DMA_MAP_FLAG_READ	(1 << 0)
#define VFIO_DMA_MAP_FLAG_WRITE	(1 << 1)
#define VFIO_DMA_MAP_FLAG_VADDR	(1 << 2)
	__u64 vaddr;
	__u64 iova;
	__u64 size;
};

/*
 * Let the devices of a container reach memory of the process. The argument is
 * struct vfio_iommu_type1_dma_map.
 */
#define VFIO_IOMMU_MAP_DMA	_IO(0x3b, 100 + 13)

/**
 * struct vfio_iommu_type1_dma_unmap - Memory that devices are to reach no
 *   longer, for VFIO_IOMMU_UNMAP_DMA.
 * @argsz: size of the struct in bytes with its data (write-only)
 * @flags: what is unmapped (write-only, VFIO_DMA_UNMAP_FLAG_* flags)
 *   VFIO_DMA_UNMAP_FLAG_*: What is unmapped, and what comes of it.
 *   VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP: Say which pages were written, in a
 *   bitmap whose place the data gives. Since 5.8.
 *   VFIO_DMA_UNMAP_FLAG_ALL: Unmap everything. iova and size are 0. Since 5.12.
 *   VFIO_DMA_UNMAP_FLAG_VADDR: Unmap nothing: the memory leaves its address in
 *   the process, and the device goes on meanwhile. Since 5.12.
 * @iova: where the memory begins for devices (write-only)
 * @size: its length in bytes; then the number of bytes that were unmapped
 *   (read/write)
 * @data: where the bitmap of GET_DIRTY_BITMAP goes (write-only)
 */
struct vfio_iommu_type1_dma_unmap {
	__u32 argsz;
	__u32 flags;
#define VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP	(1 << 0)
#define VFIO_DMA_UNMAP_FLAG_ALL			(1 << 1)
#define VFIO_DMA_UNMAP_FLAG_VADDR		(1 << 2)
	__u64 iova;
	__u64 size;
	__u8 data[];
};

/*
 * Keep the devices of a container from reaching memory any longer. The argument
 * is struct vfio_iommu_type1_dma_unmap.
 */
#define VFIO_IOMMU_UNMAP_DMA	_IO(0x3b, 100 + 14)

/* Give the version of all this, of a container. It is VFIO_API_VERSION. */
#define VFIO_GET_API_VERSION	_IO(0x3b, 100 + 0)

/*
 * Say whether a container can do what the argument says, such as
 * VFIO_TYPE1v2_IOMMU; 0 where it cannot.
 */
#define VFIO_CHECK_EXTENSION	_IO(0x3b, 100 + 1)

/*
 * Make the container one of the kind that the argument says, such as
 * VFIO_TYPE1v2_IOMMU. It needs a group in the container.
 */
#define VFIO_SET_IOMMU	_IO(0x3b, 100 + 2)

/*
 * Put a group into the container whose descriptor is at the address that the
 * argument is. Several groups can be in one container.
 */
#define VFIO_GROUP_SET_CONTAINER	_IO(0x3b, 100 + 4)

/*
 * Take a group out of its container. All devices of the group must be closed.
 * With the last group the container loses its IOMMU, and all that was mapped.
 */
#define VFIO_GROUP_UNSET_CONTAINER	_IO(0x3b, 100 + 5)

/*
 * Give a descriptor of the device whose name is the string at the address that
 * the argument is: as it is listed in sysfs, in the group's folder of devices.
 */
#define VFIO_GROUP_GET_DEVICE_FD	_IO(0x3b, 100 + 6)

/* Reset a device. It is there where the device has VFIO_DEVICE_FLAGS_RESET. */
#define VFIO_DEVICE_RESET	_IO(0x3b, 100 + 11)

#endif /* _UAPI_LINUX_VFIO_CORE_H */
