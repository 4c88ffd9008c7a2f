#define A 1
struct {
