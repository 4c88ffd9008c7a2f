#define EXAMPLE_IOC ';'
#define EXAMPLE_BASE 100
#define EXAMPLE_VALID(state) ((state) < 3)
#define EXAMPLE_SIGNED (1 << 31)
typedef int example_type;
enum example_kind { EXAMPLE_KIND_B };
union example_data {
	int a;
};
#define EXAMPLE_CAP_FIRST 6
#define EXAMPLE_CAP_SECOND 7
#define EXAMPLE_CAP_THIRD 8
#define EXAMPLE_OTHER_INFO _IO(EXAMPLE_IOC, EXAMPLE_BASE + 5)
#define EXAMPLE_DEVICE_RESET _IOW(EXAMPLE_IOC, EXAMPLE_BASE + 6, int)
#define EXAMPLE_DEVICE_GET _IO(EXAMPLE_IOC, EXAMPLE_BASE + 7)
#define EXAMPLE_DEVICE_LIMIT 0x3b6d
#define EXAMPLE_DEVICE_STRANGE _IO('x', EXAMPLE_BASE + 9)
