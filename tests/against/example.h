#define EXAMPLE_TYPE_ONE 1
#define EXAMPLE_TYPE_TWO (1 << 1)
#define EXAMPLE_TYPE_MASK 3
enum { EXAMPLE_IDLE = 7 };
struct example_info {
	int a;
};
