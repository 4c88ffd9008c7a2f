/* An example. */
struct example_info {
	int argsz;
	int flags;
#define EXAMPLE_INFO_FIRST	1
};
