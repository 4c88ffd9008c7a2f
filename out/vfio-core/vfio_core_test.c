// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO groups, devices and memory for DMA
 *
 * Generated from spec/vfio-core.yaml by "uapigen gen"; do not edit.
 * To regenerate: make gen
 *
 * What vfio_core.h must hold: sizes, offsets and
 * values, which the compiler checks.
 * To build and run:
 *
 *   gcc -Wall -Wextra -Werror vfio_core_test.c -o vfio_core_test
 *   ./vfio_core_test
 */
#include <stddef.h>
#include <stdio.h>

#include "vfio_core.h"

#define CHECK_SIZE(type, size)						\
	_Static_assert(sizeof(type) == (size),				\
		       #type " does not have " #size " bytes")
#define CHECK_MEMBER(type, member, offset, size)			\
	_Static_assert(offsetof(type, member) == (offset) &&		\
		       sizeof(((type *)0)->member) == (size),		\
		       #member " of " #type " is not " #size " bytes at offset " #offset)
/* A flexible array has no size. */
#define CHECK_OFFSET(type, member, offset)				\
	_Static_assert(offsetof(type, member) == (offset),		\
		       #member " of " #type " is not at offset " #offset)

CHECK_SIZE(struct vfio_info_cap_header, 8);
CHECK_MEMBER(struct vfio_info_cap_header, id, 0, 2);
CHECK_MEMBER(struct vfio_info_cap_header, version, 2, 2);
CHECK_MEMBER(struct vfio_info_cap_header, next, 4, 4);

CHECK_SIZE(struct vfio_group_status, 8);
CHECK_MEMBER(struct vfio_group_status, argsz, 0, 4);
CHECK_MEMBER(struct vfio_group_status, flags, 4, 4);

CHECK_SIZE(struct vfio_device_info, 20);
CHECK_MEMBER(struct vfio_device_info, argsz, 0, 4);
CHECK_MEMBER(struct vfio_device_info, flags, 4, 4);
CHECK_MEMBER(struct vfio_device_info, num_regions, 8, 4);
CHECK_MEMBER(struct vfio_device_info, num_irqs, 12, 4);
CHECK_MEMBER(struct vfio_device_info, cap_offset, 16, 4);

CHECK_SIZE(struct vfio_region_info, 32);
CHECK_MEMBER(struct vfio_region_info, argsz, 0, 4);
CHECK_MEMBER(struct vfio_region_info, flags, 4, 4);
CHECK_MEMBER(struct vfio_region_info, index, 8, 4);
CHECK_MEMBER(struct vfio_region_info, cap_offset, 12, 4);
CHECK_MEMBER(struct vfio_region_info, size, 16, 8);
CHECK_MEMBER(struct vfio_region_info, offset, 24, 8);

CHECK_SIZE(struct vfio_region_sparse_mmap_area, 16);
CHECK_MEMBER(struct vfio_region_sparse_mmap_area, offset, 0, 8);
CHECK_MEMBER(struct vfio_region_sparse_mmap_area, size, 8, 8);

CHECK_SIZE(struct vfio_region_info_cap_sparse_mmap, 16);
CHECK_MEMBER(struct vfio_region_info_cap_sparse_mmap, header, 0, 8);
CHECK_MEMBER(struct vfio_region_info_cap_sparse_mmap, nr_areas, 8, 4);
CHECK_MEMBER(struct vfio_region_info_cap_sparse_mmap, reserved, 12, 4);
CHECK_OFFSET(struct vfio_region_info_cap_sparse_mmap, areas, 16);

CHECK_SIZE(struct vfio_region_info_cap_type, 16);
CHECK_MEMBER(struct vfio_region_info_cap_type, header, 0, 8);
CHECK_MEMBER(struct vfio_region_info_cap_type, type, 8, 4);
CHECK_MEMBER(struct vfio_region_info_cap_type, subtype, 12, 4);

CHECK_SIZE(struct vfio_device_feature, 8);
CHECK_MEMBER(struct vfio_device_feature, argsz, 0, 4);
CHECK_MEMBER(struct vfio_device_feature, flags, 4, 4);
CHECK_OFFSET(struct vfio_device_feature, data, 8);

CHECK_SIZE(struct vfio_iommu_type1_dma_map, 32);
CHECK_MEMBER(struct vfio_iommu_type1_dma_map, argsz, 0, 4);
CHECK_MEMBER(struct vfio_iommu_type1_dma_map, flags, 4, 4);
CHECK_MEMBER(struct vfio_iommu_type1_dma_map, vaddr, 8, 8);
CHECK_MEMBER(struct vfio_iommu_type1_dma_map, iova, 16, 8);
CHECK_MEMBER(struct vfio_iommu_type1_dma_map, size, 24, 8);

CHECK_SIZE(struct vfio_iommu_type1_dma_unmap, 24);
CHECK_MEMBER(struct vfio_iommu_type1_dma_unmap, argsz, 0, 4);
CHECK_MEMBER(struct vfio_iommu_type1_dma_unmap, flags, 4, 4);
CHECK_MEMBER(struct vfio_iommu_type1_dma_unmap, iova, 8, 8);
CHECK_MEMBER(struct vfio_iommu_type1_dma_unmap, size, 16, 8);
CHECK_OFFSET(struct vfio_iommu_type1_dma_unmap, data, 24);

#define CHECK_VALUE(name, value)					\
	_Static_assert((name) == (value), #name " is not " #value)

CHECK_VALUE(VFIO_API_VERSION, 0);
CHECK_VALUE(VFIO_TYPE1v2_IOMMU, 3);
CHECK_VALUE(VFIO_GROUP_FLAGS_VIABLE, 1);
CHECK_VALUE(VFIO_GROUP_FLAGS_CONTAINER_SET, 2);
CHECK_VALUE(VFIO_DEVICE_FLAGS_RESET, 1);
CHECK_VALUE(VFIO_DEVICE_FLAGS_PCI, 2);
CHECK_VALUE(VFIO_DEVICE_FLAGS_PLATFORM, 4);
CHECK_VALUE(VFIO_DEVICE_FLAGS_AMBA, 8);
CHECK_VALUE(VFIO_DEVICE_FLAGS_CCW, 16);
CHECK_VALUE(VFIO_DEVICE_FLAGS_AP, 32);
CHECK_VALUE(VFIO_DEVICE_FLAGS_FSL_MC, 64);
CHECK_VALUE(VFIO_DEVICE_FLAGS_CAPS, 128);
CHECK_VALUE(VFIO_REGION_INFO_FLAG_READ, 1);
CHECK_VALUE(VFIO_REGION_INFO_FLAG_WRITE, 2);
CHECK_VALUE(VFIO_REGION_INFO_FLAG_MMAP, 4);
CHECK_VALUE(VFIO_REGION_INFO_FLAG_CAPS, 8);
CHECK_VALUE(VFIO_DEVICE_FEATURE_MASK, 65535);
CHECK_VALUE(VFIO_DEVICE_FEATURE_GET, 65536);
CHECK_VALUE(VFIO_DEVICE_FEATURE_SET, 131072);
CHECK_VALUE(VFIO_DEVICE_FEATURE_PROBE, 262144);
CHECK_VALUE(VFIO_DMA_MAP_FLAG_READ, 1);
CHECK_VALUE(VFIO_DMA_MAP_FLAG_WRITE, 2);
CHECK_VALUE(VFIO_DMA_MAP_FLAG_VADDR, 4);
CHECK_VALUE(VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP, 1);
CHECK_VALUE(VFIO_DMA_UNMAP_FLAG_ALL, 2);
CHECK_VALUE(VFIO_DMA_UNMAP_FLAG_VADDR, 4);
CHECK_VALUE(VFIO_REGION_INFO_CAP_SPARSE_MMAP, 1);
CHECK_VALUE(VFIO_REGION_INFO_CAP_TYPE, 2);

#define CHECK_IOCTL(name, direction, type, number, size)		\
	_Static_assert((name) == _IOC(direction, type, number, size),	\
		       #name " is not the number of its parts")

CHECK_IOCTL(VFIO_GET_API_VERSION, _IOC_NONE, 0x3b, 100, 0);
CHECK_IOCTL(VFIO_CHECK_EXTENSION, _IOC_NONE, 0x3b, 101, 0);
CHECK_IOCTL(VFIO_SET_IOMMU, _IOC_NONE, 0x3b, 102, 0);
CHECK_IOCTL(VFIO_GROUP_GET_STATUS, _IOC_NONE, 0x3b, 103, 0);
CHECK_IOCTL(VFIO_GROUP_SET_CONTAINER, _IOC_NONE, 0x3b, 104, 0);
CHECK_IOCTL(VFIO_GROUP_UNSET_CONTAINER, _IOC_NONE, 0x3b, 105, 0);
CHECK_IOCTL(VFIO_GROUP_GET_DEVICE_FD, _IOC_NONE, 0x3b, 106, 0);
CHECK_IOCTL(VFIO_DEVICE_GET_INFO, _IOC_NONE, 0x3b, 107, 0);
CHECK_IOCTL(VFIO_DEVICE_GET_REGION_INFO, _IOC_NONE, 0x3b, 108, 0);
CHECK_IOCTL(VFIO_DEVICE_RESET, _IOC_NONE, 0x3b, 111, 0);
CHECK_IOCTL(VFIO_DEVICE_FEATURE, _IOC_NONE, 0x3b, 117, 0);
CHECK_IOCTL(VFIO_IOMMU_MAP_DMA, _IOC_NONE, 0x3b, 113, 0);
CHECK_IOCTL(VFIO_IOMMU_UNMAP_DMA, _IOC_NONE, 0x3b, 114, 0);

static int tests;
static int failures;

static void report(int passed, const char *what)
{
	tests++;
	failures += !passed;
	printf("%sok %d - %s\n", passed ? "" : "not ", tests, what);
}

int main(void)
{
	printf("TAP version 13\n1..1\n");
	report(1, "the compiler checked layout and values");
	return failures != 0;
}
